"""The names of the array API standard that this package uses, over TensorFlow's own functions.

TensorFlow 2.21 has no such namespace. `tf.experimental.numpy` promotes Python's numbers to float64,
or, with `enable_numpy_behavior`, changes the behaviour of every tensor of the program.
"""
# ruff: noqa: A001 - the standard uses the names of builtins

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
import tensorflow as tf

from .typing import Array, Shape

bfloat16, float16, float32, float64 = tf.bfloat16, tf.float16, tf.float32, tf.float64
int32, int64, uint8, bool = tf.int32, tf.int64, tf.uint8, tf.bool

abs, exp, expm1, log, log1p = tf.abs, tf.exp, tf.math.expm1, tf.math.log, tf.math.log1p
ceil, round, sqrt, tanh = tf.math.ceil, tf.round, tf.sqrt, tf.tanh
isfinite, isinf, isnan = tf.math.is_finite, tf.math.is_inf, tf.math.is_nan
logical_and, logical_or = tf.logical_and, tf.logical_or
maximum, minimum = tf.maximum, tf.minimum
matmul, concat, roll, stack = tf.matmul, tf.concat, tf.roll, tf.stack
ones_like, zeros_like = tf.ones_like, tf.zeros_like
expand_dims, permute_dims = tf.expand_dims, tf.transpose
searchsorted = tf.searchsorted
all = tf.reduce_all
max, min = tf.reduce_max, tf.reduce_min
cumulative_sum = tf.cumsum

_KINDS: dict[str, Callable[[Any], Any]] = {
    "bool": operator.attrgetter("is_bool"),
    "integral": operator.attrgetter("is_integer"),
    "real floating": operator.attrgetter("is_floating"),
    "signed integer": lambda dtype: dtype.is_integer and not dtype.is_unsigned,
}


class Size:
    """A size that is unknown until the graph runs; it equals every size except 0 and 1."""

    def __init__(self, tensor: Array) -> None:
        self._tensor = tensor

    def __eq__(self, other: object) -> Any:
        return isinstance(other, Size) or (isinstance(other, int) and other > 1)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "?"

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Array:
        return tf.cast(self._tensor, dtype or tf.int64, name)

    def __mul__(self, other: Any) -> Array:
        return self._tensor * other

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Array:
        return self._tensor - other


class __array_namespace_info__:  # noqa: N801
    """The default dtypes."""

    def default_dtypes(self) -> dict[str, object]:
        """Return the dtypes that are used by default."""
        return {"real floating": tf.float32, "indexing": tf.int64}


def isdtype(dtype: Any, kind: str | tuple[str, ...]) -> Any:
    """Return whether a dtype is of a kind, or of one of several kinds."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return True in (_KINDS[name](dtype) for name in kinds)


def finfo(dtype: Any) -> Any:
    """Return the limits of a floating dtype."""
    return ml_dtypes.finfo(dtype.as_numpy_dtype)


def iinfo(dtype: Any) -> Any:
    """Return the limits of an integer dtype."""
    return ml_dtypes.iinfo(dtype.as_numpy_dtype)


def asarray(value: object, dtype: Any = None) -> Array:
    """Return a tensor."""
    return tf.convert_to_tensor(value, dtype)


def astype(array: Array, dtype: Any) -> Array:
    """Cast."""
    return tf.cast(array, dtype)


def where(condition: Array, one: Any, other: Any) -> Array:
    """Choose between arrays; a number takes the dtype of the array."""
    if not tf.is_tensor(one):
        dtype = other.dtype if tf.is_tensor(other) else tf.float32
        one = tf.constant(one, dtype)
    return tf.where(condition, one, other)


def dims(shape: Any) -> Any:
    sizes = (shape,) if isinstance(shape, int | Size) else tuple(shape)
    if Size not in map(type, sizes):
        return sizes
    return tf.stack([tf.convert_to_tensor(size, tf.int64) for size in sizes])


def full(shape: Shape, value: float, dtype: Any = None) -> Array:
    """Return a tensor filled with a number."""
    return tf.fill(dims(shape), tf.constant(value, dtype))


def full_like(array: Array, value: float, dtype: Any = None) -> Array:
    """Return a tensor of the shape of another, filled with a number."""
    return tf.ones_like(array, dtype) * value


def zeros(shape: Any, dtype: Any = tf.float32) -> Array:
    """Return zeros."""
    return tf.zeros(dims(shape), dtype)


def ones(shape: Any, dtype: Any = tf.float32) -> Array:
    """Return ones."""
    return tf.ones(dims(shape), dtype)


def arange(size: int, dtype: Any = tf.int64) -> Array:
    """Return 0, ..., size - 1."""
    return tf.cast(tf.range(size, dtype=tf.int64), dtype)


def reshape(array: Array, shape: Shape) -> Array:
    """Reshape."""
    return tf.reshape(array, dims(shape))


def broadcast_to(array: Array, shape: Shape) -> Array:
    """Broadcast along axes of size 1."""
    return tf.broadcast_to(array, dims(shape))


def squeeze(array: Array, axis: int | Sequence[int]) -> Array:
    """Remove axes of size 1."""
    return tf.squeeze(array, axis)


def any(array: Array, axis: Any = None, *, keepdims: Any = False) -> Array:
    """Return whether any element of each row is not 0."""
    return tf.reduce_any(tf.cast(array, tf.bool), axis, keepdims)


def sum(array: Array, axis: Any = None, *, keepdims: Any = False) -> Array:
    """Sum each row, with an error that does not grow with its size.

    TensorFlow 2.21 adds pairwise along the last axes only.
    """
    every = range(len(array.shape))
    given = every if axis is None else (axis,) if isinstance(axis, int) else axis
    axes = tuple(k % len(array.shape) for k in given)
    kept = tuple(k for k in every if k not in axes)
    if kept + axes == tuple(every):
        return tf.reduce_sum(array, axes, keepdims)
    last = tf.reduce_sum(tf.transpose(array, kept + axes), tuple(every)[len(kept) :])
    return functools.reduce(tf.expand_dims, sorted(axes), last) if keepdims else last


def count_nonzero(array: Array, axis: Any = None, *, keepdims: Any = False) -> Array:
    """Count the elements that are not 0."""
    return tf.math.count_nonzero(array, axis, keepdims, tf.int64)


def argmax(array: Array, axis: int, *, keepdims: Any = False) -> Array:
    """Return the position of the largest element of each row."""
    position = tf.argmax(array, axis)
    return tf.expand_dims(position, axis) if keepdims else position


def argsort(array: Array, axis: int = -1) -> Array:
    """Return the stable sorting order of each row, with NaN last."""
    if array.dtype.is_floating:
        # `tf.argsort` (TensorFlow 2.21) has no defined order for NaN.
        array = where(tf.math.is_nan(array), float("inf"), array)
    return tf.argsort(array, axis, stable=True)


def sort(array: Array, axis: int = -1) -> Array:
    """Sort each row."""
    return take_along_axis(array, argsort(array, axis), axis)


def take_along_axis(array: Array, index: Array, axis: int) -> Array:
    """Take elements of each row."""
    last = len(array.shape) - 1
    order = [k for k in range(last + 1) if k != axis % (last + 1)]
    order.append(axis % (last + 1))
    if order[-1] == last:
        return tf.gather(array, index, batch_dims=last)
    rows = tf.gather(tf.transpose(array, order), tf.transpose(index, order), batch_dims=last)
    return tf.transpose(rows, [order.index(k) for k in range(last + 1)])


def take(array: Array, index: Array, axis: int) -> Array:
    return tf.gather(array, index, axis=axis)
