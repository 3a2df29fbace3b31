"""Split the axes of a reduction: sums within chunks of rows, then sums over all chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape
from .._evaluation.axes import axes_to_sum, size_along, sum_along
from .._inputs.checked_call import CheckedCall
from .._inputs.options import Settings


@dataclass(frozen=True, slots=True)
class Split:
    """The sums within each chunk of rows, and the sums over the results of all chunks.

    Attributes
    ----------
    axis : int or tuple of int
        The axes over which a chunk sums its entries (rows, or rows and classes).
    rows, classes : int
        The number of results over all chunks: one per row, one per class, or one per row and class.
    shape : tuple of int
        The shape of these results with the axes of the entries.
    axes : tuple of int
        The axes of the results that remain to be summed.
    """

    axis: int | tuple[int, ...]
    rows: int
    classes: int
    shape: Shape
    axes: Shape

    @classmethod
    def of(cls, checked: CheckedCall) -> Split:
        """Return the split for the reduction of a call."""
        entries = checked.layout.entries
        axes = axes_to_sum(checked.settings, checked.layout)
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
        """Whether there is one result per logit."""
        return self.rows > 1 and self.classes > 1

    def settings(self, settings: Settings, reduction: Literal["sum", "sums"]) -> Settings:
        """Return the settings of a chunk, whose reduction is `reduction` along `axis`."""
        return settings._replace(reduction=reduction, axis=self.axis, divisor=None, empty=0.0)

    def total(self, xp: Namespace, numbers: Array) -> Array:
        """Sum the results of all chunks, (rows, classes), along `axes`, and keep these axes."""
        return sum_along(xp, xp.reshape(numbers, self.shape), self.axes)
