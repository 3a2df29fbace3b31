"""dask: lazy arrays, indexed block by block."""

from __future__ import annotations

import functools
from collections.abc import Callable

import dask.array
import numpy as np
from array_api_compat.dask import array as compat

from .namespace import Namespace
from .typing import Array, Arrays, Shape


class DaskNamespace(Namespace):
    """The functions of `dask.array`; nothing is computed before the caller asks for it."""

    checks_indices = True

    def take_along_axis(self, array: Array, index: Array, axis: int) -> Array:
        """Take elements of each row; a single one by a masked sum, which keeps the chunks."""
        if index.shape[axis] == 1:
            taken = self.where(self.one_hot_mask(array, index, axis), array, 0.0)
            return self.sum(taken, axis=axis, keepdims=True)
        if 0 in array.shape:  # apply_gufunc divides by the number of elements
            return self.zeros(index.shape, dtype=array.dtype)
        return dask.array.apply_gufunc(
            _take_in_block,
            "(i),(j)->(j)",
            array,
            index,
            axes=[axis, axis, axis],
            output_dtypes=array.dtype,
            allow_rechunk=True,
        )

    def roll(self, array: Array, shift: int, axis: int) -> Array:
        """Roll along an axis, in the chunks of `array`.

        `dask.array.roll` (2026.8) cuts the axis at the shift, also one without elements. The steps
        of a scan would cut it into chunks of one element.
        """
        if 0 in array.shape:
            return array
        if len(array.chunks[axis]) == 1:
            return array.map_blocks(np.roll, shift, axis=axis, dtype=array.dtype)
        return dask.array.roll(array, shift, axis=axis).rechunk(array.chunks)

    def of_whole_rows(
        self,
        function: Callable[[Namespace, int, Arrays, Arrays], Arrays],
        arrays: Arrays,
        others: Arrays,
        axis: int,
    ) -> Arrays:
        """Compute rows in one task per block of them, by NumPy; each step would be a task."""
        if 0 in arrays[0].shape:
            return function(self, axis, arrays, others)
        number = len(arrays)
        results = dask.array.apply_gufunc(
            functools.partial(_rows_of_block, function, number),
            f"{','.join(['(i)'] * (number + len(others)))}->{','.join(['(i)'] * number)}",
            *arrays,
            *others,
            axes=[axis] * (2 * number + len(others)),
            output_dtypes=[array.dtype for array in arrays],
            allow_rechunk=True,
        )
        return (results,) if number == 1 else tuple(results)

    def gather_nd(self, array: Array, indices: tuple[Array, ...]) -> Array:
        """Return the element at each position, given its index along every axis."""
        return _gather(array, indices)

    def scatter_add(self, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
        """Return zeros like an array with values added at positions."""
        return _scatter(like, indices, values)

    def compress(self, array: Array, mask: Array) -> Array:
        """Return the rows where a mask is True; computes the mask, as the shape must be known."""
        return self.take(array, self.asarray(np.flatnonzero(np.asarray(mask))), axis=0)


xp = DaskNamespace(compat)


def _rows_of_block(
    function: Callable[[Namespace, int, Arrays, Arrays], Arrays], number: int, *blocks: Array
) -> Array | Arrays:
    """Return several arrays as a tuple, but one alone, as `apply_gufunc` takes them."""
    from .numpy import xp

    with xp.ignore_fp_errors():
        results = function(xp, blocks[0].ndim - 1, blocks[:number], blocks[number:])
    return results[0] if number == 1 else results


def _take_in_block(block: Array, positions: Array) -> Array:
    return np.take_along_axis(block, positions, axis=-1)


def _gather(array: Array, indices: tuple[Array, ...]) -> Array:
    """Return the element at each position, given its index along every axis."""
    axes, position_axis = tuple(range(array.ndim)), array.ndim
    # Each position lies in one block; the other blocks contribute 0 to the sum.
    gathered = dask.array.blockwise(
        _gather_in_block,
        (position_axis, *axes),
        array,
        axes,
        *_by_axis(array, indices, position_axis),
        adjust_chunks=dict.fromkeys(axes, 1),
        dtype=array.dtype,
        sizes=array.shape,
    )
    return gathered.sum(axis=tuple(axis + 1 for axis in axes), dtype=array.dtype)


def _gather_in_block(block: Array, *by_axis: Array, sizes: Shape) -> Array:
    indices = by_axis[1::2]
    for axis, (index, size) in enumerate(zip(indices, sizes, strict=True)):
        if index.size and not (index.min() >= 0 and index.max() < size):
            msg = f"an index along axis {axis} lies outside its size, {size}"
            raise IndexError(msg)
    is_inside, positions = _positions_in_block(by_axis)
    gathered = np.zeros(is_inside.shape, block.dtype)
    gathered[is_inside] = block[positions]
    return np.expand_dims(gathered, tuple(range(1, block.ndim + 1)))


def _scatter(like: Array, indices: tuple[Array, ...], values: Array) -> Array:
    """Return zeros like an array with values added at positions, repeated ones included."""
    axes, position_axis = tuple(range(len(indices))), like.ndim
    rest = tuple(range(len(indices), like.ndim))
    return dask.array.blockwise(
        _add_to_block,
        (*axes, *rest),
        values,
        (position_axis, *rest),
        *_by_axis(like, indices, position_axis),
        concatenate=True,
        dtype=values.dtype,
    )


def _add_to_block(values: Array, *by_axis: Array) -> Array:
    is_inside, positions = _positions_in_block(by_axis)
    shape = tuple(len(coordinates) for coordinates in by_axis[::2])
    block = np.zeros(shape + values.shape[1:], values.dtype)
    np.add.at(block, positions, values[is_inside])
    return block


def _by_axis(array: Array, indices: tuple[Array, ...], position_axis: int) -> list[Array]:
    """Return for each axis the coordinates of its blocks and the indices along it."""
    pairs: list[Array] = []
    for axis, index in enumerate(indices):
        coordinates = dask.array.arange(array.shape[axis], chunks=(array.chunks[axis],))
        pairs += [coordinates, (axis,), index, (position_axis,)]
    return pairs


def _positions_in_block(by_axis: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
    """Return a mask of the positions inside this block, and their indices within it."""
    starts = [coordinates[0] if len(coordinates) else 0 for coordinates in by_axis[::2]]
    shifted = [
        index.astype(np.intp) - start for start, index in zip(starts, by_axis[1::2], strict=True)
    ]
    is_inside = np.ones(shifted[0].shape, bool)
    for coordinates, index in zip(by_axis[::2], shifted, strict=True):
        is_inside &= (index >= 0) & (index < len(coordinates))
    return is_inside, tuple(index[is_inside] for index in shifted)
