"""What chunks of rows of logits sum over, and what is left to sum over the rows of all chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from maskloss._arrays.typing import Array, Namespace, Shape
from maskloss._evaluation.reduction import axes_to_sum, size_along, sum_along
from maskloss._inputs.entries import CheckedCall
from maskloss._inputs.options import Settings


@dataclass(frozen=True, slots=True)
class Split:
    """How the sums along the axes of a reduction divide into those of rows.

    Attributes
    ----------
    axis : int or tuple of int
        The axes of the entries of a chunk, a row or a row and a class, that it sums over.
    rows, classes : int
        How many numbers all chunks give: one for each row, for each class, or for each of both.
    shape : tuple of int
        That of these numbers with the axes of the entries.
    axes : tuple of int
        The axes of them that are left to sum over.
    """

    axis: int | tuple[int, ...]
    rows: int
    classes: int
    shape: Shape
    axes: Shape

    @classmethod
    def of(cls, checked: CheckedCall) -> Split:
        """Find out for a call."""
        entries = checked.layout.entries
        axes = axes_to_sum(checked.settings, entries)
        if checked.layout.row_axes:
            return cls((), size_along(entries, tuple(range(len(entries)))), 1, entries, axes)
        last = len(entries) - 1
        rows = size_along(entries, tuple(range(last)))
        if last in axes:
            return cls(1, rows, 1, (*entries[:-1], 1), axes)
        if len(axes) == last:
            return cls(0, 1, entries[-1], (1,) * last + entries[-1:], ())
        return cls((), rows, entries[-1], entries, axes)

    @property
    def is_of_elements(self) -> bool:
        """Whether the numbers are as many as the logits."""
        return self.rows > 1 and self.classes > 1

    def settings(self, settings: Settings, reduction: Literal["sum", "sums"]) -> Settings:
        """Return the settings of a chunk, for one of the reductions to sums."""
        return settings._replace(reduction=reduction, axis=self.axis, divisor=None, empty=0.0)

    def total(self, xp: Namespace, numbers: Array) -> Array:
        """Sum the numbers of all chunks, (rows, classes), along the axes, which are kept."""
        return sum_along(xp, xp.reshape(numbers, self.shape), self.axes)
