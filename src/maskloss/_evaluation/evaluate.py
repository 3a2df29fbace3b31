"""Evaluation: of whole arrays, or, of many entries that nothing traces, in blocks."""

from __future__ import annotations

from typing import Any

from maskloss._arrays.namespace import is_numpy, is_plain_tensor, shape_of
from maskloss._arrays.typing import Array
from maskloss._evaluation import blocks as _blocks
from maskloss._evaluation.sparse_labels import Observed, as_observed, at_labels, reduce_labels
from maskloss._evaluation.sums import Sums
from maskloss._evaluation.whole import evaluate_whole
from maskloss._formula import Call, Part, of_labels
from maskloss._inputs.arguments import check_call
from maskloss._inputs.entries import CheckedCall, Classes, InputSpec
from maskloss._inputs.options import Settings


def evaluate(
    call: Call,
    spec: InputSpec,
    settings: Settings,
    parts: tuple[Part, ...],
    classes: Classes | None = None,
) -> list[Array | Sums]:
    """Return the parts: the reduced value, or derivatives of the sum of all that it holds."""
    labels = as_observed(call.labels)
    if labels is not None:
        return _of_observed(call, labels, spec, settings, parts)
    if any(part != of_labels(part) for part in parts):
        name = spec.names[1]
        msg = f"indexed=True gives a gradient at the places of `{name}`, which must be Observed"
        raise TypeError(msg)
    if settings.reduction == "sums" and call.not_summable_because:
        why = call.not_summable_because
        msg = f'reduction="sums" cannot be added up for this loss: {why}; use "mean"'
        raise ValueError(msg)
    checked = check_call(
        spec, call.prediction, call.labels, call.arrays, settings, call.layout, classes
    )
    if _blocks.can_split(call):
        if is_numpy(checked.xp):
            return _blocks.evaluate_blocks(checked, call.formula, parts)
        results = _of_tensors(checked, call, parts)
        if results is not None:
            return results
    return evaluate_whole(checked, call.formula, parts)


def _of_observed(
    call: Call, labels: Observed, spec: InputSpec, settings: Settings, parts: tuple[Part, ...]
) -> list[Any]:
    shape = shape_of(call.prediction)
    part_of_call, places = at_labels(call, labels, spec.names[1])

    def of_each(settings: Settings, parts: tuple[Part, ...]) -> list[Any]:
        return evaluate(part_of_call, spec, settings, parts, places)

    results = reduce_labels(of_each, places, settings, tuple(map(of_labels, parts)), shape)

    def lay_out(part: Part, result: Any) -> Any:
        if part in {"value", "count"}:
            return result
        if part != of_labels(part):
            return Observed(places.indices, result, shape)
        return places.spread(call.prediction, result)

    return [lay_out(part, result) for part, result in zip(parts, results, strict=True)]


def _of_tensors(
    checked: CheckedCall, call: Call, parts: tuple[Part, ...]
) -> list[Array | Sums] | None:
    if not is_plain_tensor(checked.prediction):
        return None
    from maskloss._evaluation.torch_eager import evaluate_tensors

    return evaluate_tensors(checked, call.formula, parts)
