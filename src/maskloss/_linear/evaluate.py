"""Evaluate the loss of a linear layer: in chunks of rows, or with all logits at once."""

from __future__ import annotations

from typing import Any

from maskloss._arrays.namespace import is_jax, is_numpy, is_plain_tensor
from maskloss._evaluation.sparse_labels import as_observed
from maskloss._formula import Part
from maskloss._inputs.arguments import check_call
from maskloss._inputs.domain import REAL, UNIT
from maskloss._inputs.entries import CheckedCall, InputSpec
from maskloss._inputs.options import Settings
from maskloss._linear.chunks import evaluate_chunks
from maskloss._linear.layer import Layer, LinearCall, evaluate_layer, read_layer
from maskloss._linear.sparse_labels import evaluate_sparse_labels

_SPEC = InputSpec(("logits", "labels"), (REAL, UNIT))


def evaluate(call: LinearCall, settings: Settings, parts: tuple[Part, ...]) -> list[Any]:
    """Return the parts; the slope is the gradients by the parameters of the layer."""
    if "curvature" in parts:
        msg = (
            "`loss` is the loss of a linear layer, whose Hessian diagonal by its parameters is "
            "not in closed form; take the Hessian by the logits: grad_and_hessian of "
            "`cross_entropy` or of `binary_cross_entropy_with_logits`"
        )
        raise TypeError(msg)
    labels = as_observed(call.labels)
    layer = read_layer(call, call.labels if labels is None else labels.values, settings)
    if labels is not None:
        return evaluate_sparse_labels(layer, call, labels, _SPEC, settings, parts)
    checked = check_call(_SPEC, layer.zeros(), call.labels, call.arrays, settings, call.layout)
    if is_numpy(layer.xp):
        return evaluate_chunks(layer, checked, call.formula, parts)
    results = _in_chunks(layer, checked, call, parts)
    return evaluate_layer(layer, checked, call.formula, parts) if results is None else results


def _in_chunks(
    layer: Layer, checked: CheckedCall, call: LinearCall, parts: tuple[Part, ...]
) -> list[Any] | None:
    """Return the parts, computed in chunks, or None if all logits are needed at once."""
    if all(map(is_plain_tensor, layer.parameters)):
        from maskloss._linear.torch_autograd import evaluate_tensors

        return evaluate_tensors(layer, checked, call.formula, parts)
    if is_jax(layer.xp):
        from maskloss._linear.jax_scan import evaluate_scan

        return evaluate_scan(layer, checked, call.formula, parts)
    return None
