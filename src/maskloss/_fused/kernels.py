"""The compiled loops of a recording, kept with it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .numba_math import DECORATOR, functions, in_dtype
from .numba_parts import loop_over_parts
from .numba_rows import RowPrinter
from .numba_source import Printer
from .recording import Recording
from .shape import Shape

if TYPE_CHECKING:
    from .numba_kernel import Kernel


def kernel_of(recording: Recording, shape: Shape, dtype: str) -> Kernel:
    """Return the loop that computes the terms of a recording in a dtype, "float32" or "float64"."""
    from .numba_kernel import Kernel

    key = shape, dtype
    kernel: Kernel | None = recording.kernels.get(key)
    if kernel is None:
        kernel = Kernel(*printed(recording, shape, dtype), dtype)
        recording.kernels[key] = kernel
    return kernel


def printed(recording: Recording, shape: Shape, dtype: str) -> tuple[str, list[float]]:
    """Return the source of a loop, and the constants that it takes."""
    kind = RowPrinter if recording.graph.row else Printer
    printer = kind(recording.graph, recording.outputs, shape)
    loop = f"{DECORATOR}\n{printer.loop()}{loop_over_parts(shape, printer.scratch)}"
    text = functions(sorted({*printer.calls, "count_of", "total"}), dtype) + in_dtype(loop, dtype)
    return text, [float(number) for number, _ in printer.constants]


def require_compiler() -> None:
    """Raise if Numba cannot be imported."""
    try:
        importlib.import_module(".numba_kernel", __package__)
    except ImportError as error:
        msg = 'compiled loops need Numba; run: pip install "maskloss[fast]"'
        raise ImportError(msg) from error
