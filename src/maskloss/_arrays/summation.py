"""Sums along axes."""

from __future__ import annotations

import math

from maskloss._arrays.indexing import put_along_axis_of_row, take
from maskloss._arrays.namespace import is_compiled_by_torch, is_instance, is_numpy
from maskloss._arrays.typing import Array, Namespace


def cumulative_sum(xp: Namespace, array: Array, axis: int) -> Array:
    """Add up each row from its start, each element included."""
    if is_instance(array, "torch", "Tensor"):
        import torch

        # The function under the standard's name looks for its namespace, which Dynamo refuses.
        return torch.cumsum(array, axis)
    return xp.cumulative_sum(array, axis=axis)


def total(xp: Namespace, array: Array, axes: tuple[int, ...]) -> Array:
    """Sum along `axes`, keeping them, with an error that does not grow with their size.

    NumPy adds pairwise along the last axis only: 2**25 float32 ones along the first of two axes
    make 2**24. Inductor adds one by one on a processor: 32000 numbers are off by 40 epsilons.
    """
    if is_compiled_by_torch(array) and array.device.type == "cpu" and array.dtype == xp.float32:
        return xp.astype(xp.sum(array, axis=axes, dtype=xp.float64, keepdims=True), xp.float32)
    kept = tuple(axis for axis in range(len(array.shape)) if axis not in axes)
    if not kept or not (is_numpy(xp) or xp.__name__.endswith("array_api_strict")):
        return xp.sum(array, axis=axes, keepdims=True)
    shape = tuple(array.shape[axis] for axis in kept)
    size = math.prod(array.shape[axis] for axis in axes)
    in_order = xp.reshape(xp.permute_dims(array, kept + axes), (-1,))
    sums = xp.sum(xp.reshape(in_order, (*shape, size)), axis=-1)
    return xp.reshape(sums, tuple(1 if k in axes else n for k, n in enumerate(array.shape)))


def total_without(xp: Namespace, array: Array, index: Array, axis: int) -> Array:
    """Sum each row but for one element, keeping the axis; `index` is not negative."""
    if not is_numpy(xp):
        return total(xp, put_along_axis_of_row(xp, array, index, 0.0, axis), (axis,))
    # A copy would take as long as the sum.
    left_out = take(xp, array, index, axis)
    rest = total(xp, put_along_axis_of_row(xp, array, index, 0.0, axis), (axis,))
    put_along_axis_of_row(xp, array, index, left_out, axis)
    return rest
