"""The results of a call: check the arguments, choose an evaluator, and run it."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from dataclasses import replace
from types import EllipsisType
from typing import Any

from .._formula import Call, Results, Wanted
from .._inputs.arguments import check_call
from .._inputs.checked_call import CheckedCall, InputSpec, Places
from .._inputs.layout import ELEMENTS
from .._inputs.options import Settings
from .block_evaluator import evaluate_blocks, evaluate_few
from .block_size import are_few
from .choose import Evaluator, Situation, choose_evaluator
from .chunks import evaluate_chunks
from .fused_blocks import recording_of
from .groups import average_groups
from .sparse_labels import (
    Observed,
    as_observed,
    at_labels,
    no_groups,
    reduce_labels,
)
from .whole import evaluate_whole


def evaluate(
    call: Call,
    spec: InputSpec,
    settings: Settings,
    wanted: Wanted,
    places: Places | None = None,
) -> Results:
    """Return the wanted results: the reduced value, derivatives of its sum, and the count."""
    labels = as_observed(call.labels)
    if labels is not None:
        return _evaluate_observed(call, labels, spec, settings, wanted)
    if wanted.at_labels:
        name = spec.names[1]
        msg = f"indexed=True gives a gradient at the positions of `{name}`, which must be Observed"
        raise TypeError(msg)
    checked = _check(call, spec, settings, places)
    situation = _situation(call, checked, wanted)
    return _evaluate_by(choose_evaluator(situation)[0], situation, checked, call, wanted)


def _evaluate_by(
    evaluator: Evaluator,
    situation: Situation,
    checked: CheckedCall,
    call: Call,
    wanted: Wanted,
) -> Results:
    formula, splits = call.formula, situation.splits
    if evaluator is Evaluator.WHOLE:
        return evaluate_whole(checked, formula, wanted)
    if situation.mode == "tensor":
        evaluate_tensors: Callable[..., Results] = _torch_eager().evaluate_tensors
        return evaluate_tensors(checked, formula, wanted, evaluator, situation.recording)
    if situation.mode == "device":
        evaluate_on_device: Callable[..., Results] = _torch_device().evaluate_on_device
        by_kernels = evaluator is Evaluator.KERNELS
        return evaluate_on_device(checked, call, wanted, splits=splits, by_kernels=by_kernels)
    if evaluator is Evaluator.CHUNKS:
        return evaluate_chunks(checked, formula, wanted, splits=splits, held=call.held)
    if evaluator is Evaluator.FEW:
        return evaluate_few(checked, formula, wanted)
    return evaluate_blocks(checked, formula, wanted, situation.recording)


def _check(call: Call, spec: InputSpec, settings: Settings, places: Places | None) -> CheckedCall:
    """Check the arguments and line them up; groups become weights and a divisor."""
    if settings.reduction == "sums":
        refuse_sums(call)
    if call.labels is None and call.may_lack_labels:
        spec = spec.of_prediction()
    checked = check_call(
        spec, call.prediction, call.labels, call.arrays, settings, call.layout, places
    )
    if settings.groups is not None:
        checked = average_groups(checked, call.formula)
    if checked.xp.has_other_processes():
        _warn_if_of_batch(call, checked)
    return checked


def _warn_if_of_batch(call: Call, checked: CheckedCall) -> None:
    """Warn if several processes would each compute a loss of their own part of a batch."""
    why = call.not_summable_because
    if call.layout.keyword == "spatial_axes" and 0 in checked.layout.row_axes:
        why = why or "a region goes over the samples, whose overlap is not that of its parts"
    if why:
        _warn_once(why)


@functools.cache
def _warn_once(why: str) -> None:
    msg = (
        f"several processes compute parts of this loss, which does not split: {why}. The result is "
        f"the loss of this process's part of the batch, and the average of the gradients is not "
        f"the gradient of the whole batch; gather the predictions and labels of all processes "
        f"first, as `all_gather` does"
    )
    warnings.warn(msg, stacklevel=2)


def refuse_sums(call: Call, name: str = 'reduction="sums"') -> None:
    """Raise if losses of parts of a batch do not add up to the loss of the batch."""
    if call.not_summable_because:
        msg = (
            f"{name} cannot be added up for this loss: {call.not_summable_because}. "
            f"Neither can means of parts be averaged; gather the predictions and labels of the "
            f'whole batch, from all steps or devices, and use "mean"'
        )
        raise ValueError(msg)


def _situation(call: Call, checked: CheckedCall, wanted: Wanted) -> Situation:
    mode, splits = checked.xp.mode(checked.prediction), can_split(call)
    if call.needs_whole_call:
        return Situation(mode, splits=False, needs_whole_call=True)
    if mode == "device":
        situation_on_device: Callable[..., Situation] = _torch_device().situation_on_device
        return situation_on_device(checked, wanted, splits=splits)
    if not splits or mode not in {"host", "tensor"}:
        return Situation(mode, splits=splits)
    recording = recording_of(call.formula, checked)
    is_few = recording is None and are_few(checked)
    if mode == "tensor":
        situation_of_tensors: Callable[..., Situation] = _torch_eager().situation_of_tensors
        return situation_of_tensors(checked, wanted, is_few=is_few, recording=recording)
    return Situation(mode, is_few=is_few, recording=recording)


# The bridges to torch are imported once: an import in each call takes 3 us.


@functools.cache
def _torch_eager() -> Any:
    from . import torch_eager

    return torch_eager


@functools.cache
def _torch_device() -> Any:
    from . import torch_device

    return torch_device


def can_split(call: Call) -> bool:
    """Return whether a call has several entries, each with a loss of its own."""
    is_whole = isinstance(call.layout.row_axes, EllipsisType)
    return not (call.not_summable_because or call.needs_whole_call or is_whole)


def _evaluate_observed(
    call: Call, labels: Observed, spec: InputSpec, settings: Settings, wanted: Wanted
) -> Results:
    if settings.groups is not None:
        raise no_groups(spec.names[1])
    call_at_labels, positions = at_labels(call, labels, spec.names[1])
    call_at_labels = replace(call_at_labels, layout=ELEMENTS)

    def at_each(settings: Settings, wanted: Wanted) -> Results:
        return evaluate(call_at_labels, spec, settings, wanted, positions)

    results = reduce_labels(at_each, positions, settings, wanted._replace(at_labels=False))
    for name in wanted.derivatives:
        derivative = getattr(results, name)
        if wanted.at_labels:
            laid_out = Observed(positions.indices, derivative, positions.shape)
        else:
            laid_out = positions.spread(call.prediction, derivative)
        results = results._replace(**{name: laid_out})
    return results
