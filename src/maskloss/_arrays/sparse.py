"""Sparse matrices of every library, read as their stored entries."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .kinds import is_instance
from .typing import Array

Entries = tuple[tuple[Array, ...], Array, tuple[int, ...]]


def stored_entries(labels: object) -> Entries | None:
    """Return indices, values and shape of a sparse matrix; None for anything else."""
    read = _READERS.get(type(labels).__module__.partition(".")[0])
    return None if read is None else read(labels)


def _read_scipy(matrix: Any) -> Entries | None:
    return _read_coordinates(matrix.tocoo()) if hasattr(matrix, "tocoo") else None


def _read_sparse(matrix: Any) -> Entries | None:
    return _read_coordinates(matrix.asformat("coo")) if hasattr(matrix, "asformat") else None


def _read_coordinates(matrix: Any) -> Entries:
    return tuple(matrix.coords), matrix.data, tuple(matrix.shape)


def _read_jax(matrix: Any) -> Entries | None:
    if not is_instance(matrix, "jax.experimental.sparse", "BCOO"):
        return None
    return tuple(matrix.indices.T), matrix.data, tuple(matrix.shape)


def _read_torch(matrix: Any) -> Entries | None:
    layout = getattr(matrix, "layout", None)
    if layout is sys.modules["torch"].strided or not str(layout).startswith("torch.sparse"):
        return None
    matrix = matrix.to_sparse_coo()
    # Not `coalesce`, which would sum the labels of an entry that is stored twice.
    return tuple(matrix._indices()), matrix._values(), tuple(matrix.shape)  # noqa: SLF001


def _read_tensorflow(matrix: Any) -> Entries | None:
    if not is_instance(matrix, "tensorflow", "SparseTensor"):
        return None
    axes = range(len(matrix.shape))
    return tuple(matrix.indices[:, k] for k in axes), matrix.values, tuple(matrix.shape)


_READERS: dict[str, Callable[[Any], Entries | None]] = {
    "scipy": _read_scipy,
    "sparse": _read_sparse,
    "jax": _read_jax,
    "torch": _read_torch,
    "tensorflow": _read_tensorflow,
}
