"""Check the arguments of a call, and line the arrays up."""

from __future__ import annotations

import math
from collections.abc import Mapping

from .._arrays.kinds import scalar
from .._arrays.lookup import array_namespace, unify
from .._arrays.masked import refuse_masked_arrays, split_masked_array
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .bound_layout import BoundLayout
from .checked_call import CheckedCall, InputSpec, Places
from .domain import NON_NEGATIVE, WEIGHT
from .dtypes import (
    as_mask,
    as_number,
    check_labels,
    compute_dtype,
    unread_not_a_mask,
)
from .layout import EntryLayout
from .masked_labels import MaskedLabels
from .missing import refuse_meanings
from .options import Settings
from .outliers import in_domain

_NOT_A_MASK = ", or pass `mask` to mark the observed labels"
_NO_WEIGHT = "; pass other numbers as `weight`, or compare them"


def check_call(
    spec: InputSpec,
    prediction: Array,
    labels: Array | None,
    others: Mapping[str, object],
    settings: Settings,
    entry_layout: EntryLayout,
    places: Places | None = None,
) -> CheckedCall:
    """Check the shapes and dtypes of a loss's arguments, and line the arrays up."""
    input_name, label_name = spec.names
    if not spec.has_labels:
        labels = _as_labels(input_name, prediction)
    given = {**others, "mask": settings.mask, "weight": settings.weight}
    given["divisor"] = settings.divisor
    if settings.groups is not None:  # else it may be the lists of a ranking
        given["groups"] = settings.groups
    arrays = {k: v for k, v in given.items() if v is not None and scalar(v) is None}
    refuse_masked_arrays({input_name: prediction, **arrays})
    xp, unified = unify({input_name: prediction, **arrays, label_name: labels}, lists=arrays)
    xp.check_arrays(unified)
    given.update(unified)
    labels, own_mask = split_masked_array(given.pop(label_name))
    if own_mask is not None:
        labels, own_mask = xp.asarray(labels), xp.asarray(own_mask)
    dtype = compute_dtype(xp, input_name, prediction, (label_name, labels))
    layout = entry_layout.bind(spec.names, xp.shape_of(prediction), xp.shape_of(labels))
    check_labels(xp, label_name, labels, indexed=layout.has_class_indices)
    if settings.missing is not None:
        refuse_meanings(label_name, spec.domains[1], settings.missing)
    prediction, labels = xp.lined_up(prediction, labels, layout.labels)
    mask, weight = given["mask"], given["weight"]
    if weight is not None:
        weight = as_number(xp, "weight", weight, dtype, prediction, WEIGHT, advice=_NOT_A_MASK)
        weight = layout.line_up(xp, "weight", weight, others)
    if not layout.row_axes and others.get("class_weight") is not None:
        of_class = _weight_per_class(xp, given["class_weight"], dtype, prediction)
        of_class = (places or layout).line_up_classes(xp, "class_weight", of_class)
        weight = _times(xp, weight, xp.broadcast_to(of_class, layout.shape), dtype)
    if mask is not None:
        bools = as_mask(xp, mask, prediction, advice=_NO_WEIGHT)
        if bools is not mask:
            weight = _weight_of_mask(xp, layout, mask, weight, dtype)
        mask = layout.line_up_mask(xp, bools, others)
    if layout.has_row_labels:
        labels = layout.expand_labels(xp, labels)
        own_mask = None if own_mask is None else layout.expand_labels(xp, own_mask)
    return CheckedCall(
        xp=xp,
        layout=layout,
        spec=spec,
        settings=Settings(  # whose mask and weight are lined up with the labels
            missing=settings.missing,
            reduction=settings.reduction,
            divisor=given["divisor"],
            axis=settings.axis,
            empty=settings.empty,
            groups=None if settings.groups is None else given["groups"],
        ),
        dtype=dtype,
        prediction=prediction,
        labels=MaskedLabels(labels, mask, own_mask),
        weight=weight,
        arrays={name: given[name] for name in others},
        classes=places or layout,
        is_placed=None if places is None else places.is_placed,
    )


def _weight_per_class(
    xp: Namespace, numbers: Array | float, dtype: object, prediction: Array
) -> Array:
    """Return `class_weight` as an array; one number per class is checked, missing or not."""
    array = as_number(xp, "class_weight", numbers, dtype, prediction)
    if len(array.shape) != 1:
        return array
    return in_domain(xp, "class_weight", xp.astype(array, dtype), NON_NEGATIVE)


def _as_labels(name: str, prediction: Array) -> Array:
    """Return the prediction as a constant, to compare with `missing`."""
    given = {name: prediction}
    refuse_masked_arrays(given)
    return array_namespace(given).stop_gradient(prediction)


def _times(xp: Namespace, weight: Array | None, factor: Array, dtype: object) -> Array:
    """Multiply the weights of entries by a factor; bad numbers may be in missing entries.

    A negative number stays negative, so that it is refused where its entry is observed.
    """
    if weight is None:
        return factor
    weight, factor = xp.astype(weight, dtype), xp.astype(factor, dtype)
    with xp.ignore_fp_errors():
        product = xp.where(factor < 0, factor, weight * factor)
        return xp.where(weight < 0, weight, product)


def _weight_of_mask(
    xp: Namespace, layout: BoundLayout, mask: Array, weight: Array | None, dtype: object
) -> Array | None:
    """Return the weight, with NaN where an unreadable mask of numbers is neither 0 nor 1."""
    is_wrong = unread_not_a_mask(xp, mask)
    if is_wrong is None:
        return weight
    is_wrong = layout.line_up_mask(xp, is_wrong)
    is_wrong = layout.any_of_row(xp, is_wrong)
    ones = xp.ones_like(xp.astype(is_wrong, dtype))
    return xp.where(is_wrong, math.nan, ones if weight is None else xp.astype(weight, dtype))
