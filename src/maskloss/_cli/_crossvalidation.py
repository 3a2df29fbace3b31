"""Fit the three treatments in every fold, and score them on the held-out rows."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from ._backend import backend_arrays
from ._comparison import Comparison, KindScores
from ._errors import UserError
from ._features import Features
from ._models import Model
from ._scores import score, varies
from ._table import Floats, Table
from ._treatments import TREATMENTS, fit, kept_rows

__all__ = ["SEED", "OnFit", "cross_validate"]

SEED = 0

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
OnFit = Callable[[], object]


def cross_validate(
    table: Table,
    *,
    folds: int,
    model: str,
    backend: str,
    on_fit: OnFit = lambda: None,
    keeps_predictions: bool = False,
) -> Comparison:
    """Compare the three treatments.

    Parameters
    ----------
    table : Table
        The samples.
    folds : int
        The number of parts into which the groups are split; each part is held out once.
    model : {"linear", "xgboost", "lightgbm", "catboost"}
        The model that is fitted.
    backend : {"numpy", "torch", "jax"}
        The array library that computes the losses of the linear model.
    on_fit : callable, optional
        A function to call after each fit: for every kind of label, fold and treatment.
    keeps_predictions : bool, default: False
        Whether to keep the predictions of the held-out rows.

    Returns
    -------
    Comparison
        The scores.

    Raises
    ------
    UserError
        If there are fewer groups than folds, or the library is not installed.
    """
    splits = _splits(table, folds)
    features = Features(table)
    column_sets = [
        np.flatnonzero(table.binary == binary) for binary in np.unique(table.binary)[::-1]
    ]
    kinds, unconverged = [], set()
    predictions = np.empty((len(TREATMENTS), *table.targets.shape)) if keeps_predictions else None
    # On small arrays, several threads wait for one another, which halves the speed.
    with backend_arrays(backend) as asarray, threadpool_limits(1):
        for columns in column_sets:
            fits = [
                _fold_scores(
                    table, columns, features, split, Model(model, asarray), on_fit, predictions
                )
                for split in splits
            ]
            kinds.append(
                _kind_scores(table, columns, splits, np.array([scores for scores, _ in fits]))
            )
            unconverged |= {treatment for _, stopped in fits for treatment in stopped}
    return Comparison(
        table=table,
        model=model,
        backend=backend,
        folds=folds,
        rows=np.array([_rows(table, train) for train, _ in splits]),
        kinds=tuple(kinds),
        unconverged=tuple(sorted(unconverged)),
        fold_of_row=_fold_of_row(splits, len(table.targets)),
        predictions=predictions,
    )


def _splits(table: Table, folds: int) -> list[Fold]:
    groups = len(np.unique(table.groups))
    if groups < folds:
        held = "rows" if table.grouped_by is None else f"groups in column {table.grouped_by!r}"
        msg = (
            f"the table has {groups} {held}, fewer than the {folds} folds: expected one or more "
            "for each fold; give fewer --folds or another --group"
        )
        raise UserError(msg)
    splitter = GroupKFold(folds, shuffle=True, random_state=SEED)
    return list(splitter.split(table.targets, groups=table.groups))


def _fold_of_row(splits: Sequence[Fold], rows: int) -> NDArray[np.int64]:
    folds = np.empty(rows, np.int64)
    for fold, (_, test) in enumerate(splits):
        folds[test] = fold
    return folds


def _rows(table: Table, train: NDArray[np.int64]) -> list[int]:
    return [int(kept_rows(treatment, table.known[train]).sum()) for treatment in TREATMENTS]


def _fold_scores(
    table: Table,
    columns: NDArray[np.int64],
    features: Features,
    fold: Fold,
    model: Model,
    on_fit: OnFit,
    predictions: Floats | None,
) -> tuple[list[Floats], list[str]]:
    """Return the scores of every treatment in a fold, and the treatments that did not converge.

    Fill in the `predictions` of the held-out rows, if any.
    """
    train, test = fold
    scale = features.scale(train)
    design, held_out = features.of(train, scale), features.of(test, scale)
    targets = table.targets[:, columns]
    binary = bool(table.binary[columns[0]])
    scores, stopped = [], []
    for place, treatment in enumerate(TREATMENTS):
        kept = kept_rows(treatment, table.known[train])
        learnt = design if kept.all() else design[kept]
        fitted = fit(treatment, learnt, targets[train[kept]], binary=binary, model=model)
        predicted = fitted.predict(held_out)
        if predictions is not None:
            predictions[place, test[:, None], columns] = predicted
        scores.append(score(targets[test], predicted, binary=binary))
        stopped += [] if fitted.converged else [treatment]
        on_fit()
    return scores, stopped


def _kind_scores(
    table: Table, columns: NDArray[np.int64], splits: Sequence[Fold], scores: Floats
) -> KindScores:
    targets = table.targets[:, columns]
    with np.errstate(over="ignore", invalid="ignore"):
        observed = table.observed_mean[columns]
    return KindScores(
        binary=bool(table.binary[columns[0]]),
        labels=tuple(table.labels[column] for column in columns),
        observed=observed,
        known=np.isfinite(targets).mean(axis=0),
        scores=scores,
        scorable=np.array([[varies(target) for target in targets[test].T] for _, test in splits]),
    )
