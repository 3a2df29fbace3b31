"""The table for the fits: targets with NaN where missing, features, and groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats", "Table"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Table:
    """Samples in rows; NaN stands for a missing label or feature value.

    Attributes
    ----------
    name : str
        The name of the table in the report.
    labels : tuple of str
        Names of the label columns.
    targets : array of float, shape (rows, labels)
        The labels; a label with two known values has values 0 and 1.
    binary : array of bool, shape (labels,)
        Whether each label has two known values.
    feature_names : tuple of str
        Names of the numeric feature columns.
    words : mapping of str to sequence of str
        The words of each column of categories, whose features are the last ones.
    numeric : array of float, shape (rows, features)
        The values of the numeric feature columns.
    groups : array of int, shape (rows,)
        The group of each row; rows of one group share a fold.
    grouped_by : str, optional
        The column of the groups; without one, each row is its own group.
    text_name : str, optional
        Name of the text column.
    text : tuple of str, optional
        The values of the text column.
    left_out : tuple of str
        The columns that are neither label, group nor feature.
    feature_gaps : mapping of str to float
        The share of missing values, for each feature column with missing values.
    notes : tuple of str
        Notes for the user on how the table was read.
    """

    name: str
    labels: tuple[str, ...]
    targets: Floats
    binary: Bools
    feature_names: tuple[str, ...]
    numeric: Floats
    groups: NDArray[np.int64]
    grouped_by: str | None = None
    text_name: str | None = None
    text: tuple[str, ...] | None = None
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    feature_gaps: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> Bools:
        """True where a label is observed."""
        return np.isfinite(self.targets)

    @property
    def observed_mean(self) -> Floats:
        """The mean of each label's observed values: the rate of a binary label."""
        return np.array([column[np.isfinite(column)].mean() for column in self.targets.T])
