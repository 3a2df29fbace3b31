"""Read labels without predictions, and count how often each class occurs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from .._arrays.lookup import array_namespace, unify
from .._arrays.masked import refuse_masked_arrays, split_masked_array
from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape
from .._inputs.bound_layout import BoundLayout
from .._inputs.domain import UNIT, Domain, classes_of
from .._inputs.dtypes import as_index, as_mask, check_labels, compute_dtype, safe_cast
from .._inputs.layout import EntryLayout
from .._inputs.masked_labels import MaskedLabels, is_array_like, what_is_observed
from .._inputs.missing import Missing, as_tuple
from .._inputs.options import check_axis
from .._inputs.outliers import check_domain, in_domain


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels with 0 in place of missing ones, and the mask of the observed labels.

    Attributes
    ----------
    values : array
        Class indices, or floating labels in the dtype of the computation.
    observed : array or None
        True where a label is observed; None where all labels are.
    dtype : dtype
        The real floating dtype of the computation.
    """

    xp: Namespace
    values: Array
    observed: Array | None
    dtype: object

    @property
    def shape(self) -> Shape:
        """The shape of the labels."""
        return self.xp.shape_of(self.values)

    @property
    def ones(self) -> Array:
        """An array with 1 where a label is observed and 0 elsewhere; its sum is a count."""
        ones = self.xp.astype(self.xp.ones_like(self.values), self.dtype)
        return ones if self.observed is None else self.xp.where(self.observed, ones, 0.0)


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of positive and of observed labels per class."""

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
    name: str = "labels",
    domain: Domain = UNIT,
) -> Labels:
    """Check labels in [0, 1] or class indices, and put 0 where they are missing.

    Errors about the arrays `others` call each by its name.
    """
    xp, labels, observed = read_observed(
        labels, mask, missing, indexed=classes is not None, others=others, name=name
    )
    with xp.ignore_fp_errors():
        if classes is None:
            dtype, domain = _dtype_of(xp, labels), domain._replace(missing=as_tuple(missing))
            values = safe_cast(xp, observed, labels, 0, dtype)
            is_free = domain.is_unbounded
            values = in_domain(xp, name, values, domain, given=labels, refuse_nan=is_free)
        else:
            domain = class_domain(classes)._replace(missing=as_tuple(missing))
            dtype, index = xp.float_dtype, as_index(xp, labels)
            values = safe_cast(xp, observed, index, 0, xp.index_dtype)
            check_domain(xp, name, values, domain, given=labels)
    return Labels(xp, values, observed, dtype)


def read_observed(
    labels: Array,
    mask: Array | None,
    missing: Missing,
    *,
    indexed: bool,
    others: Mapping[str, object] | None = None,
    name: str = "labels",
) -> tuple[Namespace, Array, Array | None]:
    """Return the namespace, the labels, and the mask of the observed; None where all are.

    The values of the labels are not checked, but integers if they are `indexed`.
    """
    arrays = {name: labels, "mask": mask, **(others or {})}
    arrays = {key: array for key, array in arrays.items() if is_array_like(array)}
    array_namespace({key: array for key, array in arrays.items() if key != "mask"})
    refuse_masked_arrays({key: array for key, array in arrays.items() if key != name})
    xp, given = unify(arrays)
    mask = given.get("mask", mask)
    labels, own_mask = split_masked_array(labels)
    check_labels(xp, name, labels, indexed=indexed)
    layout = BoundLayout(xp.shape_of(labels))
    if mask is not None:
        mask = layout.line_up_mask(xp, as_mask(xp, mask, labels))
    masked = MaskedLabels(labels, mask, own_mask)
    with xp.ignore_fp_errors():
        return xp, labels, what_is_observed(xp, layout, name, masked, missing)


def check_class_axis(shape: Shape, axis: int = -1) -> None:
    """Raise if an axis of labels, by default the last, has no class."""
    if not shape or shape[axis] == 0:
        which = "the last axis" if axis in {-1, len(shape) - 1} else f"axis {axis}"
        msg = f"`labels` must have classes along {which}, got shape {shape}"
        raise ValueError(msg)


def bind_class_axis(shape: Shape, class_axis: int | None) -> int:
    """Return the class axis of labels, which must be named above two dimensions."""
    axis = None if class_axis is None else check_axis("class_axis", class_axis)
    layout = EntryLayout(class_axis=axis).bind(("labels", "labels"), shape, shape)
    layout.require_class_axis("weights per class")
    return layout.class_axis


def class_domain(classes: int) -> Domain:
    """Return the domain of class indices: 0 to `classes` - 1."""
    return classes_of(classes, "class indices ")


def count_positives(labels: Labels, class_axis: int = -1) -> Counts:
    """Count along all axes but the class axis; labels of one axis are of one class."""
    ndim = len(labels.shape)
    axes = tuple(k for k in range(ndim) if k != class_axis % ndim) if ndim > 1 else (0,)
    positive, observed = (
        labels.xp.sum_along(array, axes) for array in (labels.values, labels.ones)
    )
    return Counts(labels.xp, positive, observed)


def count_classes(labels: Labels, classes: int) -> Counts:
    """Count each class index.

    Values that cannot be read cannot raise: if one is no class, all positive counts are NaN.
    """
    xp, index = labels.xp, labels.values
    is_class = (index >= 0) & (index < classes)
    if labels.observed is not None:
        index = xp.where(labels.observed, index, -1)  # `bincount` leaves -1 out
    positive = xp.astype(xp.bincount(index, classes), labels.dtype)
    positive = xp.where(xp.all(is_class), positive, math.nan)
    observed = xp.sum_along(xp.reshape(labels.ones, (-1,)), (0,))
    return Counts(xp, positive, xp.broadcast_to(observed, positive.shape))


def _dtype_of(xp: Namespace, labels: Array) -> object:
    if xp.isdtype(labels.dtype, "real floating"):
        return compute_dtype(xp, "labels", labels)
    return xp.float_dtype
