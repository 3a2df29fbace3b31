"""JAX."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .jax_sharding import explicit_axes, sharded_alike, unsharded_along, whole_along
from .namespace import Mode, Namespace
from .typing import Array, Arrays, Shape


class JaxNamespace(Namespace):
    """The functions of `jax.numpy`."""

    has_scan = True
    takes_numpy = True

    def device_of(self, array: Array) -> dict[str, Any]:  # noqa: ARG002
        """Return no keywords: JAX moves an uncommitted array to the device of the others."""
        return {}

    def widened(self, array: Array) -> Array:
        """Return numbers in 64 bits where the configuration of JAX has them, outside a trace.

        In a trace, the carry of a scan must keep its dtype.
        """
        if self.mode(array) == "traced":
            return array
        is_real = jnp.isdtype(array.dtype, "real floating")
        dtype = jnp.float64 if is_real else jnp.int64
        return jnp.astype(array, jax.dtypes.canonicalize_dtype(dtype))

    def mode(self, array: Array) -> Mode:
        """Return how JAX computes with an array."""
        return "traced" if isinstance(array, jax.core.Tracer) else "other"

    def is_readable(self, array: Array) -> bool:
        """Return whether values can be read: outside a trace, on a CPU."""
        return not isinstance(array, jax.core.Tracer) and all(
            device.platform == "cpu" for device in array.devices()
        )

    def stop_gradient(self, array: Array) -> Array:
        """Return `array` as a constant for automatic differentiation."""
        return jax.lax.stop_gradient(array)

    def log1p(self, x: Array) -> Array:
        """Return log(1 + x); in float64 XLA's (jax 0.10) is off by 120 epsilons around -0.4."""
        if x.dtype != jnp.float64:
            return jnp.log1p(x)
        is_low = x < -0.25
        low = jnp.log(1 + jnp.where(is_low, x, 0.0))
        return jnp.where(is_low, low, jnp.log1p(jnp.where(is_low, 0.0, x)))

    def log1p_of_unit(self, x: Array) -> Array:
        """Return log(1 + x) for x in [0, 1]."""
        return jnp.log1p(x)

    def recompute(self, array: Array) -> Array:
        """Return `array` so that XLA recomputes the results that depend on it.

        XLA (JAX 0.10.2) would store the exponentials of a reduction and read them again, which is
        slower.
        """
        return jax.lax.optimization_barrier(array) if self.mode(array) == "traced" else array

    def sum_terms(self, term: Callable[[Any], Array], number: int, zeros: Array) -> Array:
        """Add terms by a loop in a trace, and a few terms beyond `number`, which must be 0.

        Of 200 terms one after another, XLA takes a minute to compile the gradient.
        """
        if self.mode(zeros) != "traced" or number < 4:
            return super().sum_terms(term, number, zeros)
        size = math.isqrt(number - 1) + 1

        def add(start: Array, total: Array) -> Array:
            def step(part: Array, k: Array) -> tuple[Array, None]:
                return part + term(k), None

            return total + jax.lax.scan(step, zeros, start + jnp.arange(size))[0]

        starts = size * jnp.arange((number - 1) // size + 1)
        return jax.lax.scan(lambda total, start: (add(start, total), None), zeros, starts)[0]

    def lined_up(
        self,
        prediction: Array,
        labels: Array,
        shape: Shape,  # noqa: ARG002
    ) -> tuple[Array, Array]:
        """Split a whole prediction as its explicitly sharded labels of the same shape.

        The carry of a scan, and the tangents of a custom rule, have the sharding of the prediction.
        """
        is_alike = prediction.shape == labels.shape
        if is_alike and explicit_axes(labels) and not explicit_axes(prediction):
            prediction = sharded_alike((prediction, labels))[0]
        return prediction, labels

    def where(self, condition: Array, first: Array | float, second: Array | float, /) -> Array:
        """Choose elements; with explicit sharding, operands of several shapes and shardings."""
        operands = (condition, first, second)
        if not any(map(explicit_axes, operands)):
            return jnp.where(*operands)
        return jnp.where(*sharded_alike(operands))

    def reshape(self, array: Array, shape: tuple[int, ...], /) -> Array:
        """Reshape; an explicitly sharded array whose axes are merged becomes whole."""
        if explicit_axes(array):
            before, after = ([n for n in sizes if n != 1] for sizes in (array.shape, shape))
            array = array if before == after else unsharded_along(array, *range(array.ndim))
        return jnp.reshape(array, shape)

    def sort(self, array: Array, /, *, axis: int = -1) -> Array:
        """Sort; no row of an explicitly sharded array may be split (JAX 0.10)."""
        return jnp.sort(unsharded_along(array, axis), axis=axis)

    def argsort(self, array: Array, /, *, axis: int = -1) -> Array:
        """Return the order of each row; none may be split, as in `sort`."""
        return jnp.argsort(unsharded_along(array, axis), axis=axis)

    def cumulative_sum(self, array: Array, axis: int) -> Array:
        """Return the cumulative sum of each row; none may be split, as in `sort`."""
        return jnp.cumulative_sum(unsharded_along(array, axis), axis=axis)

    def concat(self, arrays: Sequence[Array], /, *, axis: int) -> Array:
        """Join rows; none may be split, as in `sort`, and all are split alike along other axes."""
        if not any(map(explicit_axes, arrays)):
            return jnp.concat(arrays, axis=axis)
        return jnp.concat(whole_along(arrays, axis), axis=axis)

    def take_along_axis(self, array: Array, index: Array, axis: int) -> Array:
        """Take elements of each row; JAX (0.10) has no gather from rows that are split."""
        if not explicit_axes(array) and not explicit_axes(index):
            return jnp.take_along_axis(array, index, axis=axis)
        if index.shape[axis] == 1:
            taken = self.where(self.one_hot_mask(array, index, axis), array, 0)
            return jnp.sum(taken, axis=axis, keepdims=True, dtype=array.dtype)
        rows, index = sharded_alike((unsharded_along(array, axis), unsharded_along(index, axis)))
        return jnp.take_along_axis(rows, index, axis=axis)

    def gather_nd(self, array: Array, indices: tuple[Array, ...]) -> Array:
        """Return the element at each position, of a whole array."""
        return unsharded_along(array, *range(array.ndim))[indices]

    def scatter_add(self, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
        """Return zeros like an array with values added at positions; they are whole."""
        return jnp.zeros(like.shape, like.dtype).at[indices].add(values)

    def of_whole_rows(
        self,
        function: Callable[[Namespace, int, Arrays, Arrays], Arrays],
        arrays: Arrays,
        others: Arrays,
        axis: int,
    ) -> Arrays:
        """Apply a function of rows; none may be split, as in `sort`."""
        arrays, others = (
            tuple(unsharded_along(array, axis) for array in each) for each in (arrays, others)
        )
        return super().of_whole_rows(function, arrays, others, axis)

    def _bincount(self, index: Array, size: int) -> Array:
        return jnp.zeros(size, dtype=index.dtype).at[index].add(1)

    def _multi_hot(self, found: Array, index: Array) -> Array:
        return jnp.put_along_axis(found, index, index >= 0, axis=-1, inplace=False)


xp = JaxNamespace(jnp)
