"""The lists of a call: rows along `list_axis`, or the items of each of `groups`."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from ..._arrays.kinds import quoted
from ..._arrays.typing import Array
from ..._docstrings import document
from ..._formula import Terms
from ..._inputs.domain import NON_NEGATIVE
from ..._inputs.dtypes import widen_integers
from ..._inputs.entries import Entries
from ..._inputs.layout import ELEMENTS, EntryLayout
from ..._inputs.options import check_axis
from ..._inputs.outliers import in_domain
from .lists import Groups, Lists, ListsAlong

# Puts the description of the groups into the docstring of a loss.
document_groups = document(
    groups="""\
groups : int array, optional
    The group of each item along the last axis, in any order: an array of the shape of
    `scores`, or (n,) for all its rows. With ``reduction="none"``, the loss of a group is
    returned at its first observed item, and 0 at the others; `weight` is read at that item."""
)


def ranking_terms(lists: Lists, *, is_counted: Array, **parts: Any) -> Terms:
    """Return the terms of a loss whose lists count where `is_counted` is True."""
    terms = Terms(counted=lambda: lists.to_counted_entries(is_counted), **parts)
    if not isinstance(lists, Groups):
        return terms
    return replace(terms, of_sum=lambda name, factor: lists.times(terms.derivative(name), factor))


def with_counted_scores(entries: Entries, lists: Lists, is_counted: Array) -> Lists:
    """Return lists with the scores 0 where a list does not count.

    Automatic differentiation multiplies by 0 there, which a NaN or an infinity would survive.
    """
    lists = copy.copy(lists)
    lists.x = entries.xp.where(is_counted, lists.x, 0.0)
    return lists


def ranking_layout(
    groups: Array | None, list_axis: int, item_weight: Array | None = None
) -> dict[str, Any]:
    """Return the arguments of a `Call` that say where its lists are, and what items weigh."""
    axis = check_axis("list_axis", list_axis)
    arrays = {"groups": groups, "item_weight": item_weight}
    if groups is None:
        return {"layout": EntryLayout(axis, coupled=True, keyword="list_axis"), "arrays": arrays}
    if axis != -1:
        msg = f"`list_axis` must be -1 with `groups`, which lie along the last axis, got {axis}"
        raise ValueError(msg)
    return {"layout": ELEMENTS, "arrays": arrays, "needs_whole_call": True}


def item_weight_of(entries: Entries, lists: Lists) -> Array | None:
    """Return the weights of the items in list order; None if they are not given."""
    if entries.checked.arrays["item_weight"] is None:
        return None
    weight = entries.alongside("item_weight")
    return lists.from_items(in_domain(entries.xp, "item_weight", weight, NON_NEGATIVE))


def read_lists(entries: Entries) -> Lists:
    """Return the lists of the entries, after checking `groups`."""
    groups: Any = entries.checked.arrays["groups"]
    if groups is None:
        return ListsAlong(entries)
    xp = entries.xp
    shape = xp.shape_of(entries.prediction)
    if not hasattr(groups, "dtype") or not xp.isdtype(groups.dtype, "integral"):
        kind = getattr(groups, "dtype", type(groups).__name__)
        msg = f"`groups` must be integers, one for each item, got {kind}"
        raise TypeError(msg)
    name = quoted(entries.checked.spec.names[0])
    if not shape or xp.shape_of(groups) not in (shape, shape[-1:]):
        for_all = f" or {shape[-1:]}, one for each item along the last axis," if shape[1:] else ""
        msg = f"`groups` must have the shape of {name}, {shape},{for_all} got {xp.shape_of(groups)}"
        raise ValueError(msg)
    if entries.checked.settings.reduction == "macro" and len(shape) > 2:
        msg = (
            f'reduction="macro" averages over classes, but lists of `groups` have no classes; for '
            f'{name} of shape {shape} use "mean" of all lists, or "samples"'
        )
        raise ValueError(msg)
    groups = xp.reshape(groups, (1,) * (len(shape) - len(groups.shape)) + xp.shape_of(groups))
    groups = xp.broadcast_to(widen_integers(xp, groups), shape)
    return Groups(entries, groups)
