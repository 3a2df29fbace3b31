"""ListMLE: the likelihood of the whole order of a list."""

from __future__ import annotations

from typing import Unpack

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms
from ..._inputs.entries import Entries
from ..._inputs.options import CommonOptions
from ..._loss import loss
from ..._math.arithmetic import subtraction_error
from ..._math.exponential import exp_of_difference
from ..._math.logistic import Logistic, logistic
from .arguments import (
    document_groups,
    ranking_layout,
    ranking_terms,
    read_lists,
    with_counted_scores,
)
from .lists import number_of
from .orders import Sorted


@loss()
@document_groups
def list_mle_loss(
    scores: Array,
    labels: Array,
    *,
    groups: Array | None = None,
    list_axis: int = -1,
    **options: Unpack[CommonOptions],
) -> Call:
    r"""ListMLE: negative log-likelihood of the order of a list, best item first.

    .. math:: \sum_i \Bigl(\log \sum_{j \ge i} e^{x_j} - x_i\Bigr)

    with the items in descending order of their labels. Each term is the cross-entropy of the best
    of the items that are left.

    Parameters
    ----------
    scores : array
        Scores x, of real floating dtype. An entry is a list of items: a row along `list_axis`, or
        the items of one group. The sums run over its observed items.
    labels : array
        Relevances of the same shape; bool, integer or floating. Items of equal relevance keep their
        order. `mask` and `missing` apply to each item.
    **groups
    list_axis : int, default: -1
        The axis of the items of a list; with `groups` it must be -1.
    **options

    See Also
    --------
    softmax_ranking_loss : The first of these terms alone, weighted by relevance.
    pairwise_logistic_loss : The same for lists of two items.

    Notes
    -----
    A list of fewer than two observed items has no order, and does not count. For lists with many
    ties, shuffle the items in each epoch, as published code does. Lists take O(n log n) time and
    O(n) memory.

    The value is accurate to a few machine epsilons, and half of one for each doubling of the list,
    also for confident lists. Derivatives are differences, as accurate relative to their largest
    term: an item is pulled up at its own place, and down at all places before.

    F. Xia and others, Listwise approach to learning to rank: theory and algorithm, ICML 2008.
    `rax.listmle_loss` is the same, and also counts lists of one item.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([[2.0, 0.0, 1.0], [0.0, 3.0, np.nan]])
    >>> grades = np.asarray([[2, 0, 1], [0, 1, -1]])
    >>> ml.list_mle_loss(scores, grades, missing=-1, reduction="none").round(4)
    array([0.7209, 0.0486])
    """
    layout = ranking_layout(groups, list_axis)
    return Call(scores, labels, _list_mle, options, **layout, held=Held(28.8))


def _list_mle(entries: Entries) -> Terms:
    xp, lists = entries.xp, read_lists(entries)
    is_counted = number_of(xp, lists, lists.is_observed) > 1
    items = _Places(xp, Sorted(xp, with_counted_scores(entries, lists, is_counted)))
    return ranking_terms(
        lists,
        is_counted=is_counted,
        value=lambda: lists.to_entries(items.sorted.total(items.value)),
        slope=lambda: items.sorted.unsort(items.slope),
        curvature=lambda: items.sorted.unsort(items.curvature),
    )


class _Places:
    """The terms of each place of sorted lists, and their derivatives by each item."""

    def __init__(self, xp: Namespace, items: Sorted) -> None:
        self._xp, self.sorted = xp, items
        self._top, self._total = items.after()

    @cached_property
    def _odds(self) -> Logistic:
        """The functions of log(sum of exp(x) of the items that follow) - x."""
        xp, x, log = self._xp, self.sorted.x, self._xp.log(self._total)
        difference = self._top - x
        lost = subtraction_error(xp, self._top, x, difference)
        odds = difference + log
        return logistic(xp, odds, lost + subtraction_error(xp, difference, -log, odds))

    def _where_followed(self, array: Array) -> Array:
        return self._xp.where(self.sorted.has_next, array, 0.0)

    @property
    def value(self) -> Array:
        return self._where_followed(self._odds.softplus)

    @cached_property
    def _inverse(self) -> tuple[Array, Array]:
        """The inverse of the sum of exp(x) from each item on, by its exponent and a factor."""
        xp, x, top = self._xp, self.sorted.x, self._top
        peak = xp.maximum(xp.stop_gradient(x), top)
        peak = xp.where(self.sorted.has_next, peak, xp.stop_gradient(x))
        rest = self._where_followed(self._total * exp_of_difference(xp, top, peak))
        return -peak, 1 / (exp_of_difference(xp, x, peak) + rest)

    def _earlier(self, rate: int) -> Array:
        """Sum powers of the item's probabilities at all places before its own."""
        top, factor = self._inverse
        top, total = self.sorted.before((top, factor**rate), rate)
        return total * exp_of_difference(self._xp, self.sorted.x, -top) ** rate

    @property
    def slope(self) -> Array:
        return self._earlier(1) - self._where_followed(self._odds.sigmoid)

    @property
    def curvature(self) -> Array:
        own = self._where_followed(self._odds.sigmoid_slope)
        return own + (self._earlier(1) - self._earlier(2))
