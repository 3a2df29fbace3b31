"""Scores of predictions on observed held-out labels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    log_loss,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)

from maskloss._cli._table import Floats
from maskloss._labels.masked_score import masked_score

__all__ = ["Metric", "metrics", "score", "varies"]


@dataclass(frozen=True)
class Metric:
    """One score.

    Attributes
    ----------
    key : str
        Its name in JSON.
    title : str
        Its name in a report.
    score : callable
        From observed labels and predictions to a number.
    best : {"high", "low", "observed"}
        Which values are good; ``"observed"`` means close to the mean of the observed labels.
    form : str
        How it is printed: four significant digits where it has the label's unit.
    """

    key: str
    title: str
    score: Callable[[Floats, Floats], float]
    best: str
    form: str = ".3f"


def _log_loss(target: Floats, prediction: Floats) -> float:
    return float(log_loss(target, prediction, labels=[0, 1]))


def _mean_prediction(_: Floats, prediction: Floats) -> float:
    return float(np.mean(prediction))


_BINARY = (
    Metric("roc_auc", "ROC-AUC", roc_auc_score, "high"),
    Metric("average_precision", "average precision", average_precision_score, "high"),
    Metric("log_loss", "log-loss", _log_loss, "low"),
    Metric("mean_prediction", "mean prediction", _mean_prediction, "observed"),
)
_NUMERIC = (
    Metric("r2", "R2", r2_score, "high"),
    Metric("mse", "MSE", mean_squared_error, "low", "#.4g"),
    Metric("mean_prediction", "mean prediction", _mean_prediction, "observed", "#.4g"),
)


def metrics(*, binary: bool) -> tuple[Metric, ...]:
    """Return the scores of one kind of label, the leading one first."""
    return _BINARY if binary else _NUMERIC


def score(targets: Floats, predictions: Floats, *, binary: bool) -> Floats:
    """Score the predictions of each label where it is observed.

    Parameters
    ----------
    targets, predictions : array of float, shape (rows, labels)
        Labels, NaN where missing; predictions, NaN for a label that could not be trained.
    binary : bool
        Whether the labels are 0 and 1.

    Returns
    -------
    array of float, shape (metrics, labels)
        NaN for a label that has no prediction, or whose observed values are all the same.
    """
    known = np.isfinite(targets) & ~np.isnan(predictions).any(axis=0)
    scores = [
        masked_score(metric.score, targets, predictions, mask=known, average=None, defined=varies)
        for metric in metrics(binary=binary)
    ]
    return np.asarray(scores)


def varies(target: Floats) -> bool:
    """Whether a label's observed values are of two classes or more."""
    return len(np.unique(target[np.isfinite(target)])) > 1
