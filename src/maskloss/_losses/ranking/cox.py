"""Cox's partial likelihood of times until an event."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any, Literal, Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import Domain
from ..._inputs.dtypes import cast
from ..._inputs.entries import Entries
from ..._inputs.options import CommonOptions, check_choice, check_flag
from ..._inputs.outliers import in_domain, refuse
from ..._loss import loss
from .arguments import (
    ranking_layout,
    ranking_terms,
    read_lists,
    with_counted_scores,
)
from .lists import Lists, number_of
from .risk_sets import RiskSets

_EVENTS = Domain(values=(0, 1), advice=" (1 where the event was seen, 0 where it was not)")
_NOT_SUMMABLE = "the risk set of an event is all subjects, so that batches do not add up"


@loss()
def cox_loss(
    log_hazards: Array,
    durations: Array,
    events: Array,
    *,
    ties: Literal["breslow", "efron"] = "efron",
    groups: Array | None = None,
    list_axis: int | None = None,
    normalize: bool = True,
    **options: Unpack[CommonOptions],
) -> Call:
    r"""Negative log partial likelihood of Cox: who has the event next, of all still at risk.

    .. math:: -\frac 1 m \sum_{i : e_i = 1} \log \frac{e^{x_i}}{\sum_{j : t_j \ge t_i} e^{x_j}}

    Parameters
    ----------
    log_hazards : array, shape (N,) or (N, K)
        Logarithms x of relative hazards, of real floating dtype. An entry is an endpoint: a column
        of subjects along `list_axis`, or the subjects of one group. The sums run over its observed
        subjects, of whom m have the event.
    durations : array, shape (N,) or (N, K)
        Times t of the same shape, until the event or until the subject was lost from sight.
        `mask` and `missing` apply to each of them.
    events : array, shape (N,) or (N, K)
        1 where the event was seen, 0 where the duration is censored, of the same shape; bool,
        integer or floating.
    ties : str, default: "efron"
        How several events at one time count: ``"efron"``, or ``"breslow"``, where each has all of
        them in its risk set.
    groups : int array, optional
        Strata: the group of each subject, of the shape of `log_hazards`, along its last axis. Each
        is an entry, at its first observed subject, with risk sets of its own.
    list_axis : int, optional
        The axis of the subjects, by default the first; with `groups` it must be the last, -1.
    normalize : bool, default: True
        Divide by the number of events m. Otherwise m counts as weight of the entry:
        ``reduction="weighted_mean"`` is the mean over all events, also of strata.
    **options

    See Also
    --------
    censored_nll_loss : The likelihood of durations of a distribution, of any part of a batch.

    Notes
    -----
    An endpoint without an observed event does not count. ``reduction="sums"`` raises a
    `ValueError`: the loss compares the subjects of a whole batch. `durations` are compared in the
    dtype of the computation: in float32, integers above 2**24 may tie.

    The loss takes O(n log n) time and O(n) memory. The value is accurate to a few machine epsilons
    times the logarithm of n, the gradient to a few epsilons of the sum of its terms, and the second
    derivative of a subject, a sum of p - p**2, to a few epsilons of the sum of p.

    D. R. Cox, Regression models and life-tables, J. R. Stat. Soc. B 34 (1972), 187-220. B. Efron,
    The efficiency of Cox's likelihood function for censored data, JASA 72 (1977), 557-565.

    Examples
    --------
    Two endpoints of four subjects; the second was not followed up in the last subject:

    >>> import numpy as np
    >>> import maskloss as ml
    >>> x = np.asarray([[2.0, 0.0], [1.0, 1.0], [0.0, 0.0], [-1.0, 0.0]])
    >>> t = np.asarray([[1.0, 3.0], [2.0, 1.0], [2.0, 4.0], [5.0, np.nan]])
    >>> seen = np.asarray([[1, 0], [1, 1], [1, 0], [0, 0]])
    >>> ml.cox_loss(x, t, seen, missing=np.nan, reduction="none").round(4)
    array([0.5495, 0.5514])
    """
    check_choice("ties", ties, ("breslow", "efron"))
    terms = functools.partial(
        _partial_likelihood,
        efron=ties == "efron",
        normalize=check_flag("normalize", normalize),
    )
    if list_axis is None:
        list_axis = 0 if groups is None else -1
    layout = ranking_layout(groups, list_axis)
    call = Call(
        log_hazards, durations, terms, options, not_summable_because=_NOT_SUMMABLE, **layout
    )
    return replace(call, arrays={**call.arrays, "events": events})


def _partial_likelihood(entries: Entries, *, efron: bool, normalize: bool) -> Terms:
    xp, lists = entries.xp, read_lists(entries)
    if 0 in xp.shape_of(lists.x):
        return _of_nobody(lists)
    events = lists.from_items(_read_events(entries))
    is_event = events > 0
    number = number_of(xp, lists, is_event)
    has_any = number != 0
    sets = RiskSets(xp, with_counted_scores(entries, lists, has_any), is_event, efron=efron)
    divisor = xp.where(number == 0, 1.0, number) if normalize else 1.0
    # NaN if an event is neither 0 nor 1, where it cannot be read.
    one = 1.0 + lists.total(0.0 * events)
    return ranking_terms(
        lists,
        is_counted=xp.logical_or(has_any, one != 1),
        value=lambda: lists.to_entries(one * sets.value / divisor),
        slope=lambda: lists.to_items(one * sets.slope / divisor),
        curvature=lambda: lists.to_items(one * sets.curvature / divisor),
        weight=None if normalize else lambda: lists.to_entries(number),
    )


def _of_nobody(lists: Lists) -> Terms:
    """Return the terms of entries without subjects, none of which counts."""
    nothing = lists.total(lists.x)
    return ranking_terms(
        lists,
        is_counted=nothing != 0,
        value=lambda: nothing,
        slope=lambda: lists.x,
        curvature=lambda: lists.x,
    )


def _read_events(entries: Entries) -> Array:
    """Return the events as numbers, 0 where not observed."""
    xp, x = entries.xp, entries.prediction
    events: Any = entries.checked.arrays["events"]
    shape = entries.checked.layout.shape
    got = xp.shape_of(events) if hasattr(events, "dtype") else type(events).__name__
    if got != shape:
        msg = (
            f"`events` must be an array of the shape of `log_hazards`, {shape}, 1 where the event "
            f"was seen and 0 where not, got {got}"
        )
        raise TypeError(msg) if isinstance(got, str) else ValueError(msg)
    events = entries.guard(cast(xp, entries.select(events), x.dtype), 0.0)
    advice = f"{_EVENTS.advice}; mask the subjects for whom it is not known"
    refuse(xp, "events", events, xp.isnan(events), str(_EVENTS), advice)
    return in_domain(xp, "events", events, _EVENTS)
