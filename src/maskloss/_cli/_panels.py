"""The panels of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ._comparison import KindScores, observed_mean
from ._effects import standard_error
from ._table import Floats

__all__ = ["Panel", "panels"]


@dataclass(frozen=True)
class Panel:
    """One score of every label, for every treatment.

    Attributes
    ----------
    title : str
        The title of its axis.
    values : array of float, shape (treatments, labels + 1)
        The scores; the last column is their average.
    errors : array of float, shape (treatments, labels + 1)
        The standard errors of the scores over the folds; NaN for fewer than two folds.
    ideal : float, optional
        The value at which to draw a line.
    """

    title: str
    values: Floats
    errors: Floats
    ideal: float | None = None


def panels(kind: KindScores) -> Sequence[Panel]:
    """Return the panels of the leading score, and of how well the fits are calibrated.

    Parameters
    ----------
    kind : KindScores
        The scores of the labels of one kind.

    Returns
    -------
    sequence of Panel
        The panels from left to right.
    """
    scores = {metric.key: kind.scores[:, :, k] for k, metric in enumerate(kind.metrics)}
    if kind.binary:
        return (
            _plain("ROC-AUC (higher is better)", scores["roc_auc"]),
            _plain("log-loss (lower is better)", scores["log_loss"]),
            _rates(kind, scores["mean_prediction"]),
        )
    return _plain("R2 (higher is better)", scores["r2"]), _ratios(scores["mse"])


def _plain(title: str, scores: Floats) -> Panel:
    average = _with_mean(observed_mean(scores, axis=0))
    return Panel(title, average, standard_error(_with_mean(scores)))


def _rates(kind: KindScores, predicted: Floats) -> Panel:
    """Divide by the observed rates; the averages are over the labels that have a score."""
    absent = np.isnan(predicted).all(axis=0)
    observed = _with_mean(np.where(absent, np.nan, kind.observed))
    plain = _plain("mean prediction / observed rate", predicted)
    return Panel(plain.title, plain.values / observed, plain.errors / observed, 1.0)


def _ratios(mse: Floats) -> Panel:
    """Divide by the MSE of masked: squared errors in different units cannot be compared."""
    mean = observed_mean(mse, axis=0)
    masked = np.where(mean[0] > 0, mean[0], np.nan)
    ratio = mean / masked
    # The standard error of a ratio of means is that of what the ratio leaves over.
    left = (mse - ratio * mse[:, :1]) / masked
    return Panel(
        "MSE / MSE of masked (lower is better)",
        _with_mean(ratio),
        standard_error(_with_mean(left)),
        1.0,
    )


def _with_mean(values: Floats) -> Floats:
    return np.concatenate([values, observed_mean(values, axis=-1)[..., None]], axis=-1)
