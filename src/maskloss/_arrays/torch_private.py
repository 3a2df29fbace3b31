"""Private functions of torch, each with a fallback where a version lacks it.

torch 2.13 has no public functions for these questions. Each fallback gives the answer for a program
that uses none of these features.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def _private(path: str, fallback: Callable[..., Any]) -> Callable[..., Any]:
    found: Any = torch
    for part in path.split("."):
        found = getattr(found, part, None)
    return fallback if found is None else found


def _no(*_: object) -> bool:
    return False


def _zero() -> int:
    return 0


def _none() -> None:
    return None


# Whether vmap, grad or another transform of torch.func is active.
are_functorch_transforms_active = _private("_C._are_functorch_transforms_active", _no)
# Whether torch.func has wrapped a tensor, and whether the older vmap of autograd has.
is_functorch_wrapped = _private("_C._functorch.is_functorch_wrapped_tensor", _no)
_interpreters = _private("_C._functorch.get_interpreter_stack", _none)
_unwrapped = _private("_C._functorch.get_unwrapped", _none)
is_legacy_batched = _private("_C._functorch.is_legacy_batchedtensor", _no)
# How many dispatch modes, such as the fake tensor mode, are active.
dispatch_stack_length = _private("_C._len_torch_dispatch_stack", _zero)
is_jit_tracing = _private("jit.is_tracing", _no)


def active_transforms() -> list[str]:
    """Return the names of the active transforms of torch.func: "Vmap", "Jvp", "Grad" (and vjp)."""
    if not are_functorch_transforms_active():
        return []
    return [str(each.key()).rpartition(".")[2] for each in _interpreters() or ()]


def layers(tensor: Any) -> list[Any]:
    """Return a tensor, and what each transform of torch.func has wrapped, the innermost last."""
    found = [tensor]
    while _unwrapped is not _none and is_functorch_wrapped(found[-1]):
        found.append(_unwrapped(found[-1]))
    return found


def is_forward_mode() -> bool:
    """Return whether forward-mode differentiation is active."""
    return getattr(torch.autograd.forward_ad, "_current_level", -1) >= 0
