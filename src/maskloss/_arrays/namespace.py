"""The base class of the namespaces: the functions of the array API standard, and a few more.

The methods of `Namespace` need only the array API standard. A library that has a faster way, or
lacks a function, overrides them in its own file.
"""

from __future__ import annotations

import contextlib
import functools
import math
import operator
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TypeVar

from maskloss._arrays.fusable import Fusable
from maskloss._arrays.kinds import type_name
from maskloss._arrays.typing import Array, Arrays, Shape

F = TypeVar("F", bound=Callable[..., Any])
# How a library computes with an array. Eagerly in the host's memory: "host" by NumPy, "tensor" by
# torch; eagerly elsewhere: "device" by torch, "eager" by a library that differentiates nothing. In
# a graph of Dynamo: "compiled"; in a trace of JAX: "traced"; otherwise: "other".
Mode = Literal["host", "tensor", "device", "eager", "compiled", "traced", "other"]


def no_autograph(public: F) -> F:
    """Keep AutoGraph (TensorFlow 2.21) from rewriting a function, which takes seconds and warns."""
    public.autograph_info__ = {}  # type: ignore[attr-defined]
    return public


class Namespace(Fusable):
    """The namespace of an array library.

    Parameters
    ----------
    module : module
        The functions of the array API standard.

    Attributes
    ----------
    differentiates : bool
        Whether automatic differentiation may go through the operations. Where it does not, formulas
        take forms without a derivative of their own.
    is_host : bool
        Whether arrays are computed eagerly, in memory that can be read and written, without
        automatic differentiation. Such arrays are evaluated block by block.
    has_scan : bool
        Whether a loop over chunks can be compiled.
    takes_numpy : bool
        Whether the library's own functions accept NumPy arrays too.
    has_kernels : bool
        Whether single kernels, such as the method `softplus`, take the place of compositions.
        Nothing differentiates them.
    checks_indices : bool
        Whether `gather_nd` refuses an index out of range, once its values are computed.
    """

    checks_indices = False
    differentiates = True
    has_kernels = False
    is_host = False
    has_scan = False
    takes_numpy = False

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self._module, name)
        setattr(self, name, value)  # looked up once
        return value

    def __repr__(self) -> str:
        return f"<namespace {self._module.__name__}>"

    # Dtypes, shapes and devices

    @property
    def index_dtype(self) -> Any:
        """The dtype of indices."""
        return self.__array_namespace_info__().default_dtypes()["indexing"]

    @property
    def float_dtype(self) -> Any:
        """The dtype of numbers that are created without an array."""
        return self.__array_namespace_info__().default_dtypes()["real floating"]

    def __array_namespace_info__(self) -> Any:
        return self._module.__array_namespace_info__()

    def native_dtype(self, dtype: Any) -> Any:
        """Return a dtype in the byte order of the machine."""
        return dtype

    def shape_of(self, array: Array) -> Shape:
        """Return the shape of an array."""
        return tuple(array.shape)

    def knows_sizes(self, shape: Shape) -> bool:  # noqa: ARG002
        """Return whether all sizes are known before a graph runs."""
        return True

    def ensure_shape(self, array: Array, shape: Shape) -> Array:  # noqa: ARG002
        """Return `array`; a graph checks its shape at run time where it is unknown now."""
        return array

    def copy(self, array: Array) -> Array:
        """Return a copy of an array."""
        return self.astype(array, array.dtype)

    def check_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Refuse arrays with which the library cannot compute, alone or together."""

    def device_of(self, array: Array) -> dict[str, Any]:
        """Return the keywords that create an array on the device of another."""
        return {"device": array.device} if hasattr(array, "device") else {}

    # Arrays beside another

    def takes(self, other: Namespace) -> bool:
        """Return whether arrays of another namespace are converted beside one of this."""
        return other.is_host and self.takes_numpy

    def convert(self, array: Array, like: Array) -> Array:  # noqa: ARG002
        """Convert an array of a namespace that this one takes, to compute with it beside `like`."""
        return self.asarray(array)

    def number_like(self, value: float, dtype: object, like: Array) -> Array:
        """Return a number as an array to be computed with `like`."""
        # `full` creates the array on the device: `asarray` would copy the number there.
        return self.full((), value, dtype=dtype, **self.device_of(like))

    def asarray_like(self, numbers: Any, like: Array) -> Array:
        """Return a bool or a list of numbers as an array to be computed with `like`."""
        return self.asarray(numbers, **self.device_of(like))

    def widened(self, array: Array) -> Array:
        """Return numbers in 64 bits where the library has them, so that many can be added."""
        is_real = self.isdtype(array.dtype, "real floating")
        return self.astype(array, self.float64 if is_real else self.int64)

    def has_other_processes(self) -> bool:
        """Return whether other processes may have other parts of the batch."""
        return False

    # Automatic differentiation, compilers, and values that can be read

    def mode(self, array: Array) -> Mode:  # noqa: ARG002
        """Return how the library computes with an array."""
        return "other"

    def is_readable(self, array: Array) -> bool:  # noqa: ARG002
        """Return whether values can be read without waiting for an accelerator or a trace."""
        return False

    def stop_gradient(self, array: Array) -> Array:
        """Return `array` as a constant for automatic differentiation."""
        return array

    def savable(self, array: Array) -> Array:
        """Return `array` so that automatic differentiation may save it."""
        return array

    def recompute(self, array: Array) -> Array:
        """Return `array` so that a compiler recomputes the results that depend on it."""
        return array

    def ignore_fp_errors(self) -> AbstractContextManager[object]:
        """Return a context in which infinities and NaN are computed without a warning."""
        if "numpy" not in sys.modules:
            return contextlib.nullcontext()
        import numpy as np

        return np.errstate(all="ignore")

    # Sums

    def sum_along(self, array: Array, axes: Shape) -> Array:
        """Sum along `axes`, keeping them, with an error that does not grow with their size."""
        return self.sum(array, axis=axes, keepdims=True)

    def sum_terms(self, term: Callable[[Any], Array], number: int, zeros: Array) -> Array:
        """Add term(0), ..., term(number - 1) in parts, so that the error hardly grows with them.

        Later terms, which must be 0, may be added too.
        """
        size = math.isqrt(max(number, 1))
        total = zeros
        for start in range(0, number, size):
            terms = map(term, range(start, min(start + size, number)))
            total = total + functools.reduce(operator.add, terms)
        return total

    def cumulative_sum(self, array: Array, axis: int) -> Array:
        """Return the cumulative sum of each row; the first result is the first element."""
        return self._module.cumulative_sum(array, axis=axis)

    def sum_without(self, array: Array, index: Array, axis: int) -> Array:
        """Sum each row without one element, keeping the axis; `index` is not negative."""
        return self.sum_along(self.put_along_axis(array, index, 0.0, axis), (axis,))

    # Rows

    def of_whole_rows(
        self,
        function: Callable[[Namespace, int, Arrays, Arrays], Arrays],
        arrays: Arrays,
        others: Arrays,
        axis: int,
    ) -> Arrays:
        """Return function(namespace, axis, arrays, others): arrays like `arrays`, in their order.

        All arrays have one shape. A row of the result, along `axis`, depends on that row alone.
        """
        return function(self, axis, arrays, others)

    # Indexing

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
