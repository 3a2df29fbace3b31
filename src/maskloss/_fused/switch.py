"""The switch for compiled loops and kernels."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar

from .._inputs.options import check_flag
from .kernels import require_compiler

_VARIABLE = "MASKLOSS_FUSED"
_IS_ON: ContextVar[bool | None] = ContextVar("maskloss_fused", default=None)


def fused(enabled: bool = True) -> AbstractContextManager[None]:  # noqa: FBT001, FBT002
    """Return a context that computes losses by compiled loops and kernels.

    On a CPU, the formula of a loss of elements, or of rows of classes, becomes one loop, compiled
    by Numba, that reads prediction, label, mask and weight, and writes the gradient. For tensors of
    torch on an accelerator, `torch.compile` makes kernels of it. Other losses, and other libraries,
    compute as before.

    Parameters
    ----------
    enabled : bool, default: True
        Whether to use compiled loops and kernels. False switches them off inside.

    Returns
    -------
    context manager
        For a ``with`` block; it also decorates a function.

    Raises
    ------
    ImportError
        If Numba is not installed: ``pip install "maskloss[fast]"``.

    Notes
    -----
    Loops are for NumPy arrays, and for tensors of torch on a CPU, eagerly. The first call of a loss
    compiles for 1 to 6 seconds; other values of its options, and later processes, use the same
    loop, which is kept in ``~/.cache/maskloss`` (or ``$XDG_CACHE_HOME/maskloss``). The first call
    on an accelerator compiles for 2 to 15 seconds, and so does one with another value of an option.
    No GPU has run the kernels yet: they are tested on a CPU. Values and gradients differ by a
    few machine epsilons from the usual ones, and what is not observed has no effect on any bit. The
    environment variable ``MASKLOSS_FUSED=1`` switches both on for a whole process; a ``with`` block
    holds for its own thread.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits, labels = np.zeros((1000, 10)), np.ones((1000, 10))
    >>> with ml.fused():
    ...     value, grad = ml.value_and_grad(ml.sigmoid_focal_loss)(logits, labels)
    >>> print(f"{value:.4f}")
    0.0433
    """
    is_on = check_flag("enabled", enabled)
    if is_on:
        require_compiler()
    return _switched(is_on)


@contextlib.contextmanager
def _switched(is_on: bool) -> Iterator[None]:  # noqa: FBT001
    token = _IS_ON.set(is_on)
    try:
        yield
    finally:
        _IS_ON.reset(token)


def is_fused() -> bool:
    """Return whether compiled loops are asked for."""
    is_on = _IS_ON.get()
    return _is_on_by_default() if is_on is None else is_on


@functools.cache
def _is_on_by_default() -> bool:
    asked = os.environ.get(_VARIABLE) or "0"
    if asked not in {"0", "1"}:
        msg = f"the environment variable {_VARIABLE} must be 1 or 0, got {asked!r}"
        raise ValueError(msg)
    if asked == "1":
        require_compiler()
    return asked == "1"
