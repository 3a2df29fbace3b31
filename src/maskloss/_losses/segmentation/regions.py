"""Regions as entries, and their labels."""

from __future__ import annotations

import math
from types import EllipsisType
from typing import Any

from ..._arrays.typing import Array
from ..._docstrings import document
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import check_axes, check_axis, check_choice
from ..._inputs.outliers import refuse
from .activations import Activation

Axes = int | tuple[int, ...] | EllipsisType

# Puts the parameters of every loss of regions into its docstring.
document_regions = document(
    input_and_target="""\
input : array
    Probabilities p in [0, 1], of any shape and real floating dtype, or logits with
    `activation`. An entry is a region: all elements along `spatial_axes`. Every sum runs over
    its observed elements.
target : array
    Labels y of the same shape, in [0, 1], hard or soft; bool, integer or floating. `mask` and
    `missing` apply to each element.""",
    spatial_axes_and_smooth="""\
spatial_axes : int, tuple of int or ``...``, default: ``...``
    The axes of a region. For shape (N, C, H, W), ``(2, 3)`` gives one loss per image and class,
    ``(0, 2, 3)`` one per class. ``...``, or all axes, gives one loss for the whole prediction;
    then ``reduction="sums"`` raises a `ValueError`.
smooth : float, default: 1.0
    The smooth term s, 0 or more.""",
    activation_and_class_axis="""\
activation : "sigmoid", "softmax" or None, default: None
    What makes probabilities p of logits: the sigmoid of each element, or the softmax of each pixel
    along `class_axis`, over its observed elements. With None, `input` holds p.
class_axis : int, optional
    The axis of the classes, for ``"softmax"`` and for labels that are class indices: integers in
    the shape of `input` without this axis. A missing label, or a `mask` of their shape, leaves out
    all classes of a pixel. p must be probabilities of exclusive classes then.""",
)


def region_layout(
    prediction: Array, spatial_axes: Axes, class_axis: int | None, activation: Activation
) -> dict[str, Any]:
    """Return the arguments of a `Call` that say what a region is."""
    check_choice("activation", activation, (None, "sigmoid", "softmax"))
    if activation == "softmax" and class_axis is None:
        msg = (
            "`class_axis` must name the axis of the classes for activation='softmax'; for images "
            "(N, C, H, W) pass class_axis=1"
        )
        raise ValueError(msg)
    axes = check_axes("spatial_axes", spatial_axes)
    if class_axis is not None:
        class_axis = check_axis("class_axis", class_axis)
    if activation == "softmax":
        _check_classes(tuple(getattr(prediction, "shape", ())), class_axis)
    if class_axis is None and not isinstance(axes, EllipsisType):
        axes = _whole_or_parts(axes, len(getattr(prediction, "shape", ())))
    not_summable_because = (
        "the overlap of a whole is not the mean of the overlaps of its parts" if axes is ... else ""
    )
    return {
        "layout": EntryLayout(
            axes,
            coupled=True,
            keyword="spatial_axes",
            class_axis=class_axis,
        ),
        "not_summable_because": not_summable_because,
        "needs_whole_call": activation == "softmax",
    }


def _check_classes(shape: tuple[Any, ...], axis: int | None) -> None:
    """Raise for a softmax of no class."""
    if axis is not None and -len(shape) <= axis < len(shape) and shape[axis] == 0:
        msg = f"the prediction of shape {shape} has no element along `class_axis`={axis}"
        raise ValueError(msg)


def _whole_or_parts(axes: tuple[int, ...], ndim: int) -> tuple[int, ...] | EllipsisType:
    """Return ``...`` for axes that name the whole of a prediction with several dimensions."""
    fitting = {axis % ndim for axis in axes if -ndim <= axis < ndim}
    return ... if ndim > 1 and len(fitting) == len(axes) == ndim else axes


def region_labels(entries: Entries, activation: Activation) -> Array:
    """Return the labels of the elements; class indices become 1 at their class and 0 elsewhere."""
    xp, y, whole = entries.xp, entries.labels, entries.checked.layout
    if not whole.has_class_indices:
        return y
    if activation == "sigmoid":
        msg = (
            "`activation`='sigmoid' gives each element a probability of its own, but class indices "
            'need probabilities of exclusive classes; pass activation="softmax"'
        )
        raise ValueError(msg)
    classes = entries.select(xp.positions_along(entries.checked.prediction, whole.class_axis))
    # Of indices that cannot be read, one that is no class must not vanish.
    is_class = xp.logical_and(y >= 0, y < whole.classes)
    if activation == "softmax" and entries.observed is not None and 0 not in xp.shape_of(y):
        is_class = xp.logical_and(is_class, ~_is_left_out(entries, entries.observed, classes))
    return xp.where(
        is_class, xp.where(y == classes, xp.ones_like(entries.prediction), 0.0), math.nan
    )


def _is_left_out(entries: Entries, observed: Array, classes: Array) -> Array:
    """Refuse pixels whose label is a class that is masked there; return True at these.

    The softmax of the other classes would give them all of the probability.
    """
    xp, axis = entries.xp, entries.layout.class_axis
    label = xp.max(xp.where(observed, entries.labels, -1), axis=axis, keepdims=True)
    is_out = xp.logical_and(classes == label, ~observed)
    expected = "a class that `mask` does not leave out of its pixel"
    advice = "; if it means missing, leave out all classes of the pixel"
    refuse(xp, entries.label_name, classes, is_out, expected, advice)
    return xp.any(is_out, axis=axis, keepdims=True)
