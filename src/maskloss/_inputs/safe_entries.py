"""The entries of a call with values that are safe to compute with."""

from __future__ import annotations

import math

from .._arrays.kinds import quoted
from .._arrays.typing import Array
from .bound_layout import BoundLayout
from .checked_call import CheckedCall
from .domain import WEIGHT, classes_of
from .dtypes import as_index, safe_cast
from .entries import Entries
from .masked_labels import Select, select_all
from .outliers import check_domain, in_domain


def all_entries(checked: CheckedCall) -> Entries:
    """Return all entries of a call, with static shapes."""
    layout, labels = checked.layout, checked.labels.values
    observed = checked.observed(layout)
    return safe_entries(
        checked, layout, checked.prediction, labels, observed, checked.weight, select_all
    )


def safe_entries(
    checked: CheckedCall,
    layout: BoundLayout,
    prediction: Array,
    labels: Array,
    observed: Array | None,
    weight: Array | None,
    select: Select,
    *,
    is_filled: bool = True,
) -> Entries:
    """Check the values of some entries, and return them with safe values.

    Unless `is_filled`, only class indices are safe where nothing is observed: for formulas that
    treat each entry by itself, and that nothing differentiates.
    """
    xp, dtype = checked.xp, checked.dtype
    input_name, label_name = checked.spec.names
    input_domain, label_domain = checked.spec.domains
    if observed is None and layout.coupled and 0 in prediction.shape:
        observed = prediction > 0  # of no element: an empty row has nothing observed
    # Where values can be read, bad ones raise; so fill those of unobserved entries.
    is_filled = is_filled or xp.is_readable(prediction)
    safe = observed if is_filled else None
    if weight is not None:
        rows = None if safe is None else layout.any_of_row(xp, safe)
        weight = safe_cast(xp, rows, weight, 0, dtype)
        weight = in_domain(xp, "weight", weight, WEIGHT)
    prediction = safe_cast(xp, safe, prediction, input_domain.fill_value, dtype)
    if not input_domain.is_unbounded:
        prediction = in_domain(xp, input_name, prediction, input_domain, is_differentiated=True)
    if not checked.spec.has_labels:
        labels = xp.stop_gradient(prediction)  # in which a NaN may be observed
    elif layout.has_class_indices:
        given, labels = labels, as_index(xp, labels)
        labels = safe_cast(xp, observed, labels, 0, xp.index_dtype)
        meaning = f"class indices of {quoted(input_name)} of shape {checked.layout.shape}, "
        label_domain = classes_of(checked.layout.classes, meaning)
        check_domain(xp, label_name, labels, label_domain, checked.with_advice, given=given)
    else:
        given, labels = labels, safe_cast(xp, safe, labels, label_domain.fill_value, dtype)
        labels = in_domain(
            xp, label_name, labels, label_domain, checked.with_advice, given=given, refuse_nan=True
        )
        if checked.is_placed is not None:
            labels = xp.where(checked.is_placed, labels, math.nan)
    return Entries(checked, xp, layout, prediction, labels, observed, weight, select, is_filled)
