"""Pairwise losses of lists of items: an item should score above items of less relevance."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.kinds import integer, shown
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._docstrings import document
from ..._formula import Call, Held, Terms
from ..._inputs.entries import Entries
from ..._inputs.options import CommonOptions, check_flag, check_number
from ..._loss import loss
from ..._math.arithmetic import sign
from ..._math.constants import split
from ..._math.logistic import logistic
from .arguments import (
    document_groups,
    item_weight_of,
    ranking_layout,
    ranking_terms,
    read_lists,
    with_counted_scores,
)
from .lists import Lists
from .pair import PairLoss, PairTerms
from .pairs import Pairs

_document = document(
    scores_and_labels="""\
scores : array
    Scores x, of real floating dtype. An entry is a list of items: a row along `list_axis`, or
    the items of one group. Its observed items form m pairs of different relevance.
labels : array
    Relevances y of the same shape; bool, integer or floating. `mask` and `missing` apply to
    each item.""",
    max_group_size="""\
max_group_size : int, optional
    The largest number of observed items in a group, 1 or more. Needed where `groups` cannot
    be read: in traced calls and on accelerators. There, the loss of a larger group is NaN;
    elsewhere, a larger group raises a `ValueError`.""",
    normalize="""\
normalize : bool, default: True
    Divide by the number of pairs m. Otherwise the sum of their weights, m without
    `item_weight`, counts as weight of the list: ``reduction="weighted_mean"`` is the mean
    over all pairs of all lists.""",
    item_weight="""\
item_weight : array, optional
    Weight w of each item, 0 or more, in the shape of `scores`: a pair has the weight of its
    more relevant item. For clicks, the inverse of the probability that the item was looked at
    makes the loss one of relevance.""",
)


@loss()
@document_groups
@_document
def pairwise_logistic_loss(
    scores: Array,
    labels: Array,
    *,
    groups: Array | None = None,
    max_group_size: int | None = None,
    list_axis: int = -1,
    normalize: bool = True,
    item_weight: Array | None = None,
    **options: Unpack[CommonOptions],
) -> Call:
    r"""Pairwise logistic loss of a list: an item should score above items of less relevance.

    .. math::
        \frac 1 m \sum_{i, j : y_i > y_j} w_i \log \bigl(1 + e^{x_j - x_i}\bigr)

    Parameters
    ----------
    **scores_and_labels
    **groups
    **max_group_size
    list_axis : int, default: -1
        The axis of the items of a list; with `groups` it must be -1.
    **normalize
    **item_weight
    **options

    See Also
    --------
    pairwise_hinge_loss : The same with a margin.
    softmax_ranking_loss : A loss of whole lists.

    Notes
    -----
    A list without a pair does not count. `rax.pairwise_logistic_loss` is the mean over all pairs.
    A list of C items has up to C (C - 1) / 2 pairs and takes O(C) memory, as pairs are computed one
    distance between items at a time; n items in groups of up to C take O(n C) time after sorting.
    With automatic differentiation of a traced call, memory grows like time; ``torch.compile`` and
    ``tf.function`` compile each distance by itself, which takes the one a minute for 20 items, and
    the other for 200.
    Value and second derivative are accurate to a few machine epsilons, a gradient to a few machine
    epsilons of the sum of its terms.

    C. Burges and others, Learning to rank using gradient descent, ICML 2005. Item weights: T.
    Joachims and others, Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([[2.0, 0.0, 1.0], [0.0, 3.0, np.nan]])
    >>> grades = np.asarray([[2, 0, 1], [0, 1, -1]])
    >>> ml.pairwise_logistic_loss(scores, grades, missing=-1, reduction="none").round(4)
    array([0.2512, 0.0486])

    The same lists, item by item:

    >>> query = np.asarray([7, 7, 3, 7, 3])
    >>> x, y = np.asarray([2.0, 0.0, 3.0, 1.0, 0.0]), np.asarray([2, 0, 1, 1, 0])
    >>> ml.pairwise_logistic_loss(x, y, groups=query, reduction="none").round(4)
    array([0.2512, 0.    , 0.0486, 0.    , 0.    ])
    """
    terms = functools.partial(
        _pairwise,
        of_pair=_logistic,
        normalize=check_flag("normalize", normalize),
        most=_check_size(max_group_size, groups),
    )
    layout = ranking_layout(groups, list_axis, item_weight)
    return Call(scores, labels, terms, options, **layout, held=Held(16.1))


@loss()
@document_groups
@_document
def pairwise_hinge_loss(
    scores: Array,
    labels: Array,
    *,
    groups: Array | None = None,
    max_group_size: int | None = None,
    list_axis: int = -1,
    margin: float = 1.0,
    normalize: bool = True,
    item_weight: Array | None = None,
    **options: Unpack[CommonOptions],
) -> Call:
    r"""Pairwise hinge loss of a list: an item should score a margin above less relevant items.

    .. math::
        \frac 1 m \sum_{i, j : y_i > y_j} w_i \max(0, \mu - x_i + x_j)

    Parameters
    ----------
    **scores_and_labels
    **groups
    **max_group_size
    list_axis : int, default: -1
        The axis of the items of a list; with `groups` it must be -1.
    margin : float, default: 1.0
        The margin :math:`\mu`, a finite number.
    **normalize
    **item_weight
    **options

    See Also
    --------
    pairwise_logistic_loss : The same with a smooth loss.

    Notes
    -----
    A list without a pair does not count. `rax.pairwise_hinge_loss` is the mean over all pairs. Time
    and memory are those of `pairwise_logistic_loss`. The derivative is 0 at the margin. The value
    is accurate to a few machine epsilons.

    R. Herbrich, T. Graepel, K. Obermayer, Support vector learning for ordinal regression, ICANN
    1999.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([[2.0, 0.0, 1.5], [0.0, 3.0, np.nan]])
    >>> grades = np.asarray([[2, 0, 1], [0, 1, -1]])
    >>> ml.pairwise_hinge_loss(scores, grades, missing=-1, reduction="none").round(4)
    array([0.1667, 0.    ])
    """
    terms = functools.partial(
        _pairwise,
        of_pair=functools.partial(_hinge, margin=check_number("margin", margin, least=-math.inf)),
        normalize=check_flag("normalize", normalize),
        most=_check_size(max_group_size, groups),
    )
    layout = ranking_layout(groups, list_axis, item_weight)
    return Call(scores, labels, terms, options, **layout, held=Held(17.1))


def _pairwise(entries: Entries, *, of_pair: PairLoss, normalize: bool, most: int | None) -> Terms:
    xp, lists = entries.xp, read_lists(entries)
    number = lists.total(Pairs(xp, lists, _longest(lists, most), of_pair).number)
    is_counted = number != 0
    counted = with_counted_scores(entries, lists, is_counted)
    weight = item_weight_of(entries, lists)
    pairs = Pairs(xp, counted, _longest(lists, most), of_pair, weight)
    # NaN of a list that is longer than was said, where it cannot be read.
    divisor = xp.where(number == 0, 1.0, number) if normalize else 1 + 0 * number
    return ranking_terms(
        lists,
        is_counted=is_counted,
        value=lambda: lists.to_entries(lists.total(pairs.value) / divisor),
        slope=lambda: lists.to_items(pairs.slope / divisor),
        curvature=lambda: lists.to_items(pairs.curvature / divisor),
        weight=None if normalize else lambda: lists.to_entries(lists.total(pairs.weight)),
    )


def _logistic(xp: Namespace, difference: Array, rounding: Array) -> PairTerms:
    """Return log(1 + exp(-d))."""
    s = logistic(xp, difference, rounding)
    return PairTerms(
        value=lambda: s.softplus_of_negative,
        minus_slope=lambda: s.sigmoid_of_negative,
        curvature=lambda: s.sigmoid_slope,
    )


def _hinge(xp: Namespace, difference: Array, rounding: Array, *, margin: float) -> PairTerms:
    """Return max(0, margin - d)."""
    # What a float32 of a margin of 0.3 leaves out counts as much as a lack of that size.
    number, rest = split(margin, 0.0, float(xp.finfo(difference.dtype).eps))
    lacking = (number - difference) - (rounding - rest if rest else rounding)
    lacking = xp.where(lacking <= 0, 0.0, lacking)
    # 1, or 0 on the flat side and at the kink, also for automatic differentiation of the value.
    active = sign(xp, lacking)
    return PairTerms(
        value=lambda: active * lacking,
        minus_slope=lambda: active,
        curvature=lambda: xp.zeros_like(difference),
    )


def _check_size(size: int | None, groups: Array | None) -> int | None:
    if size is None:
        return None
    number = integer(size)
    if number is None or number < 1:
        msg = f"`max_group_size` must be an integer, 1 or more, got {shown(size)}"
        raise TypeError(msg) if number is None else ValueError(msg)
    if groups is None:
        msg = (
            f"`max_group_size`={shown(size)} goes with `groups`, which are not given; leave it out"
        )
        raise ValueError(msg)
    return number


def _longest(lists: Lists, most: int | None) -> int:
    """Return the length of the longest list, or `most` if it cannot be read."""
    longest = lists.longest()
    if longest is None and most is None:
        msg = (
            "`max_group_size` must be given where `groups` cannot be read, in a traced call or on "
            "an accelerator; it is the largest number of observed items in a group"
        )
        raise ValueError(msg)
    if longest is not None and most is not None and longest > most:
        msg = f"`max_group_size`={most} is too small: a group has {longest} items"
        raise ValueError(msg)
    return longest if longest is not None else most  # type: ignore[return-value]
