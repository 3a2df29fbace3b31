"""Sums of a loss of a difference of scores over all pairs of a list with different labels."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from maskloss._arrays.cached_property import cached_property
from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array
from maskloss._losses.ranking.lists import Lists
from maskloss._math.arithmetic import clamp, sign, subtraction_error
from maskloss._math.sorting import part


class PairTerms(NamedTuple):
    """A loss of the difference d of two scores, the more relevant item's less the other's.

    Attributes
    ----------
    value, pull, bend : callable
        The loss, minus its derivative by d, and its second derivative.
    """

    value: Callable[[], Array]
    pull: Callable[[], Array]
    bend: Callable[[], Array]


# Maps a difference, and its rounding error, to its loss.
PairLoss = Callable[[Namespace, Array, Array], PairTerms]


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
        self._xp, self.lists, self._longest = xp, lists, longest
        self.loss, self.weights = loss, weight

    @cached_property
    def number(self) -> Array:
        """The number of pairs of each item with items before it; NaN at items beyond `longest`."""
        ones = self._xp.ones_like(self.lists.x)
        number = self._sum(lambda pair: pair.to_later(pair.guard(pair.later(ones))))
        return self._xp.where(self.lists.positions >= self._longest, math.nan, number)

    @cached_property
    def weight(self) -> Array:
        """The weight of the pairs of each item with items before it."""
        if self.weights is None:
            return self.number
        ones = self._xp.ones_like(self.lists.x)
        return self._sum(lambda pair: pair.to_later(pair.weigh(pair.later(ones))))

    @property
    def value(self) -> Array:
        """The loss of each item with items before it."""
        total = self._sum(lambda pair: pair.to_later(pair.weigh(pair.terms.value())))
        # A list of one item has no pair, but must have a derivative, 0.
        return total + 0.0 * clamp(self._xp, self.lists.x, 1.0)

    @property
    def slope(self) -> Array:
        def slope(pair: _Pair) -> Array:
            size = pair.weigh(pair.sign * pair.terms.pull())
            return pair.to_earlier(size) - pair.to_later(size)

        return self._sum(slope)

    @property
    def curvature(self) -> Array:
        def curvature(pair: _Pair) -> Array:
            size = pair.weigh(pair.terms.bend())
            return pair.to_earlier(size) + pair.to_later(size)

        return self._sum(curvature)

    def _sum(self, term: Callable[[_Pair], Array]) -> Array:
        xp, x = self._xp, self.lists.x
        pair = _RolledPair if xp.mode(x) == "traced" else _Pair
        number = min(self._longest, x.shape[self.lists.axis]) - 1
        zeros = xp.zeros_like(x)
        return xp.sum_terms(lambda k: term(pair(xp, self, k + 1)), number, zeros)


class _Pair:
    """The pairs at one distance: each later item, and the item `distance` positions before it."""

    def __init__(self, xp: Namespace, pairs: Pairs, distance: Any) -> None:
        self._xp, self._pairs, self._distance = xp, pairs, distance
        self._lists, self._size = pairs.lists, pairs.lists.x.shape[pairs.lists.axis]

    def later(self, array: Array) -> Array:
        """Return the elements of the later items."""
        return part(array, self._lists.axis, self._distance, self._size)

    def earlier(self, array: Array) -> Array:
        """Return the elements of the earlier items."""
        return part(array, self._lists.axis, 0, self._size - self._distance)

    @cached_property
    def sign(self) -> Array:
        """1 where the later item has the larger label, -1 where it has the smaller, else 0."""
        y = self._lists.y
        return sign(self._xp, self.later(y) - self.earlier(y))

    @cached_property
    def is_pair(self) -> Array:
        """Whether both items are observed, in one list, and have different labels."""
        observed = self._lists.is_observed
        in_one_list = self.later(self._lists.positions) >= self._distance
        conditions = [self.later(observed), self.earlier(observed), self.sign != 0]
        return functools.reduce(self._xp.logical_and, conditions, in_one_list)

    @cached_property
    def terms(self) -> PairTerms:
        """The loss of each pair."""
        later, earlier = self.later(self._lists.x), self.earlier(self._lists.x)
        gap = later - earlier
        rounding = subtraction_error(self._xp, later, earlier, gap)
        return self._pairs.loss(self._xp, self.sign * gap, self.sign * rounding)

    def weigh(self, array: Array) -> Array:
        """Multiply by the weight of each pair, and put 0 where there is none."""
        weight = self._pairs.weights
        if weight is None:
            return self.guard(array)
        weight = self._xp.where(self.sign > 0, self.later(weight), self.earlier(weight))
        return self.guard(weight * array)

    def guard(self, array: Array) -> Array:
        """Put 0 where there is no pair."""
        return self._xp.where(self.is_pair, array, 0.0)

    def to_later(self, array: Array) -> Array:
        """Put the number of each pair at its later item, and 0 elsewhere."""
        return self._xp.concat([self._zeros(), array], axis=self._lists.axis)

    def to_earlier(self, array: Array) -> Array:
        """Put the number of each pair at its earlier item, and 0 elsewhere."""
        return self._xp.concat([array, self._zeros()], axis=self._lists.axis)

    def _zeros(self) -> Array:
        first = part(self._lists.x, self._lists.axis, 0, self._distance)
        return self._xp.zeros_like(first)


class _RolledPair(_Pair):
    """The same at a distance that a compiled loop counts; items wrap around, and are no pairs."""

    def later(self, array: Array) -> Array:
        return array

    def earlier(self, array: Array) -> Array:
        return self._roll(array, self._distance)

    def to_later(self, array: Array) -> Array:
        return array

    def to_earlier(self, array: Array) -> Array:
        return self._roll(array, -self._distance)

    def _roll(self, array: Array, distance: Any) -> Array:
        return self._xp.roll(array, distance, axis=self._lists.axis)
