"""The result of a comparison of the three treatments."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ._coverage import Coverage, cover
from ._scores import Metric, metrics
from ._table import Bools, Floats, Table

__all__ = ["Comparison", "KindScores", "observed_mean"]


@dataclass(frozen=True)
class KindScores:
    """Scores of the labels of one kind.

    Attributes
    ----------
    binary : bool
        Whether the labels are 0 and 1.
    labels : tuple of str
        The names of the labels.
    observed : array of float, shape (labels,)
        The mean of the observed values: the rate of a binary label.
    known : array of float, shape (labels,)
        The share of the rows where the label is observed.
    scores : array of float, shape (folds, treatments, metrics, labels)
        The scores, NaN where a label is left out.
    scorable : array of bool, shape (folds, labels)
        Whether the held-out rows have two observed values or more.
    """

    binary: bool
    labels: tuple[str, ...]
    observed: Floats
    known: Floats
    scores: Floats
    scorable: Bools

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics, in the order of their axis."""
        return metrics(binary=self.binary)

    @property
    def per_label(self) -> Floats:
        """Mean over the folds, of shape (treatments, metrics, labels)."""
        return observed_mean(self.scores, axis=0)

    @property
    def average(self) -> Floats:
        """Mean over the folds and then the labels, of shape (treatments, metrics)."""
        return observed_mean(self.per_label, axis=-1)


@dataclass(frozen=True)
class Comparison:
    """The scores of every label, and the data and the fits behind them.

    Attributes
    ----------
    table : Table
        The samples.
    model : str
        The model that was fitted.
    backend : str
        The array library that computed the losses of the linear model.
    folds : int
        The number of folds.
    rows : array of int, shape (folds, treatments)
        The number of rows that each fit learnt from.
    kinds : tuple of KindScores
        The scores of binary labels, then of numeric labels; a table may have one kind only.
    unconverged : tuple of str
        The treatments with a fit that reached the limit on iterations.
    fold_of_row : array of int, shape (rows,)
        The fold, counted from 0, in which each row is held out.
    predictions : array of float, shape (treatments, rows, labels), optional
        What each treatment predicts of the held-out rows, if that was asked for.
    """

    table: Table
    model: str
    backend: str
    folds: int
    rows: NDArray[np.int64]
    kinds: tuple[KindScores, ...]
    unconverged: tuple[str, ...]
    fold_of_row: NDArray[np.int64]
    predictions: Floats | None = None

    @cached_property
    def coverage(self) -> Coverage:
        """Which labels of the table are observed."""
        return cover(self.table)


def observed_mean(values: Floats, axis: int) -> Floats:
    """Return the mean of the values that are not NaN, or NaN if all are NaN."""
    present = ~np.isnan(values)
    count = present.sum(axis=axis)
    total = np.where(present, values, 0.0).sum(axis=axis)
    mean: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean
