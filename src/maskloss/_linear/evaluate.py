"""Evaluate the loss of a linear layer: in chunks of rows, or with all logits at once."""

from __future__ import annotations

import functools
from collections.abc import Callable

from .._evaluation.groups import average_groups
from .._evaluation.sparse_labels import as_observed, no_groups
from .._formula import Formula, Held, Results, Wanted
from .._inputs.arguments import check_call
from .._inputs.checked_call import CheckedCall, InputSpec
from .._inputs.options import Settings
from .layer import Layer, LinearCall, read_layer
from .row_chunks import evaluate_row_chunks
from .sparse_labels import evaluate_sparse_labels
from .teacher import check_teacher, has_teacher
from .whole import evaluate_whole_layer

Evaluate = Callable[[Layer, CheckedCall, Formula, Wanted], Results]


def evaluate(call: LinearCall, spec: InputSpec, settings: Settings, wanted: Wanted) -> Results:
    """Return the reduced value, and gradients with respect to the parameters of the layer."""
    if wanted.curvature:
        msg = (
            "`loss` is the loss of a linear layer, whose Hessian diagonal by its parameters is "
            "not in closed form; take the Hessian by the logits: grad_and_hessian of "
            "`cross_entropy`, `binary_cross_entropy_with_logits` or `distillation_loss`"
        )
        raise TypeError(msg)
    labels = as_observed(call.labels)
    given = call.labels if labels is None else labels.values
    layer = read_layer(call, spec.names[1], given, settings)
    if labels is not None:
        if settings.groups is not None:
            raise no_groups(spec.names[1])
        return evaluate_sparse_labels(layer, call, labels, spec, settings, wanted)
    if has_teacher(call):
        checked = check_teacher(layer, call, spec, settings)
    else:
        zeros = layer.zeros()
        checked = check_call(spec, zeros, call.labels, call.arrays, settings, call.layout)
    if settings.groups is not None:
        checked = average_groups(checked)
    return _choose(layer, checked, wanted, call.held)(layer, checked, call.formula, wanted)


def _choose(layer: Layer, checked: CheckedCall, wanted: Wanted, held: Held) -> Evaluate:
    """Return the evaluator of a layer."""
    if layer.xp.is_host:
        return evaluate_row_chunks
    modes = set(map(layer.xp.mode, layer.parameters))
    if modes == {"device"}:
        from . import torch_device

        if torch_device.can_chunk(layer, checked, wanted):
            return functools.partial(torch_device.evaluate_on_device, held=held)
    if modes == {"tensor"}:
        from . import torch_autograd

        if torch_autograd.can_read(layer, checked, wanted):
            return torch_autograd.evaluate_tensors
    if layer.xp.has_scan:
        from . import jax_scan

        if jax_scan.pays(layer, checked):
            return jax_scan.evaluate_scan
    return evaluate_whole_layer
