"""Sums of a loss of a difference of scores over all pairs of a list with different labels."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array, Arrays
from ..._math.arithmetic import clamp
from .lists import Lists
from .pair import Items, Pair, PairLoss, RolledPair


class Pairs:
    """Sums over the pairs of each item, in O(n) memory: one distance of positions at a time.

    A pair has the weight of its more relevant item.
    """

    def __init__(
        self,
        xp: Namespace,
        lists: Lists,
        longest: int,
        loss: PairLoss,
        weight: Array | None = None,
    ) -> None:
        self._xp, self._lists, self._longest = xp, lists, longest
        self._loss, self._weights = loss, weight

    @cached_property
    def number(self) -> Array:
        """The number of pairs of each item with items before it; NaN at items beyond `longest`."""
        number = self._sum(_number)
        return self._xp.where(self._lists.positions >= self._longest, math.nan, number)

    @cached_property
    def weight(self) -> Array:
        """The weight of the pairs of each item with items before it."""
        return self.number if self._weights is None else self._sum(_weight)

    @property
    def value(self) -> Array:
        """The loss of each item with items before it."""
        # A list of one item has no pair, but must have a derivative, 0.
        return self._sum(_value) + 0.0 * clamp(self._xp, self._lists.x, 1.0)

    @property
    def slope(self) -> Array:
        return self._sum(_slope)

    @property
    def curvature(self) -> Array:
        return self._sum(_curvature)

    def _sum(self, term: Callable[[Pair], Array]) -> Array:
        lists = self._lists
        weights = () if self._weights is None else (self._weights,)
        others = (lists.y, lists.is_observed, lists.positions, *weights)
        function = functools.partial(_sum, term, self._loss, self._longest)
        (total,) = self._xp.of_whole_rows(function, (lists.x,), others, lists.axis)
        return total


def _sum(
    term: Callable[[Pair], Array],
    loss: PairLoss,
    longest: int,
    xp: Namespace,
    axis: int,
    arrays: Arrays,
    others: Arrays,
) -> Arrays:
    (x,) = arrays
    items = Items(loss, axis, x, *others)
    pair = RolledPair if xp.mode(x) == "traced" else Pair
    number = min(longest, x.shape[axis]) - 1
    return (xp.sum_terms(lambda k: term(pair(xp, items, k + 1)), number, xp.zeros_like(x)),)


def _number(pair: Pair) -> Array:
    return pair.to_later(pair.guard(pair.ones))


def _weight(pair: Pair) -> Array:
    return pair.to_later(pair.weigh(pair.ones))


def _value(pair: Pair) -> Array:
    return pair.to_later(pair.weigh(pair.terms.value()))


def _slope(pair: Pair) -> Array:
    size = pair.weigh(pair.sign * pair.terms.minus_slope())
    return pair.to_earlier(size) - pair.to_later(size)


def _curvature(pair: Pair) -> Array:
    size = pair.weigh(pair.terms.curvature())
    return pair.to_earlier(size) + pair.to_later(size)
