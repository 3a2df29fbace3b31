"""Sparse matrices of every library, as the entries that they store."""

from __future__ import annotations

from typing import Any

from maskloss._arrays.kinds import is_instance
from maskloss._arrays.typing import Array

Entries = tuple[tuple[Array, ...], Array, tuple[int, ...]]


def stored_entries(labels: object) -> Entries | None:
    """Return indices, values and shape of a sparse matrix; None for all else."""
    matrix: Any = labels
    root = type(labels).__module__.partition(".")[0]
    if root == "scipy" and hasattr(labels, "tocoo"):
        matrix = matrix.tocoo()
    elif root == "sparse" and hasattr(labels, "asformat"):
        matrix = matrix.asformat("coo")
    elif is_instance(labels, "jax.experimental.sparse", "BCOO"):
        return tuple(matrix.indices.T), matrix.data, tuple(matrix.shape)
    elif is_instance(labels, "torch", "Tensor") and str(matrix.layout) != "torch.strided":
        matrix = matrix.to_sparse_coo()
        # Coalescing would add labels up.
        return tuple(matrix._indices()), matrix._values(), tuple(matrix.shape)  # noqa: SLF001
    elif is_instance(labels, "tensorflow", "SparseTensor"):
        axes = range(len(matrix.shape))
        return tuple(matrix.indices[:, k] for k in axes), matrix.values, tuple(matrix.shape)
    else:
        return None
    return tuple(matrix.coords), matrix.data, tuple(matrix.shape)
