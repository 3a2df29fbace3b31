"""Running sums over blocks: memory does not grow with the number of blocks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape
from .reduction import Tally
from .selection import Block, Selection


@dataclass(frozen=True, slots=True)
class BlockResult:
    """The sums of a batch, and the weighted derivatives of its observed entries.

    With `observed`, there is a derivative of every entry of the batch, 0 where it is not observed.
    """

    selection: Selection
    total: Array | float
    count: Array | int
    weight: Array | float | None = None
    derivatives: Sequence[Array] = ()
    observed: Array | None = None

    def sums(self) -> BlockResult:
        """Return the sums without the derivatives."""
        return BlockResult(self.selection, self.total, self.count, self.weight)

    def put(self, factor: Array | float, outputs: Iterable[Array]) -> None:
        """Write the derivatives, times a factor per entry, into whole arrays.

        Entries that are not observed get 0. Together, the blocks fill the empty output arrays.
        """
        xp, factor = self.selection.xp, self.selection.of_entries(factor)
        if self.observed is not None and not xp.isfinite(xp.sum(factor)):
            factor = xp.where(self.observed, factor, 0.0)  # 0 times infinity would be NaN
        for output, derivative in zip(outputs, self.derivatives, strict=True):
            self.selection.put(output, derivative * factor)


def add_up(
    xp: Namespace, shape: Shape, axes: Shape, dtype: object, results: Iterable[BlockResult]
) -> tuple[Array, Tally]:
    """Add up results in order along `axes` of the entries, keeping the axes."""
    kept = tuple(1 if k in axes else n for k, n in enumerate(shape))

    def start(dtype: object) -> _Number | _Numbers:
        if len(axes) == len(shape):
            return _Number(xp, kept, dtype)
        return _Numbers(xp, kept, dtype, are_added=bool(axes))

    total, count, weight = start(dtype), start(int), None
    for result in results:
        where = tuple(
            slice(None) if k in axes else own for k, own in enumerate(result.selection.block)
        )
        total.add(where, result.total)
        count.add(where, result.count)
        if result.weight is not None:
            weight = weight or start(dtype)
            weight.add(where, result.weight)
    return total.result(), Tally(count.result(), None if weight is None else weight.result())


class _Number:
    """A sum along all axes."""

    def __init__(self, xp: Namespace, kept: Shape, dtype: object) -> None:
        self._xp, self._kept, self._dtype = xp, kept, dtype
        self._summands: list[Any] = []

    def add(self, _: Block, number: Array | float) -> None:
        self._summands.append(number)

    def result(self) -> Array | int:
        if self._dtype is int:
            return sum(self._summands)
        return self._xp.full(self._kept, _exact_sum(self._summands), dtype=self._dtype)


def _exact_sum(numbers: Sequence[float]) -> float:
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # overflow, or inf - inf
        return sum(numbers)


class _Numbers:
    """Sums along some axes, in float64 where several numbers are added."""

    def __init__(self, xp: Namespace, kept: Shape, dtype: object, *, are_added: bool) -> None:
        self._xp, self._dtype = xp, xp.int64 if dtype is int else dtype
        is_wide = are_added and dtype is not int
        self._sums = xp.zeros(kept, dtype=xp.float64 if is_wide else self._dtype)

    def add(self, where: Block, numbers: Array | float) -> None:
        self._sums[where] += numbers

    def result(self) -> Array:
        return self._xp.astype(self._sums, self._dtype, copy=False)
