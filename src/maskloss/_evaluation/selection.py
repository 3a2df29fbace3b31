"""The division of entries into blocks, and the selection of the observed entries of a block."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape
from .._inputs.bound_layout import BoundLayout

_ALL = slice(None)

Block = tuple[slice, ...]


def blocks_of(shape: Shape, row: int, limit: int) -> Iterator[Block]:
    """Divide entries, of `row` elements each, into contiguous blocks of up to `limit` elements."""
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
    """The same entries of every array that is lined up with the prediction.

    Attributes
    ----------
    layout : BoundLayout
        The layout of the prediction.
    block : tuple of slice
        The slices of the block, one per axis of the entries.
    shape : tuple of int
        Shape of the entries of the block.
    number : int
        The number of selected entries.
    span : slice
        The range of the flattened block from which the entries are selected; the spans of all
        batches make up the block.
    index : integer array, optional
        Positions of the selected entries in the span, in order; None takes all.
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
            len(range(*block_slice.indices(size)))
            for block_slice, size in zip(block, layout.entries, strict=True)
        )
        return cls(xp, layout, block, shape, math.prod(shape), _ALL)

    def only(self, index: Array) -> Selection:
        """Select the entries of the block at `index`."""
        return Selection(self.xp, self.layout, self.block, self.shape, len(index), self.span, index)

    def batches(self, row: int, limit: int) -> Iterator[tuple[slice, Selection]]:
        """Divide the selected entries, of `row` elements each, into batches of `limit` elements."""
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
        # A span ends where the next batch begins: together, the spans cover the block.
        first = int(self.index[start]) if start else 0
        last = int(self.index[stop]) if stop < self.number else math.prod(self.shape)
        index = self.index[start:stop] - first
        return replace(self, number=stop - start, span=slice(first, last), index=index)

    def __call__(self, array: Array) -> Array:
        """Return the selected entries as (entries, *row), or (1, *row) where all are the same."""
        array = self._rows_last(array)
        shape, entries = tuple(array.shape), self.layout.entries
        own, row = shape[: len(entries)], shape[len(entries) :]
        if own != entries:
            if all(size == 1 for size in own):
                return array.reshape((1, *row))
            array = self.xp.broadcast_to(array, entries + row)
        flat = array[self.block].reshape((-1, *row))[self.span]
        return flat if self.index is None else flat.take(self.index, axis=0)

    def view(self, into: Array) -> Array | None:
        """Return the span of a whole array as (entries, *row), if it lies in order."""
        view = self._rows_last(into)[(*self.block, ...)]
        if not view.flags.c_contiguous:
            return None
        return view.reshape((-1, *view.shape[len(self.shape) :]))[self.span]

    def is_view(self, array: Array) -> bool:
        """Return whether a selection of all entries copies nothing."""
        entries = self.layout.entries
        is_of_each = tuple(self._rows_last(array).shape[: len(entries)]) == entries
        return is_of_each and self.view(array) is not None

    def put(self, into: Array, array: Array) -> None:
        """Write the selected entries into a whole array, and 0 to the rest of the span."""
        flat = self.view(into)
        if flat is None:
            view = self._rows_last(into)[(*self.block, ...)]
            view[...] = self.dense(array).reshape(view.shape)
            return
        if self.index is not None:
            flat[...] = 0
        flat[... if self.index is None else self.index] = array

    def dense(self, array: Array) -> Array:
        """Scatter the selected entries over the span, with 0 elsewhere."""
        if self.index is None:
            return array
        dense = self.xp.zeros((self.extent, *array.shape[1:]), dtype=array.dtype)
        dense[self.index] = array
        return dense

    @property
    def extent(self) -> int:
        """The number of entries of the span."""
        return len(range(*self.span.indices(math.prod(self.shape))))

    def of_entries(self, numbers: Array | float) -> Array | float:
        """Select from an array of one number per entry; return a single float as it is."""
        if isinstance(numbers, float):
            return numbers
        return self(self.layout.expand(self.xp, numbers))

    def _rows_last(self, array: Array) -> Array:
        axes = self.layout.row_axes
        if not axes or axes == tuple(range(array.ndim - len(axes), array.ndim)):
            return array
        front = tuple(k for k in range(array.ndim) if k not in axes)
        return self.xp.permute_dims(array, front + axes)
