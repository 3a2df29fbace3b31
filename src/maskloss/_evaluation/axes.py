"""Sums and counts of entries along the axes of a reduction."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable

from .._arrays.kinds import if_traced, integer, shown
from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape
from .._inputs.bound_layout import BoundLayout
from .._inputs.options import Settings


def axes_to_sum(settings: Settings, layout: BoundLayout) -> Shape:
    """Return the axes of the entries over which a reduction sums first."""
    shape = layout.entries
    everything = tuple(range(len(shape)))
    if settings.reduction == "none":
        return ()
    if settings.reduction in {"macro", "samples"}:
        is_macro = settings.reduction == "macro"
        if is_macro:
            layout.require_axis_of_macro()
        kept = layout.class_axis_of_entries if is_macro else 0
        return tuple(axis for axis in everything if axis != kept)
    return everything if settings.axis is None else _given_axes(settings.axis, shape)


def _given_axes(axis: object, shape: Shape) -> Shape:
    """Check the keyword `axis`, and return its axes, counted from the front."""
    given = axis if isinstance(axis, tuple) else (axis,)
    axes = [number for number in map(integer, given) if number is not None]
    if len(axes) < len(given):
        msg = (
            f"`axis` must be an integer or a tuple of integers, got {shown(axis)}"
            f"{if_traced('axis', axis)}"
        )
        raise TypeError(msg)
    if not all(-len(shape) <= i < len(shape) for i in axes):
        msg = f"`axis`={shown(axis)} must be axes of the entries, whose shape is {shape}"
        raise ValueError(msg)
    front = {i % len(shape) for i in axes}
    if len(front) < len(axes):
        msg = f"`axis`={shown(axis)} names an axis of the entries, of shape {shape}, twice"
        raise ValueError(msg)
    return tuple(sorted(front))


def size_along(shape: Shape, axes: Iterable[int]) -> int:
    """Return the number of elements along `axes`."""
    # Not `math.prod`: sizes are symbols once torch.compile (torch 2.13) has seen several shapes.
    return functools.reduce(operator.mul, [shape[axis] for axis in axes], 1)


def count_along(xp: Namespace, array: Array, axes: Shape) -> Array:
    """Count the True elements along `axes`, keeping them."""
    if not axes:
        return xp.astype(array, xp.count_nonzero(array).dtype)
    return xp.count_nonzero(array, axis=axes, keepdims=True)


def sum_along(xp: Namespace, array: Array, axes: Shape) -> Array:
    """Sum along `axes`, keeping them; without axes, copy: no result is an argument."""
    return xp.sum_along(array, axes) if axes else xp.copy(array)
