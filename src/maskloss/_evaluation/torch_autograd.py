"""The autograd node that returns the gradient computed together with the value.

A second derivative uses torch's own operations on whole arrays, and `torch_second_derivatives`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch

from .._arrays.torch_private import is_functorch_wrapped, is_legacy_batched
from .._formula import Formula, Wanted
from .._inputs.checked_call import CheckedCall
from .._inputs.masked_labels import MaskedLabels
from .sums import Sums
from .torch_slopes import Slopes
from .whole import evaluate_whole


def arrays_of(checked: CheckedCall) -> list[Any]:
    """Return all values of a call that may be tensors, the prediction first."""
    labels = checked.labels
    given = (checked.prediction, labels.values, labels.mask, checked.weight)
    return [*given, checked.settings.divisor, *checked.arrays.values()]


def with_arrays(checked: CheckedCall, arrays: Iterable[Any], **others: Any) -> CheckedCall:
    """Return the same call with other arrays, in the order of `arrays_of`, and other fields."""
    prediction, labels, mask, weight, divisor, *further = arrays
    settings = checked.settings
    return checked._replace(
        prediction=prediction,
        labels=MaskedLabels(labels, mask),
        weight=weight,
        settings=settings if settings.divisor is divisor else settings._replace(divisor=divisor),
        arrays=dict(zip(checked.arrays, further, strict=True)),
        **others,
    )


def detached(checked: CheckedCall) -> CheckedCall:
    """Return the same call with tensors that no graph knows."""
    return with_arrays(checked, map(_detached, arrays_of(checked)))


def _detached(array: Any) -> Any:
    return array.detach() if isinstance(array, torch.Tensor) else array


class _Computed(NamedTuple):
    """What the node keeps: one argument, as torch 2.13 takes 0.6 us for each."""

    value: torch.Tensor
    checked: CheckedCall
    formula: Formula
    slopes: Slopes


class Attach(torch.autograd.Function):  # type: ignore[misc]
    """The autograd node between the prediction and the value.

    All arrays are saved as tensors: autograd frees them after the backward pass, detects changes in
    place, and passes them to hooks and checkpoints.
    """

    @staticmethod
    def forward(
        ctx: Any,
        prediction: torch.Tensor,  # noqa: ARG004 - an argument, so that autograd tracks it
        computed: _Computed,
    ) -> torch.Tensor:
        """Return the value: as an argument, or as a view, it could not be changed in place."""
        result, checked, formula, slopes = computed
        arrays = arrays_of(checked)
        saved = [_saved(array) for array in arrays]
        ctx.call, ctx.formula = _without_tensors(checked, saved, arrays), formula
        ctx.gradient = slopes.gradient
        ctx.save_for_backward(*saved, *slopes.tensors)
        return result if result._base is None else result.clone()  # noqa: SLF001 - documented

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Return the gradient with respect to the prediction."""
        others = arrays_of(ctx.call)
        tensors = ctx.saved_tensors  # unpacked once, as torch 2.13's checkpoints require
        saved, kept = tensors[: len(others)], tensors[len(others) :]
        arrays = [b if a is None else a for a, b in zip(saved, others, strict=True)]
        gradient = None
        if not torch.is_grad_enabled() and not _is_batched(grad_output):
            gradient = ctx.gradient(kept, arrays, grad_output)
        if gradient is None:
            gradient = _differentiable_gradient(
                with_arrays(ctx.call, arrays), ctx.formula, grad_output
            )
        return gradient, None


def attach(
    checked: CheckedCall, formula: Formula, value: torch.Tensor | Sums, slopes: Slopes
) -> torch.Tensor | Sums:
    """Return a value with the node; of `Sums`, the total has it."""
    total = value.total if isinstance(value, Sums) else value
    computed = _Computed(total, checked, formula, slopes)
    attached: torch.Tensor = Attach.apply(checked.prediction, computed)
    return value._replace(total=attached) if isinstance(value, Sums) else attached


def _without_tensors(
    checked: CheckedCall, saved: list[torch.Tensor | None], arrays: list[Any]
) -> CheckedCall:
    """Return the call with None in place of its tensors."""
    _prediction, _labels, _mask, _weight, *others = saved
    if all(tensor is None for tensor in others):  # most calls, in half the time
        return checked._replace(prediction=None, labels=MaskedLabels(None), weight=None)
    pairs = zip(saved, arrays, strict=True)
    return with_arrays(checked, [array if one is None else None for one, array in pairs])


def _saved(array: Any) -> torch.Tensor | None:
    """Return a tensor that autograd may save; None for anything but a tensor.

    Autograd saves none that was made in inference mode, and sees no change of it in place: a copy.
    """
    if not isinstance(array, torch.Tensor):
        return None
    return array.clone() if array.is_inference() else array


def _differentiable_gradient(
    checked: CheckedCall, formula: Formula, grad_output: torch.Tensor
) -> torch.Tensor:
    """Return the gradient by torch's operations, which support autograd and vmap."""
    create_graph = torch.is_grad_enabled()
    with torch.enable_grad():
        value = evaluate_whole(checked, formula, Wanted(value=True)).value
        total = value.total if isinstance(value, Sums) else value
        (gradient,) = torch.autograd.grad(
            total, checked.prediction, grad_output, create_graph=create_graph
        )
    return gradient


def _is_batched(tensor: torch.Tensor) -> bool:
    """Return whether vmap batches a tensor, as `autograd.grad(is_grads_batched=True)` does."""
    return bool(is_legacy_batched(tensor) or is_functorch_wrapped(tensor))
