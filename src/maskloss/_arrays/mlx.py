"""MLX."""

from __future__ import annotations

from typing import Any

import mlx.core

from .namespace import Namespace
from .typing import Array


class MlxNamespace(Namespace):
    """MLX's functions, which have the standard's names."""

    @property
    def index_dtype(self) -> Any:
        """The dtype of indices."""
        return mlx.core.int32

    @property
    def float_dtype(self) -> Any:
        """The dtype of numbers that are created without an array."""
        return mlx.core.float32

    def widened(self, array: Array) -> Array:
        """Return integers in 64 bits; MLX (0.32) has float64 on a CPU only."""
        is_real = mlx.core.issubdtype(array.dtype, mlx.core.floating)
        return array if is_real else array.astype(mlx.core.int64)

    def stop_gradient(self, array: Array) -> Array:
        """Return `array` as a constant for automatic differentiation."""
        return mlx.core.stop_gradient(array)

    def take_along_axis(self, array: Array, index: Array, axis: int) -> Array:
        """Take elements of each row; MLX 0.32.4 would differentiate with respect to the index."""
        return mlx.core.take_along_axis(array, self.stop_gradient(index), axis=axis)

    def scatter_add(self, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
        """Return zeros like an array with values added at positions."""
        return self.zeros_like(like).at[indices].add(values)

    def compress(self, array: Array, mask: Array) -> Array:
        """Return the rows where a mask is True; MLX 0.32.4 has no boolean indices."""
        import numpy as np

        return self.take(array, self.asarray(np.flatnonzero(np.asarray(mask))), axis=0)

    def _bincount(self, index: Array, size: int) -> Array:
        return self.zeros(size, dtype=index.dtype).at[index].add(1)

    def _multi_hot(self, found: Array, index: Array) -> Array:
        return mlx.core.put_along_axis(found, index, index >= 0, axis=-1)


xp = MlxNamespace(mlx.core)
