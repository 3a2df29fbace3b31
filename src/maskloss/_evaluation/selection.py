"""The division of entries into blocks, and the observed entries of each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array, Shape
from maskloss._inputs.layout import BoundLayout

_ALL = slice(None)

Block = tuple[slice, ...]


def blocks_of(shape: Shape, row: int, limit: int) -> Iterator[Block]:
    """Divide entries of `row` elements each into blocks of neighbours, of a number of elements."""
    if 0 in shape:
        return
    inner, axis = max(row, 1), len(shape)
    while axis and inner * shape[axis - 1] <= limit:
        axis -= 1
        inner *= shape[axis]
    whole = (slice(None),) * (len(shape) - axis)
    if axis == 0:
        yield whole
        return
    step = max(1, limit // inner)
    for lead in itertools.product(*map(range, shape[: axis - 1])):
        ahead = tuple(slice(k, k + 1) for k in lead)
        for start in range(0, shape[axis - 1], step):
            yield (*ahead, slice(start, start + step), *whole)


@dataclass(frozen=True, slots=True)
class Selection:
    """Takes the same entries of every array that is lined up with the prediction.

    Attributes
    ----------
    layout : BoundLayout
        That of the prediction.
    block : tuple of slice
        Which of its entries.
    shape : tuple of int
        Shape of the entries of the block.
    number : int
        How many entries are selected.
    span : slice
        Which of the entries of the block, in a row, they are chosen from; the spans of the batches
        of a selection make up its block.
    index : integer array, optional
        Which entries of the span, in order; None takes all.
    """

    xp: Namespace
    layout: BoundLayout
    block: Block
    shape: Shape
    number: int
    span: slice
    index: Array | None = None

    @classmethod
    def of(cls, xp: Namespace, layout: BoundLayout, block: Block) -> Selection:
        """Select all entries of a block."""
        shape = tuple(
            len(range(*part.indices(size)))
            for part, size in zip(block, layout.entries, strict=True)
        )
        return cls(xp, layout, block, shape, math.prod(shape), _ALL)

    def only(self, index: Array) -> Selection:
        """Select some entries of the block."""
        return Selection(self.xp, self.layout, self.block, self.shape, len(index), self.span, index)

    def batches(self, row: int, limit: int) -> Iterator[tuple[slice, Selection]]:
        """Divide the selected entries, of `row` elements each, into parts to compute at once."""
        number = min(self.number, -(-self.number * row // limit))
        if number <= 1:
            yield _ALL, self
            return
        bounds = [self.number * k // number for k in range(number + 1)]
        for start, stop in itertools.pairwise(bounds):
            yield slice(start, stop), self._batch(start, stop)

    def _batch(self, start: int, stop: int) -> Selection:
        if self.index is None:
            return replace(self, number=stop - start, span=slice(start, stop))
        # From the first of its entries to the next batch's: spans leave nothing out.
        first = int(self.index[start]) if start else 0
        last = int(self.index[stop]) if stop < self.number else math.prod(self.shape)
        index = self.index[start:stop] - first
        return replace(self, number=stop - start, span=slice(first, last), index=index)

    def __call__(self, array: Array) -> Array:
        """Return (entries, *row), with one entry where all have the same."""
        array = self._rows_last(array)
        shape, entries = tuple(array.shape), self.layout.entries
        own, row = shape[: len(entries)], shape[len(entries) :]
        if own != entries:
            if all(size == 1 for size in own):
                return array.reshape((1, *row))
            array = self.xp.broadcast_to(array, entries + row)
        flat = array[self.block].reshape((-1, *row))[self.span]
        return flat if self.index is None else flat.take(self.index, axis=0)

    def put(self, into: Array, array: Array) -> None:
        """Write what was selected of a whole array, and 0 where nothing of the span is."""
        place = self._rows_last(into)[(*self.block, ...)]
        if not place.flags.c_contiguous:
            place[...] = self.dense(array).reshape(place.shape)
            return
        flat = place.reshape((-1, *array.shape[1:]))[self.span]
        if self.index is not None:
            flat[...] = 0
        flat[... if self.index is None else self.index] = array

    def dense(self, array: Array) -> Array:
        """Spread what was selected over the span, with 0 elsewhere."""
        if self.index is None:
            return array
        dense = self.xp.zeros((self.extent, *array.shape[1:]), dtype=array.dtype)
        dense[self.index] = array
        return dense

    @property
    def extent(self) -> int:
        """How many entries the span has."""
        return len(range(*self.span.indices(math.prod(self.shape))))

    def of_entries(self, numbers: Array | float) -> Array | float:
        """Take the same part of numbers of which each entry has one, or of one for all."""
        if isinstance(numbers, float):
            return numbers
        return self(self.layout.expand(self.xp, numbers))

    def _rows_last(self, array: Array) -> Array:
        axes = self.layout.row_axes
        if not axes or axes == tuple(range(array.ndim - len(axes), array.ndim)):
            return array
        front = tuple(k for k in range(array.ndim) if k not in axes)
        return self.xp.permute_dims(array, front + axes)
