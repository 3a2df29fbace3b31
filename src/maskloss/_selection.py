"""The division of entries into blocks, and the observed entries of each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from maskloss._grid import Grid
from maskloss._typing import Array, Namespace, Shape

# Elements of a block: a dozen float32 temporaries of it stay within a second-level cache.
BLOCK = 131_072

Block = tuple[slice, ...]


def blocks_of(shape: Shape, row: int) -> Iterator[Block]:
    """Divide entries of `row` elements each into blocks of neighbours."""
    if 0 in shape:
        return
    inner, axis = max(row, 1), len(shape)
    while axis and inner * shape[axis - 1] <= BLOCK:
        axis -= 1
        inner *= shape[axis]
    whole = (slice(None),) * (len(shape) - axis)
    if axis == 0:
        yield whole
        return
    step = max(1, BLOCK // inner)
    for lead in itertools.product(*map(range, shape[: axis - 1])):
        ahead = tuple(slice(k, k + 1) for k in lead)
        for start in range(0, shape[axis - 1], step):
            yield (*ahead, slice(start, start + step), *whole)


@dataclass(frozen=True, slots=True)
class Selection:
    """Takes the same entries of every array that is lined up with the prediction.

    Attributes
    ----------
    grid : Grid
        That of the prediction.
    block : tuple of slice
        Which of its entries.
    shape : tuple of int
        Shape of the entries of the block.
    number : int
        How many entries are selected.
    index : integer array, optional
        Which entries of the block, in order; None takes all.
    """

    xp: Namespace
    grid: Grid
    block: Block
    shape: Shape
    number: int
    index: Array | None = None

    @classmethod
    def of(cls, xp: Namespace, grid: Grid, block: Block) -> Selection:
        """Select all entries of a block."""
        shape = tuple(
            len(range(*part.indices(size))) for part, size in zip(block, grid.entries, strict=True)
        )
        return cls(xp, grid, block, shape, math.prod(shape))

    def only(self, index: Array) -> Selection:
        """Select some entries of the block."""
        return replace(self, index=index, number=len(index))

    def __call__(self, array: Array) -> Array:
        """Return (entries, *row), with one entry where all have the same."""
        array = self._rows_last(array)
        shape, entries = tuple(array.shape), self.grid.entries
        own, row = shape[: len(entries)], shape[len(entries) :]
        if own != entries:
            if all(size == 1 for size in own):
                return array.reshape((1, *row))
            array = self.xp.broadcast_to(array, entries + row)
        flat = array[self.block].reshape((-1, *row))
        return flat if self.index is None else flat.take(self.index, axis=0)

    def put(self, into: Array, array: Array) -> None:
        """Write what was selected of a whole array, which is 0 where nothing is."""
        place = self._rows_last(into)[(*self.block, ...)]
        if self.index is not None and place.flags.c_contiguous:
            place.reshape((-1, *array.shape[1:]))[self.index] = array
        else:
            place[...] = self.block_of(array, place.shape)

    def block_of(self, array: Array, shape: Shape) -> Array:
        """Lay what was selected out in the shape of the block, 0 elsewhere."""
        if self.index is not None:
            row = tuple(array.shape[1:])
            entries = shape[: len(shape) - len(row)]
            dense = self.xp.zeros((math.prod(entries), *row), dtype=array.dtype)
            dense[self.index] = array
            array = dense
        return array.reshape(shape)

    def of_entries(self, numbers: Array | float) -> Array | float:
        """Take the same part of numbers of which each entry has one, or of one for all."""
        if isinstance(numbers, float):
            return numbers
        return self(self.grid.expand(self.xp, numbers))

    def _rows_last(self, array: Array) -> Array:
        axes = self.grid.row_axes
        if not axes or axes == tuple(range(array.ndim - len(axes), array.ndim)):
            return array
        front = tuple(k for k in range(array.ndim) if k not in axes)
        return self.xp.permute_dims(array, front + axes)
