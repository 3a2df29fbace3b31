"""The compiled loops of a recording, kept with it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from maskloss._fused.numba_source import Shape, printed
from maskloss._fused.record import Recording

if TYPE_CHECKING:
    from maskloss._fused.numba_kernel import Kernel


def kernel_of(recording: Recording, shape: Shape, dtype: str) -> Kernel:
    """Return the loop that computes the terms of a recording in a dtype, "float32" or "float64"."""
    from maskloss._fused.numba_kernel import Kernel

    key = shape, dtype
    kernel: Kernel | None = recording.kernels.get(key)
    if kernel is None:
        kernel = Kernel(printed(recording.graph, recording.outputs, shape, dtype), dtype)
        recording.kernels[key] = kernel
    return kernel


def require_compiler() -> None:
    """Raise if Numba cannot be imported."""
    try:
        importlib.import_module("maskloss._fused.numba_kernel")
    except ImportError as error:
        msg = 'compiled loops need Numba; run: pip install "maskloss[fast]"'
        raise ImportError(msg) from error
