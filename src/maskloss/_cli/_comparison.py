"""What a comparison of the three treatments found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maskloss._cli._scores import Metric, metrics
from maskloss._cli._table import Bools, Floats, Table

__all__ = ["Block", "Comparison", "observed_mean"]


@dataclass(frozen=True)
class Block:
    """Scores of the labels of one kind.

    Attributes
    ----------
    binary : bool
        Whether the labels are 0 and 1.
    labels : tuple of str
        Their names.
    observed : array of float, shape (labels,)
        Mean of the observed values: the rate of a binary label.
    known : array of float, shape (labels,)
        Share of the rows where the label is observed.
    scores : array of float, shape (folds, treatments, metrics, labels)
        NaN where a label is left out.
    scorable : array of bool, shape (folds, labels)
        Whether the held-out rows show two values or more.
    """

    binary: bool
    labels: tuple[str, ...]
    observed: Floats
    known: Floats
    scores: Floats
    scorable: Bools

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The scores that there are, in the order of their axis."""
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
    """Scores of every label, and what they rest on.

    Attributes
    ----------
    table : Table
        The samples.
    backend : str
        The library that computed the losses.
    folds : int
        How many there are.
    rows : array of int, shape (folds, treatments)
        Rows that each fit learnt from.
    blocks : tuple of Block
        Binary labels, numeric labels; one of them where the table has one kind.
    unconverged : tuple of str
        Treatments of which a fit reached the limit on iterations.
    """

    table: Table
    backend: str
    folds: int
    rows: NDArray[np.int64]
    blocks: tuple[Block, ...]
    unconverged: tuple[str, ...]


def observed_mean(values: Floats, axis: int) -> Floats:
    """Mean of the values that are not NaN; NaN where there is none."""
    present = ~np.isnan(values)
    count = present.sum(axis=axis)
    total = np.where(present, values, 0.0).sum(axis=axis)
    mean: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean
