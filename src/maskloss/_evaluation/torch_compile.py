"""A custom backward pass for `torch.compile`: the slope in closed form.

Without it, autograd differentiates each operation of the formula: inductor (torch 2.13) saves a
bool array for each `where`, and the gradient of a focal loss takes three times as long.

Compiled code has no second derivatives in torch 2.13: inductor raises, and under
`backend="eager"`, which is for debugging, Dynamo drops them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from .._arrays.torch_private import are_functorch_transforms_active
from .._arrays.typing import Array
from .._formula import Formula
from .._inputs.entries import Entries


def value_of(entries: Entries, formula: Formula) -> Array:
    """Return the value per entry, with the custom backward pass where that is possible.

    Elsewhere, autograd differentiates each operation of the formula.
    """
    x, *others = entries.arrays()
    is_needed = torch.is_grad_enabled() and x.requires_grad
    is_alone = not any(isinstance(a, torch.Tensor) and a.requires_grad for a in others)
    # Dynamo (torch 2.13) drops custom functions under some transforms, and refuses others.
    if is_needed and is_alone and not are_functorch_transforms_active():
        value: Array = _Value.apply(x, entries, formula)
        return value
    return formula(entries).value()


class _Value(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, entries: Entries, formula: Formula) -> torch.Tensor:
        ctx.save_for_backward(x)
        ctx.entries, ctx.formula = entries, formula
        return formula(replace(entries, prediction=x)).value()

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (x,) = ctx.saved_tensors
        return ctx.formula(replace(ctx.entries, prediction=x)).slope() * grad_output, None, None
