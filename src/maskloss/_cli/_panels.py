"""The panels of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maskloss._cli._comparison import KindScores, observed_mean
from maskloss._cli._table import Floats

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
    ideal : float, optional
        The value at which to draw a line.
    """

    title: str
    values: Floats
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
    scores = {metric.key: kind.per_label[:, k] for k, metric in enumerate(kind.metrics)}
    if kind.binary:
        return (
            Panel("ROC-AUC (higher is better)", _with_mean(scores["roc_auc"])),
            Panel("log-loss (lower is better)", _with_mean(scores["log_loss"])),
            Panel("mean prediction / observed rate", _rates(kind, scores["mean_prediction"]), 1.0),
        )
    # Squared errors in different units cannot be compared, but their ratios can.
    ratio = scores["mse"] / scores["mse"][0]
    return (
        Panel("R2 (higher is better)", _with_mean(scores["r2"])),
        Panel("MSE / MSE of masked (lower is better)", _with_mean(ratio), 1.0),
    )


def _with_mean(values: Floats) -> Floats:
    return np.column_stack([values, observed_mean(values, axis=1)])


def _rates(kind: KindScores, predicted: Floats) -> Floats:
    """Divide by the observed rates; the averages are over the labels that have a score."""
    observed = np.where(np.isnan(predicted), np.nan, kind.observed)
    return _with_mean(predicted) / _with_mean(observed)
