"""What the panels of the picture show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maskloss._cli._comparison import Block, observed_mean
from maskloss._cli._table import Floats

__all__ = ["Panel", "panels"]


@dataclass(frozen=True)
class Panel:
    """One score of every label.

    Attributes
    ----------
    title : str
        What its axis says.
    values : array of float, shape (treatments, labels + 1)
        The last column is the average.
    ideal : float, optional
        Where a line is drawn.
    """

    title: str
    values: Floats
    ideal: float | None = None


def panels(block: Block) -> Sequence[Panel]:
    """Return the leading score, and what tells how well calibrated the fits are.

    Parameters
    ----------
    block : Block
        The labels of one kind.

    Returns
    -------
    sequence of Panel
        From left to right.
    """
    scores = {metric.key: block.per_label[:, place] for place, metric in enumerate(block.metrics)}
    if block.binary:
        return (
            Panel("ROC-AUC (higher is better)", _with_mean(scores["roc_auc"])),
            Panel("log-loss (lower is better)", _with_mean(scores["log_loss"])),
            Panel("mean prediction / observed rate", _rates(block, scores["mean_prediction"]), 1.0),
        )
    # Labels in different units have no common squared error, but a common ratio.
    ratio = scores["mse"] / scores["mse"][0]
    return (
        Panel("R2 (higher is better)", _with_mean(scores["r2"])),
        Panel("MSE / MSE of masked (lower is better)", _with_mean(ratio), 1.0),
    )


def _with_mean(values: Floats) -> Floats:
    return np.column_stack([values, observed_mean(values, axis=1)])


def _rates(block: Block, predicted: Floats) -> Floats:
    """Divide by the observed rates; the averages are those of the labels that have a score."""
    observed = np.where(np.isnan(predicted), np.nan, block.observed)
    return _with_mean(predicted) / _with_mean(observed)
