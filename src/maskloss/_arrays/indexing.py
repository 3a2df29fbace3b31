"""Elements and rows by their positions: gather, scatter and count, by functions of the standard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fusable import Fusable
from .kinds import type_name
from .typing import Array


class Indexing(Fusable):
    """The functions of a namespace that take indices; libraries override them."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def one_hot_mask(self, array: Array, index: Array, axis: int) -> Array:
        """Return True at the element of each row whose position along `axis` is `index`."""
        positions = self.arange(self.shape_of(array)[axis], **self.device_of(array))
        shape = tuple(-1 if k == axis else 1 for k in range(len(array.shape)))
        return self.reshape(positions, shape) == index

    def positions_along(self, array: Array, axis: int) -> Array:
        """Return the position of each element along an axis, in the shape of `array`."""
        size, ndim = self.shape_of(array)[axis], len(array.shape)
        positions = self.arange(size, dtype=self.index_dtype, **self.device_of(array))
        shape = tuple(size if k == axis % ndim else 1 for k in range(ndim))
        return self.broadcast_to(self.reshape(positions, shape), self.shape_of(array))

    def take_along_axis(self, array: Array, index: Array, axis: int) -> Array:
        """Take elements of each row, in the order of `index`, which is not negative."""
        return self._module.take_along_axis(array, index, axis=axis)

    def put_along_axis(self, array: Array, index: Array, values: Array | float, axis: int) -> Array:
        """Replace one element of each row of a temporary array; `index` is not negative."""
        return self.where(self.one_hot_mask(array, index, axis), values, array)

    def take_rows(self, array: Array, index: Array) -> Array:
        """Return the rows along the first axis at `index`, in its order."""
        return self.take(array, self.astype(index, self.index_dtype), axis=0)

    def gather_nd(self, array: Array, indices: tuple[Array, ...]) -> Array:
        """Return the element at each position, given its index along every axis."""
        return array[indices]

    def scatter_add(self, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
        """Return zeros like an array with values added at positions, repeated ones included."""
        zeros = self.zeros_like(like)
        if not self.is_readable(values):
            msg = f"{type_name(like)} cannot scatter; ask for an indexed gradient: indexed=True"
            raise TypeError(msg)
        for k in range(values.shape[0]):  # the standard (2024.12) has no scatter
            at = (*(int(index[k]) for index in indices), ...)
            zeros[at] = zeros[at] + values[k, ...]
        return zeros

    def index_add(self, into: Array, index: Array, rows: Array) -> Array:
        """Add `rows` to a temporary array at the rows `index`, repeated ones included."""
        return into + self.scatter_add(into, (index,), rows)

    def compress(self, array: Array, mask: Array) -> Array:
        """Return the rows of `array` where a mask of one dimension is True."""
        return array[mask]

    def bincount(self, index: Array, size: int) -> Array:
        """Count how often each of 0, ..., size - 1 occurs in `index`; other numbers are ignored."""
        index = self._or_last(self.reshape(index, (-1,)), size)
        return self._bincount(index, size + 1)[:size]

    def multi_hot(self, index: Array, size: int) -> Array:
        """Return whether each of 0, ..., size - 1 occurs in each row of `index`."""
        index = self._or_last(index, size)
        found = self.zeros(
            (*index.shape[:-1], size + 1), dtype=(index < 0).dtype, **self.device_of(index)
        )
        return self._multi_hot(found, index)[..., :size]

    def _or_last(self, index: Array, size: int) -> Array:
        """Return `index` with `size` in place of numbers outside 0, ..., size - 1."""
        return self.where((index >= 0) & (index < size), index, size)

    def _bincount(self, index: Array, size: int) -> Array:
        # The standard (2024.12) has no scatter.
        edges = self.arange(size + 1, dtype=index.dtype, **self.device_of(index))
        ends = self.searchsorted(self.sort(index), edges)
        return ends[1:] - ends[:-1]

    def _multi_hot(self, found: Array, index: Array) -> Array:
        # One comparison per index of a row, each of the size of the result.
        size = found.shape[-1]
        positions = self.arange(size, dtype=index.dtype, **self.device_of(index))
        for k in range(index.shape[-1]):
            found = found | (index[..., k : k + 1] == positions)
        return found
