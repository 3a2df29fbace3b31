"""Regions as entries, and their labels."""

from __future__ import annotations

import math
from types import EllipsisType
from typing import Any

from maskloss._arrays.typing import Array
from maskloss._inputs.entries import Entries
from maskloss._inputs.layout import EntryLayout
from maskloss._inputs.options import check_axes, check_axis

Axes = int | tuple[int, ...] | EllipsisType


def region_layout(spatial_axes: Axes, class_axis: int | None) -> dict[str, Any]:
    """Return the arguments of a `Call` that say what a region is."""
    axes = check_axes("spatial_axes", spatial_axes)
    not_summable_because = (
        "the overlap of a whole is not the mean of the overlaps of its parts" if axes is ... else ""
    )
    return {
        "layout": EntryLayout(
            axes,
            coupled=True,
            keyword="spatial_axes",
            class_axis=None if class_axis is None else check_axis("class_axis", class_axis),
        ),
        "not_summable_because": not_summable_because,
    }


def region_labels(entries: Entries, *, from_logits: bool) -> Array:
    """Return the labels of the elements; class indices become 1 at their class and 0 elsewhere."""
    xp, y, whole = entries.xp, entries.labels, entries.checked.layout
    if not whole.has_class_indices:
        return y
    if from_logits:
        msg = (
            "`from_logits`=True takes the sigmoid of each element, and labels that are class "
            "indices need the softmax along `class_axis`: pass probabilities; put numbers for the "
            "logits of missing pixels first, for example 0"
        )
        raise ValueError(msg)
    classes = entries.select(xp.positions_along(entries.checked.prediction, whole.class_axis))
    # Of indices that cannot be read, one that is no class must not vanish.
    is_class = xp.logical_and(y >= 0, y < whole.classes)
    ones = xp.ones_like(entries.prediction)
    return xp.where(is_class, xp.where(y == classes, ones, 0.0), math.nan)
