"""NumPy, with a branch-free `where`."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from array_api_compat import numpy as compat

from .namespace import Mode
from .pairwise import PairwiseLastAxis
from .typing import Array, Shape

# Floating dtypes, and the integer dtypes of the same width.
_BITS: dict[Any, Any] = {
    np.dtype(np.float32): np.dtype(np.int32),
    np.dtype(np.float64): np.dtype(np.int64),
}
# From so many elements, mispredicted branches take longer than the calls that avoid them.
_MANY = 2048
# Up to so many elements, the calls of functions take longer than what they compute.
_FEW = 256
_KINDS = {
    "b": {"bool"},
    "i": {"integral", "signed integer"},
    "u": {"integral", "unsigned integer"},
    "f": {"real floating"},
}


class NumpyNamespace(PairwiseLastAxis):
    """NumPy's functions, some of them with faster implementations."""

    differentiates = False
    is_host = True

    def mode(self, array: Array) -> Mode:  # noqa: ARG002
        """Return "host"."""
        return "host"

    def is_readable(self, array: Array) -> bool:  # noqa: ARG002
        """Return True."""
        return True

    def isdtype(self, dtype: Any, kind: str | tuple[str, ...]) -> bool:
        """Return whether a dtype is of a kind, or of one of several kinds.

        `numpy.isdtype` (NumPy 2.4) takes longer than arithmetic on a small array. Dtypes of other
        packages, such as ml_dtypes, have kind letters without this meaning.
        """
        kinds = (kind,) if isinstance(kind, str) else kind
        return dtype.isbuiltin != 2 and not _KINDS.get(dtype.kind, set()).isdisjoint(kinds)

    # Functions of these names of NumPy (2.4) or array-api-compat (1.16) take 1 to 4 us more, as
    # long as the arithmetic on 500 numbers.
    asarray = staticmethod(np.asarray)
    squeeze = staticmethod(np.ndarray.squeeze)
    finfo = staticmethod(functools.cache(np.finfo))
    sum = staticmethod(functools.partial(np.add.reduce, axis=None))
    at_least_one = staticmethod(functools.partial(np.maximum, 1))

    def count_nonzero(
        self, array: Array, *, axis: Shape | None = None, keepdims: bool = False
    ) -> Array:
        """Count the elements that are not 0."""
        if axis is None or (keepdims and len(axis) == array.ndim):
            number = np.asarray(np.count_nonzero(array))
            return number.reshape((1,) * array.ndim) if keepdims else number
        is_nonzero = array.astype(np.bool_, copy=False)
        return is_nonzero.sum(axis=axis, dtype=np.intp, keepdims=keepdims)

    def min(self, array: Array, **options: Any) -> Any:
        """Return the smallest element, NaN if there is one."""
        if options or array.size > _FEW:
            return np.minimum.reduce(array, **{"axis": None, **options})
        return array.item(array.argmin())  # a third of the time of a reduction

    def max(self, array: Array, **options: Any) -> Any:
        """Return the largest element, NaN if there is one."""
        if options or array.size > _FEW:
            return np.maximum.reduce(array, **{"axis": None, **options})
        return array.item(array.argmax())

    def astype(self, array: Array, dtype: Any, *, copy: bool = True) -> Array:
        """Cast an array."""
        return array.astype(dtype, copy=copy)

    def native_dtype(self, dtype: Any) -> Any:
        """Return a dtype in the byte order of the machine."""
        return dtype if dtype.isnative else dtype.newbyteorder("=")

    def ignore_fp_errors(self) -> Any:
        """Return a context in which infinities and NaN are computed without a warning."""
        return np.errstate(all="ignore")

    def where(self, condition: Any, first: Any, second: Any) -> Any:
        """Choose as `numpy.where` does, for many floats by products of their bits.

        `numpy.where` (NumPy 2.4) branches on each element. Where signs or labels are random, the
        processor mispredicts: 3.1 ns per element. This function takes 0.2 or 0.4 ns, a product 0.1,
        an exponential 0.5.
        """
        if condition.size < _MANY or condition.dtype != np.bool_:
            return np.where(condition, first, second)
        dtype = np.result_type(first, second)
        if dtype not in _BITS:
            return np.where(condition, first, second)
        if _is_zero(first):
            condition, first, second = ~condition, second, first
        chosen, wanted = condition.astype(_BITS[dtype]), _bits(first, dtype)
        if _is_zero(second):
            return (chosen * wanted).view(dtype)
        other = _bits(second, dtype)
        result = chosen * (wanted ^ other)
        result ^= other
        return result.view(dtype)

    def where_both(self, condition: Any, first: Any, second: Any) -> tuple[Any, Any]:
        """Return where(condition, first, second) and where(condition, second, first)."""
        chosen = self.where(condition, first, second)
        dtype = chosen.dtype
        if chosen.size < _MANY or dtype not in _BITS:
            return chosen, np.where(condition, second, first)
        rest = _bits(chosen, dtype) ^ _bits(first, dtype)
        if not _is_zero(second):
            rest ^= _bits(second, dtype)
        return chosen, rest.view(dtype)

    def log1p_of_unit(self, x: Array) -> Array:
        """Return log(1 + x) for x in [0, 1]; NumPy 2.4's log1p takes ten times as long as log."""
        if x.size <= _FEW:  # log and its correction are five calls
            return np.log1p(x)
        total = 1 + x
        # The second term corrects the rounding of 1 + x.
        return np.log(total) + (x - (total - 1)) / total

    def sum_along(self, array: Array, axes: Shape) -> Array:
        """Sum along `axes`, keeping them."""
        if len(axes) == array.ndim:
            return np.add.reduce(array, axis=axes, keepdims=True)
        return super().sum_along(array, axes)

    def sum_without(self, array: Array, index: Array, axis: int) -> Array:
        """Sum each row without one element, in place: a copy would take as long as the sum."""
        replaced = self.take_along_axis(array, index, axis)
        rest = self.sum_along(self.put_along_axis(array, index, 0.0, axis), (axis,))
        self.put_along_axis(array, index, replaced, axis)
        return rest

    def put_along_axis(self, array: Array, index: Array, values: Any, axis: int) -> Array:
        """Replace one element of each row, in place."""
        np.put_along_axis(array, index, values, axis)
        return array

    def scatter_add(self, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
        """Return zeros like an array with values added at positions."""
        zeros = np.zeros_like(like)
        np.add.at(zeros, indices, values)
        return zeros

    def index_add(self, into: Array, index: Array, rows: Array) -> Array:
        """Add rows in place, sorted by index: NumPy 2.4's `add.at` takes fifty times as long."""
        order = np.argsort(index, stable=True)
        index = index[order]
        is_first = np.concatenate([[True], index[1:] != index[:-1]])[: len(index)]
        starts = np.flatnonzero(is_first)
        if len(starts):
            into[index[starts]] += np.add.reduceat(rows[order], starts, axis=0)
        return into

    def _multi_hot(self, found: Array, index: Array) -> Array:
        np.put_along_axis(found, index, index >= 0, axis=-1)
        return found


def _bits(value: Any, dtype: Any) -> Any:
    return np.asarray(value, dtype).view(_BITS[dtype])


def _is_zero(value: Any) -> bool:
    """Return whether a float is +0.0, which has no bit set; -0.0 has one."""
    return type(value) is float and value == 0 and math.copysign(1, value) > 0


xp = NumpyNamespace(compat)
