"""Exact sums for libraries that add pairwise along the last axis only, such as NumPy 2.4."""

from __future__ import annotations

import math

from .namespace import Namespace
from .typing import Array, Shape


class PairwiseLastAxis(Namespace):
    """A namespace that moves the summed axes to the end.

    Along the first of two axes, the sum of 2**25 float32 ones is 2**24 with NumPy 2.4.
    """

    def sum_along(self, array: Array, axes: Shape) -> Array:
        """Sum along `axes`, keeping them, with an error that does not grow with their size."""
        if len(axes) == len(array.shape):
            return self.sum(array, axis=axes, keepdims=True)
        kept = tuple(axis for axis in range(len(array.shape)) if axis not in axes)
        shape = tuple(array.shape[axis] for axis in kept)
        size = math.prod(array.shape[axis] for axis in axes)
        in_order = self.reshape(self.permute_dims(array, kept + axes), (-1,))
        sums = self.sum(self.reshape(in_order, (*shape, size)), axis=-1)
        return self.reshape(sums, tuple(1 if k in axes else n for k, n in enumerate(array.shape)))
