"""The mean of the means of groups of entries, such as sequences packed into rows."""

from __future__ import annotations

import math
from typing import Any

from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape
from .._formula import Formula
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import cast, widen_integers
from .._inputs.safe_entries import all_entries
from .._math.sorting import Order, Runs


def average_groups(checked: CheckedCall, formula: Formula | None = None) -> CheckedCall:
    """Return a call whose mean is the mean of the means of its groups.

    The weight of an entry is divided by the number of entries of its group that count, and the
    total by the number of groups. Without a `formula`, every observed entry counts.
    """
    xp, layout, settings = checked.xp, checked.layout, checked.settings
    groups = _lined_up(xp, settings.groups, layout.entries)
    counted = _counted(checked, formula)
    if counted is not None:
        counted = xp.reshape(layout.squeeze(xp, counted), xp.shape_of(groups))
    sizes, number = _sizes(xp, groups, counted)
    sizes = xp.reshape(xp.astype(sizes, checked.dtype), layout.entries)
    share = layout.expand(xp, 1.0 / sizes)
    if checked.weight is not None:
        with xp.ignore_fp_errors():  # the weight of a missing entry may be infinite
            share = share * cast(xp, checked.weight, checked.dtype)
    divisor = xp.astype(number, checked.dtype)
    settings = settings._replace(reduction="mean", divisor=divisor, groups=None)
    return checked._replace(weight=share, settings=settings)


def _lined_up(xp: Namespace, groups: Any, entries: Shape) -> Array:
    """Check `groups`, and return the id of each entry, with all entries of a row in one axis."""
    if not hasattr(groups, "dtype") or not xp.isdtype(groups.dtype, "integral"):
        kind = getattr(groups, "dtype", type(groups).__name__)
        msg = f"`groups` must be integers, the ids of the sequences of the entries, got {kind}"
        raise TypeError(msg)
    shape = xp.shape_of(groups)
    if len(shape) not in {1, 2} or shape != entries[: len(shape)]:
        wanted = " or ".join(str(entries[:ndim]) for ndim in (1, 2) if ndim <= len(entries))
        msg = (
            f"`groups` must have the shape of the first axis or the first two axes of the entries, "
            f"{wanted or 'but the entries have no axis'}, got {shape}"
        )
        raise ValueError(msg)
    rest = entries[len(shape) :]
    groups = xp.reshape(widen_integers(xp, groups), shape + (1,) * len(rest))
    if math.prod(rest) == 1:
        return xp.reshape(groups, shape)
    return xp.reshape(xp.broadcast_to(groups, entries), (*shape[:-1], shape[-1] * math.prod(rest)))


def _counted(checked: CheckedCall, formula: Formula | None) -> Array | None:
    """Return which entries count; None if all do."""
    if formula is None:
        observed = checked.observed(checked.layout)
        return None if observed is None else checked.layout.any_of_row(checked.xp, observed)
    with checked.xp.ignore_fp_errors():
        entries = all_entries(checked)
        terms = formula(entries)
        return entries.rows if terms.counted is None else terms.counted()


def _sizes(xp: Namespace, groups: Array, counted: Array | None) -> tuple[Array, Array]:
    """Return the number of counted entries in the group of each entry, and the number of groups.

    Entries that do not count form groups of their own.
    """
    axis = len(groups.shape) - 1
    keys = [groups]
    if counted is not None:
        keys.append(xp.where(counted, xp.zeros_like(groups), xp.ones_like(groups)))
    order = Order(xp, keys, axis)
    runs = Runs(xp, [order.sort(key) for key in keys], axis)
    is_first = runs.positions == 0
    if counted is not None:
        is_first = xp.logical_and(is_first, order.sort(counted))
    return order.unsort(runs.end - runs.start + 1), xp.count_nonzero(is_first)
