"""Score predictions on observed held-out labels."""

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

from .._labels.masked_score import masked_score
from ._table import Floats

__all__ = ["LARGEST", "Metric", "metrics", "score", "squarable", "varies"]

# Sums of squares of numbers up to this size are finite.
LARGEST = 1e150


@dataclass(frozen=True)
class Metric:
    """A metric, with its names and its format.

    Attributes
    ----------
    key : str
        The name of the metric in JSON.
    title : str
        The name of the metric in a report.
    score : callable
        A function from observed labels and predictions to a number.
    best : {"high", "low", "observed"}
        The best values; ``"observed"`` means close to the mean of the observed labels.
    question : str
        The question that the metric answers in the verdict, if any.
    digits : int
        The number of significant digits that are printed.
    """

    key: str
    title: str
    score: Callable[[Floats, Floats], float]
    best: str
    question: str = ""
    digits: int = 3


def _log_loss(target: Floats, prediction: Floats) -> float:
    return float(log_loss(target, prediction, labels=[0, 1]))


def _mean_prediction(_: Floats, prediction: Floats) -> float:
    return float(np.mean(prediction))


_BINARY = (
    Metric("roc_auc", "ROC-AUC", roc_auc_score, "high", "ranking"),
    Metric("average_precision", "average precision", average_precision_score, "high"),
    Metric("log_loss", "log-loss", _log_loss, "low", "calibration"),
    Metric("mean_prediction", "mean prediction", _mean_prediction, "observed"),
)
_NUMERIC = (
    Metric("r2", "R2", r2_score, "high", "error"),
    Metric("mse", "MSE", mean_squared_error, "low", digits=4),
    Metric("mean_prediction", "mean prediction", _mean_prediction, "observed", digits=4),
)


def metrics(*, binary: bool) -> tuple[Metric, ...]:
    """Return the metrics of one kind of label, the leading metric first."""
    return _BINARY if binary else _NUMERIC


def score(targets: Floats, predictions: Floats, *, binary: bool) -> Floats:
    """Score the predictions of each label where it is observed.

    Parameters
    ----------
    targets, predictions : array of float, shape (rows, labels)
        The labels, NaN where missing, and the predictions, NaN for a label without a fit.
    binary : bool
        Whether the labels are 0 and 1.

    Returns
    -------
    array of float, shape (metrics, labels)
        The scores; NaN for a label without a prediction, or whose observed values are all equal,
        and for a score beyond the largest number.
    """
    known = np.isfinite(targets) & ~np.isnan(predictions).any(axis=0)
    scores = [
        masked_score(metric.score, targets, predictions, mask=known, average=None, defined=varies)
        for metric in metrics(binary=binary)
    ]
    finite: Floats = np.where(np.isfinite(scores), scores, np.nan)
    return finite


def varies(target: Floats) -> bool:
    """Return whether a label has two or more distinct observed values."""
    return len(np.unique(target[np.isfinite(target)])) > 1


def squarable(target: Floats) -> bool:
    """Return whether the squares of a label's observed values are finite, as is their sum."""
    return bool((np.abs(target[np.isfinite(target)]) <= LARGEST).all())
