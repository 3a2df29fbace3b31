"""The base class of the namespaces: the functions of the array API standard, and a few more.

The methods of `Namespace` need only the array API standard. A library that has a faster way, or
lacks a function, overrides them in its own file.
"""

from __future__ import annotations

import contextlib
import functools
import operator
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TypeVar

from .indexing import Indexing
from .typing import Array, Arrays, Shape

F = TypeVar("F", bound=Callable[..., Any])
# How a library computes with an array. Eagerly in the host's memory: "host" by NumPy, "tensor" by
# torch; eagerly elsewhere: "device" by torch, "eager" by a library that differentiates nothing. In
# torch.func: "transformed"; in a graph of Dynamo: "compiled"; in a trace of JAX: "traced";
# otherwise: "other".
Mode = Literal["host", "tensor", "device", "eager", "transformed", "compiled", "traced", "other"]


def no_autograph(public: F) -> F:
    """Keep AutoGraph (TensorFlow 2.21) from rewriting a function, which takes seconds and warns."""
    public.autograph_info__ = {}  # type: ignore[attr-defined]
    return public


class Namespace(Indexing):
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
    shares_steps : bool
        Whether a step that occurs twice is computed once, as a compiler does.
    checks_indices : bool
        Whether `gather_nd` refuses an index out of range, once its values are computed.
    """

    checks_indices = False
    differentiates = True
    has_kernels = False
    is_host = False
    has_scan = False
    shares_steps = False
    takes_numpy = False

    def __init__(self, module: Any) -> None:
        self._module = module
        # All at once: Python asks a class with `__getattr__` for each attribute by a slower way, a
        # tenth of a small call, and Dynamo would have to trace it.
        names = {name for name in dir(module) if not name.startswith("_")} - {*dir(type(self))}
        vars(self).update({name: getattr(module, name) for name in names})

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

    def lined_up(
        self,
        prediction: Array,
        labels: Array,
        shape: Shape,  # noqa: ARG002
    ) -> tuple[Array, Array]:
        """Return prediction and labels, whose shape a graph checks at run time if it is unknown.

        Of explicitly sharded labels beside a whole prediction, both are split.
        """
        return prediction, labels

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
        # Not `math.isqrt`: a size is a symbol once torch.compile (torch 2.13) has seen several.
        size = 1
        while (size + 1) * (size + 1) <= number:
            size += 1
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
