"""TensorFlow."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from . import tensorflow_functions
from .kinds import is_number
from .namespace import Namespace
from .tensorflow_functions import Size, dims
from .typing import Array, Shape


class TensorFlowNamespace(Namespace):
    """TensorFlow's functions under the standard's names."""

    takes_numpy = True

    def device_of(self, array: Array) -> dict[str, Any]:  # noqa: ARG002
        """Return no keywords: TensorFlow chooses the device."""
        return {}

    def shape_of(self, array: Array) -> tuple[Any, ...]:
        """Return the shape of a tensor; a size that is unknown until run time is a `Size`."""
        _check_rank(array)
        shape = tuple(array.shape)
        if None not in shape:
            return shape
        sizes = zip(shape, tf.unstack(tf.shape(array, tf.int64)), strict=True)
        return tuple(Size(n) if known is None else known for known, n in sizes)

    def knows_sizes(self, shape: Shape) -> bool:
        """Return whether no size is a `Size`."""
        return all(map(is_number, shape))

    def lined_up(self, prediction: Array, labels: Array, shape: Shape) -> tuple[Array, Array]:
        """Return labels whose shape the graph checks at run time."""
        if self.knows_sizes((*shape, *self.shape_of(labels))):
            return prediction, labels
        wanted, message = dims(shape), "labels must have the shape of the predictions"
        check = tf.debugging.assert_equal(tf.shape(labels, tf.int64), wanted, message)
        with tf.control_dependencies([check]):
            # XLA (TensorFlow 2.21) drops assertions, but not the check of `reshape`.
            return prediction, tf.reshape(labels, wanted)

    def is_readable(self, array: Array) -> bool:
        """Return whether values can be read: in eager calls, on a CPU."""
        return bool(
            tf.executing_eagerly()
            and not tf.is_symbolic_tensor(array)
            and "CPU" in str(array.device)
        )

    def widened(self, array: Array) -> Array:
        """Return numbers in 64 bits outside a graph, whose loops must keep dtypes."""
        return super().widened(array) if tf.executing_eagerly() else array

    def stop_gradient(self, array: Array) -> Array:
        """Return a tensor as a constant for automatic differentiation."""
        return tf.stop_gradient(array)

    def gather_nd(self, array: Array, indices: tuple[Array, ...]) -> Array:
        """Return the element at each position, given its index along every axis."""
        return tf.gather_nd(array, tf.stack(indices, axis=-1))

    def scatter_add(self, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
        """Return zeros like a tensor with values added at positions."""
        return tf.tensor_scatter_nd_add(tf.zeros_like(like), tf.stack(indices, axis=-1), values)

    def _bincount(self, index: Array, size: int) -> Array:
        return tf.math.unsorted_segment_sum(tf.ones_like(index), index, size)


def _check_rank(array: Array) -> None:
    """Refuse a tensor whose number of dimensions is unknown."""
    if array.shape.rank is None:
        msg = (
            f"a tensor of {array.dtype.name} has an unknown number of dimensions; tell it: "
            f"tf.ensure_shape(tensor, (None, 3))"
        )
        raise ValueError(msg)


xp = TensorFlowNamespace(tensorflow_functions)
