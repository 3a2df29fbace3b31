"""A table as the fits see it: targets with gaps, features, groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats", "Table"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Table:
    """Samples in rows; a missing label or feature value is NaN.

    Attributes
    ----------
    name : str
        What the report calls it.
    labels : tuple of str
        Names of the label columns.
    targets : array of float, shape (rows, labels)
        The labels; those with two known values as 0 and 1.
    binary : array of bool, shape (labels,)
        Which labels have two known values.
    feature_names : tuple of str
        Names of the numeric feature columns.
    numeric : array of float, shape (rows, features)
        Their values.
    groups : array of int, shape (rows,)
        Rows with the same number stay in one fold.
    grouped_by : str, optional
        The column the groups come from; without one each row is its own group.
    text_name : str, optional
        Name of the text column.
    text : tuple of str, optional
        Its values.
    left_out : tuple of str
        Columns that are neither label, group nor feature.
    feature_gaps : mapping of str to float
        Share of the values missing, for the feature columns that miss some.
    notes : tuple of str
        What the user should know about how the table was read.
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
    left_out: tuple[str, ...] = ()
    feature_gaps: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> Bools:
        """Where a label is observed."""
        return np.isfinite(self.targets)

    @property
    def observed_mean(self) -> Floats:
        """Mean of each label's observed values: the rate of a binary one."""
        return np.array([column[np.isfinite(column)].mean() for column in self.targets.T])
