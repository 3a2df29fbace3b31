"""What blocks add up to, added as they come: in memory that does not grow with their number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from maskloss._arrays.typing import Array, Namespace, Shape
from maskloss._evaluation.selection import Block, Selection


@dataclass(frozen=True, slots=True)
class Piece:
    """What a block adds to the sums, and the weighted derivatives of its observed entries."""

    selection: Selection
    total: Array | float
    count: Array | int
    weight: Array | float | None = None
    derivatives: Sequence[Array] = ()

    def sums(self) -> Piece:
        """Return the sums alone."""
        return Piece(self.selection, self.total, self.count, self.weight)


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums over all blocks along the axes of the reduction, which are kept."""

    total: Array
    count: Array | int
    weight: Array | None


def add_up(
    xp: Namespace, shape: Shape, axes: Shape, dtype: object, pieces: Iterable[Piece]
) -> Tally:
    """Add up pieces in their order, along some axes of entries of this shape."""
    kept = tuple(1 if k in axes else n for k, n in enumerate(shape))

    def start(dtype: object) -> _Number | _Numbers:
        if len(axes) == len(shape):
            return _Number(xp, kept, dtype)
        return _Numbers(xp, kept, dtype, are_added=bool(axes))

    total, count, weight = start(dtype), start(int), None
    for piece in pieces:
        place = tuple(
            slice(None) if k in axes else where for k, where in enumerate(piece.selection.block)
        )
        total.add(place, piece.total)
        count.add(place, piece.count)
        if piece.weight is not None:
            weight = weight or start(dtype)
            weight.add(place, piece.weight)
    return Tally(total.result(), count.result(), None if weight is None else weight.result())


class _Number:
    """A sum along all axes."""

    def __init__(self, xp: Namespace, kept: Shape, dtype: object) -> None:
        self._xp, self._kept, self._dtype = xp, kept, dtype
        self._parts: list[Any] = []

    def add(self, _: Block, part: Array | float) -> None:
        self._parts.append(part)

    def result(self) -> Array | int:
        if self._dtype is int:
            return sum(self._parts)
        return self._xp.full(self._kept, _exact_sum(self._parts), dtype=self._dtype)


def _exact_sum(numbers: Sequence[float]) -> float:
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # more than a float can hold, or inf - inf
        return sum(numbers)


class _Numbers:
    """Sums along some axes, in float64 where more than one number makes a sum."""

    def __init__(self, xp: Namespace, kept: Shape, dtype: object, *, are_added: bool) -> None:
        self._xp, self._dtype = xp, xp.int64 if dtype is int else dtype
        is_wide = are_added and dtype is not int
        self._whole = xp.zeros(kept, dtype=xp.float64 if is_wide else self._dtype)

    def add(self, place: Block, part: Array | float) -> None:
        self._whole[place] += part

    def result(self) -> Array:
        return self._xp.astype(self._whole, self._dtype, copy=False)
