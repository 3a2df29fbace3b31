"""Private names of torch, each with a fallback where a version lacks it.

They answer what torch 2.13 has no public name for. Each fallback is the answer of a program that
uses none of the features in question.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def _name(path: str, fallback: Callable[..., Any]) -> Callable[..., Any]:
    found: Any = torch
    for part in path.split("."):
        found = getattr(found, part, None)
    return fallback if found is None else found


def _no(*_: object) -> bool:
    return False


def _zero() -> int:
    return 0


# Whether vmap, grad or another transform of torch.func is at work.
are_functorch_transforms_active = _name("_C._are_functorch_transforms_active", _no)
# Whether torch.func has wrapped a tensor, and whether the older vmap of autograd has.
is_functorch_wrapped = _name("_C._functorch.is_functorch_wrapped_tensor", _no)
is_legacy_batched = _name("_C._functorch.is_legacy_batchedtensor", _no)
# How many dispatch modes see each operation, such as that of fake tensors.
dispatch_stack_length = _name("_C._len_torch_dispatch_stack", _zero)
is_jit_tracing = _name("jit.is_tracing", _no)


def is_forward_mode() -> bool:
    """Return whether a level of forward-mode differentiation is entered."""
    return getattr(torch.autograd.forward_ad, "_current_level", -1) >= 0
