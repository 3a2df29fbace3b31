"""Check the arguments of a call and line them up."""

from __future__ import annotations

from collections.abc import Mapping

from maskloss._arrays.lookup import array_namespace
from maskloss._arrays.masked import refuse_masked_array, split_masked_array
from maskloss._arrays.typing import Array
from maskloss._inputs.dtypes import (
    as_mask,
    as_number,
    check_labels,
    compute_dtype,
)
from maskloss._inputs.entries import (
    CheckedCall,
    Classes,
    InputSpec,
    MaskedLabels,
    is_array_like,
)
from maskloss._inputs.layout import EntryLayout
from maskloss._inputs.missing import refuse_meanings
from maskloss._inputs.options import Settings


def check_call(
    spec: InputSpec,
    prediction: Array,
    labels: Array,
    others: Mapping[str, object],
    settings: Settings,
    entry_layout: EntryLayout,
    classes: Classes | None = None,
) -> CheckedCall:
    """Check the arguments of a loss for all that shapes and dtypes tell, and line them up."""
    input_name, label_name = spec.names
    options = {"mask": settings.mask, "weight": settings.weight, "divisor": settings.divisor}
    arrays = {name: array for name, array in {**others, **options}.items() if is_array_like(array)}
    arrays = {input_name: prediction, **arrays}
    xp = array_namespace({**arrays, label_name: labels})
    own_mask = None
    if xp.is_host:
        for name, array in arrays.items():
            refuse_masked_array(name, array)
        labels, own_mask = split_masked_array(labels)
    dtype = compute_dtype(xp, input_name, prediction)
    layout = entry_layout.bind(spec.names, xp.shape_of(prediction), xp.shape_of(labels))
    check_labels(xp, label_name, labels, indexed=layout.has_class_indices)
    if settings.missing is not None:
        refuse_meanings(label_name, spec.domains[1], settings.missing)
    labels = xp.ensure_shape(labels, layout.entries if layout.has_class_indices else layout.shape)
    mask = weight = None
    if settings.mask is not None:
        mask = layout.line_up_mask(xp, as_mask(xp, settings.mask, prediction), others)
    if settings.weight is not None:
        weight = as_number(xp, "weight", settings.weight, dtype, prediction)
        weight = layout.line_up(xp, "weight", weight, others)
    if layout.has_class_indices:
        labels = layout.expand(xp, labels)
        own_mask = None if own_mask is None else layout.expand(xp, own_mask)
    return CheckedCall(
        xp=xp,
        layout=layout,
        spec=spec,
        settings=settings,
        dtype=dtype,
        prediction=prediction,
        labels=MaskedLabels(labels, mask, own_mask),
        weight=weight,
        arrays=others,
        classes=classes or layout,
    )
