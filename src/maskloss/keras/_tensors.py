"""Convert arguments as Keras does: to tensors, aligned with the prediction from the first axis."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from .._arrays.masked import split_masked_array
from .._arrays.typing import Array


def as_labels(labels: Any) -> Array:
    """Convert labels to a tensor, and keep their dtype."""
    if split_masked_array(labels)[1] is not None:
        msg = (
            "`y_true` is a numpy.ma array, whose mask Keras drops before it calls a loss; mark the "
            "masked labels by a value: y_true.filled(nan) with missing=nan, or filled(-1) with "
            "missing=-1"
        )
        raise TypeError(msg)
    return ops.convert_to_tensor(labels)


def as_weight(weight: Any, prediction: Array) -> Array:
    """Convert weights to a floating tensor that is aligned with the prediction."""
    return line_up(ops.convert_to_tensor(weight, dtype=_number_dtype(prediction)), prediction)


def as_argument(value: Any, prediction: Array) -> Any:
    """Convert a list to a tensor beside the prediction; return other options as they are."""
    if not isinstance(value, list):
        return value
    array = np.asarray(value)
    dtype = _number_dtype(prediction) if array.dtype.kind == "f" else None
    return ops.convert_to_tensor(array, dtype=dtype)


def _number_dtype(prediction: Array) -> str:
    return str(keras.backend.result_type(prediction.dtype, "float32"))


def line_up(array: Array, prediction: Array) -> Array:
    """Append axes of size 1 to an array per sample or per step, up to the rank of the prediction.

    A weight per sample is then never taken for a weight per label, even if both have one size.
    """
    rank = len(prediction.shape)
    if len(array.shape) == rank + 1 and array.shape[-1] == 1:
        return ops.squeeze(array, axis=-1)
    for _ in range(rank - len(array.shape)):
        array = ops.expand_dims(array, axis=-1)
    return array


def line_up_labels(labels: Array, prediction: Array, *, may_be_indices: bool) -> Array:
    """Append the last axis of size 1 that a prediction has, or drop that of the labels.

    No other axis is broadcast. Class indices may have size 1 in place of the class axis.
    """
    given, wanted = tuple(labels.shape), tuple(prediction.shape)
    if len(given) == len(wanted) - 1 and wanted[-1] == 1 and not may_be_indices:
        return ops.expand_dims(labels, axis=-1)
    is_longer = len(given) == len(wanted) + 1
    are_indices = may_be_indices and len(given) == len(wanted) and wanted[-1:] != (1,)
    if given[-1:] == (1,) and (is_longer or are_indices):
        return ops.squeeze(labels, axis=-1)
    return labels
