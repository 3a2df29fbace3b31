"""Labels on their own, without predictions: what is safe to count, and how often a class occurs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maskloss._arrays.indexing import bincount
from maskloss._arrays.namespace import (
    array_namespace,
    floating_dtype,
    index_dtype,
    integer,
    is_number,
    refuse_masked_array,
    shape_of,
    split_masked_array,
)
from maskloss._arrays.summation import total
from maskloss._arrays.typing import Array, Namespace, Shape
from maskloss._inputs.domain import UNIT, Domain, check_domain, classes_of, in_domain
from maskloss._inputs.dtypes import as_mask, check_labels, compute_dtype, safe_cast
from maskloss._inputs.entries import is_array_like, what_is_observed
from maskloss._inputs.layout import BoundLayout
from maskloss._inputs.missing import Missing, as_tuple


@dataclass(frozen=True, slots=True)
class Labels:
    """Safe labels, 0 where missing, and which of them are observed.

    Attributes
    ----------
    values : array
        Floating labels, in a dtype to compute in; or class indices.
    observed : array or None
        None where everything is observed.
    dtype : dtype
        The real floating dtype to compute in.
    """

    xp: Namespace
    values: Array
    observed: Array | None
    dtype: object

    @property
    def shape(self) -> Shape:
        """Shape of the labels."""
        return shape_of(self.values)

    @property
    def ones(self) -> Array:
        """1 where observed, else 0, to be summed."""
        ones = self.xp.astype(self.xp.ones_like(self.values), self.dtype)
        return ones if self.observed is None else self.xp.where(self.observed, ones, 0.0)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many labels of each class are positive, and how many are observed."""

    xp: Namespace
    positive: Array
    observed: Array


def read_labels(
    labels: Array,
    mask: Array | None,
    missing: Missing,
    *,
    classes: int | None = None,
    others: Mapping[str, object] | None = None,
) -> Labels:
    """Check labels in [0, 1], or class indices, and make them safe."""
    arrays = {"labels": labels, "mask": mask, **(others or {})}
    arrays = {name: array for name, array in arrays.items() if is_array_like(array)}
    xp = array_namespace({"labels": labels, **arrays})
    for name, array in arrays.items():
        if name != "labels":
            refuse_masked_array(name, array)
    labels, mask_of_labels = split_masked_array(labels)
    check_labels(xp, "labels", labels, indexed=classes is not None)
    layout = BoundLayout(shape_of(labels))
    if mask is not None:
        mask = layout.line_up_mask(xp, as_mask(xp, mask, labels))
    observed = what_is_observed(xp, layout, "labels", labels, mask_of_labels, mask, missing)
    if classes is None:
        dtype, domain = _dtype_of(xp, labels), UNIT._replace(missing=as_tuple(missing))
        values = in_domain(xp, "labels", safe_cast(xp, observed, labels, 0, dtype), domain)
    else:
        domain = class_domain(classes)._replace(missing=as_tuple(missing))
        dtype, values = floating_dtype(xp), safe_cast(xp, observed, labels, 0, index_dtype(xp))
        check_domain(xp, "labels", values, domain)
    return Labels(xp, values, observed, dtype)


def check_class_axis(shape: Shape) -> None:
    """Refuse labels without a class."""
    if not shape or shape[-1] == 0:
        msg = f"`labels` must have classes along the last axis, got shape {shape}"
        raise ValueError(msg)


def class_domain(classes: int) -> Domain:
    """Where class indices lie."""
    return classes_of(classes, "class indices ")


def count_positives(labels: Labels) -> Counts:
    """Count along all axes but the last, that of the classes; all axes where there is one."""
    axes = tuple(range(max(len(labels.shape) - 1, 1)))
    positive, observed = (total(labels.xp, a, axes) for a in (labels.values, labels.ones))
    return Counts(labels.xp, positive, observed)


def count_classes(labels: Labels, classes: int) -> Counts:
    """Count class indices; NaN where one that cannot be read is no class."""
    xp, index = labels.xp, labels.values
    is_class = (index >= 0) & (index < classes)
    if labels.observed is not None:
        index = xp.where(labels.observed, index, -1)  # counts nowhere
    positive = xp.astype(bincount(xp, index, classes), labels.dtype)
    positive = xp.where(xp.all(is_class), positive, math.nan)
    observed = total(xp, xp.reshape(labels.ones, (-1,)), (0,))
    return Counts(xp, positive, xp.broadcast_to(observed, positive.shape))


def check_size(name: str, value: object) -> Any:
    """Return a number of classes or items, 1 or more, that shapes may have."""
    number: Any = value if is_number(value) else integer(value)
    if number is None or isinstance(number, bool | float):
        msg = f"`{name}` must be an integer, 1 or more, got {value!r}"
        raise TypeError(msg)
    if number < 1:
        msg = f"`{name}` must be 1 or more, got {value!r}"
        raise ValueError(msg)
    return number


def _dtype_of(xp: Namespace, labels: Array) -> object:
    if xp.isdtype(labels.dtype, "real floating"):
        return compute_dtype(xp, "labels", labels)
    return floating_dtype(xp)
