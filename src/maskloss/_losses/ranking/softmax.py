"""Losses of the order of the items of a list."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from maskloss._arrays.typing import Array
from maskloss._formula import Call, Terms
from maskloss._inputs.domain import NON_NEGATIVE
from maskloss._inputs.entries import Entries
from maskloss._inputs.options import Options, check_flag
from maskloss._loss import loss
from maskloss._losses.ranking.arguments import lists_of, ranking_layout, ranking_terms
from maskloss._math.logsumexp import SoftMaximum


@loss(labels=NON_NEGATIVE)
def softmax_ranking_loss(
    scores: Array,
    labels: Array,
    *,
    groups: Array | None = None,
    list_axis: int = -1,
    normalize: bool = True,
    **options: Unpack[Options],
) -> Call:
    r"""Listwise softmax loss: the cross-entropy of the items of a list, by their relevance.

    .. math:: -\sum_i \frac{y_i}{\sum_j y_j} \log \mathrm{softmax}(x)_i

    Parameters
    ----------
    scores : array
        Scores x, of real floating dtype. An entry is a list of items, of which the observed ones
        count: a row along `list_axis`, or the items of one group.
    labels : array
        Relevances y of the same shape, 0 or more; bool, integer or floating. `mask` and `missing`
        tell of each.
    groups : int array, optional
        The group of each item along the last axis, in any order: of the shape of `scores`, or
        (n,) for all rows of it. The loss of a group stands at the first of its observed items,
        where it has its `weight` from.
    list_axis : int, default: -1
        The axis of the items of a list; the last one with `groups`.
    normalize : bool, default: True
        Divide relevances by their sum. Otherwise that sum counts as weight of the list:
        ``reduction="weighted_mean"`` divides by it.
    **options

    See Also
    --------
    pairwise_logistic_loss : A loss of pairs of items.
    cross_entropy : The same for one relevant item per list.

    Notes
    -----
    A list without an observed item of relevance above 0 is not counted. Exact to a few machine
    epsilons also for confident lists. `optax.losses.ranking_softmax_loss` is the same with
    ``normalize=False``, but counts lists of no relevance; `rax.softmax_loss` normalises, and takes
    all items of those for relevant. Groups take O(n log n) time and O(n) memory.

    Z. Cao and others, Learning to rank: from pairwise approach to listwise approach, ICML 2007.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([[2.0, 0.0, 1.0], [0.0, 3.0, np.nan]])
    >>> clicks = np.asarray([[1, 0, 1], [0, 1, -1]])
    >>> ml.softmax_ranking_loss(scores, clicks, missing=-1, reduction="none").round(4)
    array([0.9076, 0.0486])

    The same lists, item by item:

    >>> query = np.asarray([7, 7, 3, 7, 3])
    >>> x, y = np.asarray([2.0, 0.0, 3.0, 1.0, 0.0]), np.asarray([1, 0, 1, 1, 0])
    >>> ml.softmax_ranking_loss(x, y, groups=query, reduction="none").round(4)
    array([0.9076, 0.    , 0.0486, 0.    , 0.    ])
    """
    terms = functools.partial(_listwise, normalize=check_flag("normalize", normalize))
    return Call(scores, labels, terms, options, **ranking_layout(groups, list_axis))


def _listwise(entries: Entries, *, normalize: bool) -> Terms:
    xp, lists = entries.xp, lists_of(entries)
    s = SoftMaximum(xp, lists.x, lists.is_in, lists)
    relevance = lists.total(lists.y)
    share = lists.y
    if normalize:
        share = share / xp.where(relevance == 0, 1.0, relevance)
    everything = lists.total(share)

    def value() -> Array:
        surprisal = s.surprisal
        is_impossible = xp.logical_and(share == 0, surprisal == math.inf)  # 0 log 0 is 0
        return lists.of_lists(lists.total(share * xp.where(is_impossible, 0.0, surprisal)))

    return ranking_terms(
        lists,
        is_counted=relevance != 0,
        value=value,
        slope=lambda: lists.of_items((everything - share) * s.probability - share * s.complement),
        curvature=lambda: lists.of_items(everything * s.bend),
        weight=None if normalize else lambda: lists.of_lists(relevance),
    )
