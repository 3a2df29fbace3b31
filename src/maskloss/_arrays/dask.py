"""dask: arrays that are graphs of what is not yet computed, indexed block by block."""

from __future__ import annotations

import dask.array
import numpy as np
from array_api_compat.dask import array as compat

from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array, Shape


class DaskNamespace(Namespace):
    """The functions of `dask.array`; nothing is computed before the caller asks for it."""

    def take_along_axis(self, array: Array, index: Array, axis: int) -> Array:
        """Take elements of each row; one of each is a sum, which needs no other chunks."""
        if index.shape[axis] == 1:
            taken = self.where(self.one_hot_mask(array, index, axis), array, 0.0)
            return self.sum(taken, axis=axis, keepdims=True)
        return dask.array.apply_gufunc(
            _take_of_block,
            "(i),(j)->(j)",
            array,
            index,
            axes=[axis, axis, axis],
            output_dtypes=array.dtype,
            allow_rechunk=True,
        )

    def gather_nd(self, array: Array, indices: tuple[Array, ...]) -> Array:
        """Return the element at each position, given its index along every axis."""
        return _gather(array, indices)

    def scatter_add(self, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
        """Return zeros like an array with values added at positions."""
        return _scatter(like, indices, values)

    def compress(self, array: Array, mask: Array) -> Array:
        """Return the rows where a mask is True, which is computed: a shape must be known."""
        return self.take(array, self.asarray(np.flatnonzero(np.asarray(mask))), axis=0)


xp = DaskNamespace(compat)


def _take_of_block(block: Array, places: Array) -> Array:
    return np.take_along_axis(block, places, axis=-1)


def _gather(array: Array, indices: tuple[Array, ...]) -> Array:
    """Return the element at each place, whose indices along every axis are given."""
    axes, of_places = tuple(range(array.ndim)), array.ndim
    # Each place lies in one block, and adds nothing to the sum from the others.
    picked = dask.array.blockwise(
        _gather_of_block,
        (of_places, *axes),
        array,
        axes,
        *_by_axis(array, indices, of_places),
        adjust_chunks=dict.fromkeys(axes, 1),
        dtype=array.dtype,
        sizes=array.shape,
    )
    return picked.sum(axis=tuple(axis + 1 for axis in axes), dtype=array.dtype)


def _gather_of_block(block: Array, *by_axis: Array, sizes: Shape) -> Array:
    indices = by_axis[1::2]
    for axis, (index, size) in enumerate(zip(indices, sizes, strict=True)):
        if index.size and not (index.min() >= 0 and index.max() < size):
            msg = f"an index along axis {axis} lies outside its size, {size}"
            raise IndexError(msg)
    is_inside, places = _places_in_block(by_axis)
    picked = np.zeros(is_inside.shape, block.dtype)
    picked[is_inside] = block[places]
    return np.expand_dims(picked, tuple(range(1, block.ndim + 1)))


def _scatter(like: Array, indices: tuple[Array, ...], values: Array) -> Array:
    """Return zeros like an array with values added at places; twice where one occurs twice."""
    axes, of_places = tuple(range(len(indices))), like.ndim
    rest = tuple(range(len(indices), like.ndim))
    return dask.array.blockwise(
        _add_to_block,
        (*axes, *rest),
        values,
        (of_places, *rest),
        *_by_axis(like, indices, of_places),
        concatenate=True,
        dtype=values.dtype,
    )


def _add_to_block(values: Array, *by_axis: Array) -> Array:
    is_inside, places = _places_in_block(by_axis)
    shape = tuple(len(positions) for positions in by_axis[::2])
    block = np.zeros(shape + values.shape[1:], values.dtype)
    np.add.at(block, places, values[is_inside])
    return block


def _by_axis(array: Array, indices: tuple[Array, ...], of_places: int) -> list[Array]:
    """Return for each axis the positions that its blocks have, and the indices along it."""
    pairs: list[Array] = []
    for axis, index in enumerate(indices):
        positions = dask.array.arange(array.shape[axis], chunks=(array.chunks[axis],))
        pairs += [positions, (axis,), index, (of_places,)]
    return pairs


def _places_in_block(by_axis: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
    """Return which places lie in the block of these positions, and where in it."""
    starts = [positions[0] if len(positions) else 0 for positions in by_axis[::2]]
    moved = [
        index.astype(np.intp) - start for start, index in zip(starts, by_axis[1::2], strict=True)
    ]
    is_inside = np.ones(moved[0].shape, bool)
    for positions, index in zip(by_axis[::2], moved, strict=True):
        is_inside &= (index >= 0) & (index < len(positions))
    return is_inside, tuple(index[is_inside] for index in moved)
