"""Listwise softmax loss."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import NON_NEGATIVE
from ..._inputs.entries import Entries
from ..._inputs.options import CommonOptions, check_flag
from ..._loss import loss
from ..._math.logsumexp import SoftMaximum
from .arguments import (
    document_groups,
    ranking_layout,
    ranking_terms,
    read_lists,
    with_counted_scores,
)


@loss(labels=NON_NEGATIVE)
@document_groups
def softmax_ranking_loss(
    scores: Array,
    labels: Array,
    *,
    groups: Array | None = None,
    list_axis: int = -1,
    normalize: bool = True,
    **options: Unpack[CommonOptions],
) -> Call:
    r"""Listwise softmax loss: cross-entropy over the items of a list, weighted by relevance.

    .. math:: -\sum_i \frac{y_i}{\sum_j y_j} \log \mathrm{softmax}(x)_i

    Parameters
    ----------
    scores : array
        Scores x, of real floating dtype. An entry is a list of items: a row along `list_axis`, or
        the items of one group. The sums run over its observed items.
    labels : array
        Relevances y of the same shape, 0 or more; bool, integer or floating. `mask` and `missing`
        apply to each item.
    **groups
    list_axis : int, default: -1
        The axis of the items of a list; with `groups` it must be -1.
    normalize : bool, default: True
        Divide relevances by their sum. Otherwise the sum counts as weight of the list:
        ``reduction="weighted_mean"`` divides by it.
    **options

    See Also
    --------
    list_mle_loss : The likelihood of the whole order.
    pairwise_logistic_loss : The logistic loss of pairs of items.
    cross_entropy : The same loss for one relevant item per list.

    Notes
    -----
    A list without an observed item of relevance above 0 does not count. The value is accurate to a
    few machine epsilons also for confident lists. `optax.losses.ranking_softmax_loss` is the same
    with ``normalize=False``, but counts lists without relevant items. `rax.softmax_loss`
    normalises, and treats all items of such a list as relevant. Groups take O(n log n) time and
    O(n) memory.

    Weights of items, such as inverse propensities of clicks, multiply their relevances: pass
    ``clicks * weight`` with ``normalize=False``.

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
    xp, lists = entries.xp, read_lists(entries)
    relevance = lists.total(lists.y)
    is_counted = relevance != 0
    x = with_counted_scores(entries, lists, is_counted).x
    s = SoftMaximum(xp, x, lists.is_observed, lists)
    share = lists.y
    if normalize:
        share = share / xp.where(relevance == 0, 1.0, relevance)
    total_share = lists.total(share)

    def slope() -> Array:
        others = s.total_of_others(share, total_share)
        return lists.to_items(others * s.probability - share * s.complement)

    def value() -> Array:
        surprisal = s.surprisal
        is_impossible = xp.logical_and(share == 0, surprisal == math.inf)  # 0 log 0 is 0
        return lists.to_entries(lists.total(share * xp.where(is_impossible, 0.0, surprisal)))

    return ranking_terms(
        lists,
        is_counted=is_counted,
        value=value,
        slope=slope,
        curvature=lambda: lists.to_items(total_share * s.bend),
        weight=None if normalize else lambda: lists.to_entries(relevance),
    )
