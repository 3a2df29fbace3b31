"""The bridge from eager tensors of torch on an accelerator to the evaluators of kernels and chunks.

The backward pass multiplies slopes that were computed together with the value, so autograd keeps
one array of the size of the prediction. Nothing waits for the accelerator.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import torch

from .._arrays.torch_device import device_namespace
from .._formula import Call, Formula, Held, Results, Wanted
from .._fused.switch import is_fused
from .._inputs.bound_layout import BoundLayout
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import cast
from .choose import Situation
from .chunks import Chunks, evaluate_chunks
from .reduction import Reduction
from .torch_autograd import attach, detached
from .torch_eager import is_transformed, needs_graph, other_tensors
from .torch_kernels import (
    NotCompiledError,
    can_compile,
    evaluate_by_kernels,
)
from .torch_slopes import Slopes


def situation_on_device(checked: CheckedCall, wanted: Wanted, *, splits: bool) -> Situation:
    """Return the situation of a call on tensors of an accelerator."""
    return Situation(
        "device",
        splits=splits,
        is_transformed=is_transformed(),
        needs_graph=needs_graph([checked.prediction], other_tensors(checked), wanted),
        has_kernels=is_fused() and can_compile(checked),
    )


def evaluate_on_device(
    checked: CheckedCall, call: Call, wanted: Wanted, *, splits: bool, by_kernels: bool
) -> Results:
    """Return the results as `evaluate_whole` does."""
    formula = call.formula
    if not by_kernels:
        return _evaluate_chunks(checked, formula, wanted, splits=splits, held=call.held)
    try:
        return evaluate_by_kernels(checked, formula, wanted)
    except NotCompiledError as error:
        # First, as it may raise the error of a call that is wrong.
        results = _evaluate_chunks(checked, formula, wanted, splits=splits, held=call.held)
        error.warn()
        return results


def _evaluate_chunks(
    checked: CheckedCall, formula: Formula, wanted: Wanted, *, splits: bool, held: Held
) -> Results:
    constants = detached(checked)._replace(xp=device_namespace())
    if not (torch.is_grad_enabled() and checked.prediction.requires_grad):
        with torch.no_grad():
            return evaluate_chunks(constants, formula, wanted, splits=splits, held=held)
    with torch.no_grad():
        chunks = Chunks(constants, formula, splits=splits, held=held)
        total, reduction, derivatives = chunks.evaluate(
            wanted._replace(value=True, slope=True), guarded=False
        )
        value = reduction.result(total)
        count = reduction.count() if wanted.count else None
    gradient = functools.partial(_gradient, checked.layout, reduction)
    observed = None if chunks.observed is None else checked.xp.savable(chunks.observed)
    slopes = Slopes([derivatives["slope"], observed], gradient)
    attached = attach(checked, formula, value, slopes)
    return Results(value=attached if wanted.value else None, count=count)


def _gradient(
    layout: BoundLayout,
    reduction: Reduction,
    kept: Sequence[torch.Tensor | None],
    arrays: Sequence[Any],
    grad_output: torch.Tensor,
) -> torch.Tensor:
    """Return the slopes times the factor of each entry; 0 where nothing is observed."""
    xp, (slopes, observed) = reduction.xp, kept
    factor = layout.expand(xp, reduction.spread(grad_output.detach()) * reduction.scale())
    gradient = slopes * factor
    if observed is not None:  # the upstream gradient may be infinite, and 0 times it NaN
        torch.where(observed, gradient, xp.constant(0.0, gradient), out=gradient)
    return cast(xp, gradient, arrays[0].dtype)
