"""The logistic loss of all pairs of items of a list whose labels differ."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterator

from maskloss._arrays.cached_property import cached_property
from maskloss._arrays.typing import Array, Namespace
from maskloss._losses.ranking.lists import Lists
from maskloss._math.arithmetic import clamp, sign, subtraction_error
from maskloss._math.logistic import Logistic
from maskloss._math.sorting import part


class Pairs:
    """Sums over the pairs of each item, in O(n) memory: one distance between places at a time."""

    def __init__(self, xp: Namespace, lists: Lists, longest: int) -> None:
        self._xp, self.ranking_layout, self._longest = xp, lists, longest
        self._size = lists.x.shape[lists.axis]

    @cached_property
    def number(self) -> Array:
        """How many pairs each item has with those before it."""
        xp = self._xp
        ones = xp.ones_like(self.ranking_layout.x)
        return self._sum(lambda pair: pair.behind(xp.where(pair.is_pair, pair.part(ones), 0.0)))

    @property
    def value(self) -> Array:
        """The loss of each item with those before it; NaN where lists are longer than `longest`."""
        total = self._sum(lambda pair: pair.behind(pair.guard(pair.logistic.softplus_of_negative)))
        # Lists of one item have no pair, but a derivative, of 0.
        total = total + 0.0 * clamp(self._xp, self.ranking_layout.x, 1.0)
        return self._xp.where(self.ranking_layout.places >= self._longest, math.nan, total)

    @property
    def slope(self) -> Array:
        def of(pair: _Pair) -> Array:
            pull = pair.guard(pair.sign * pair.logistic.sigmoid_of_negative)
            return pair.ahead(pull) - pair.behind(pull)

        return self._sum(of)

    @property
    def curvature(self) -> Array:
        def of(pair: _Pair) -> Array:
            bend = pair.guard(pair.logistic.sigmoid_slope)
            return pair.ahead(bend) + pair.behind(bend)

        return self._sum(of)

    def _sum(self, of: Callable[[_Pair], Array]) -> Array:
        zeros = self._xp.zeros_like(self.ranking_layout.x)
        return functools.reduce(operator.add, map(of, self._all()), zeros)

    def _all(self) -> Iterator[_Pair]:
        for distance in range(1, min(self._longest, self._size)):
            yield _Pair(self._xp, self.ranking_layout, distance)


class _Pair:
    """The pairs of items at one distance: each item and the one so many places before it."""

    def __init__(self, xp: Namespace, lists: Lists, distance: int) -> None:
        self._xp, self.ranking_layout, self._distance = xp, lists, distance
        self._size = lists.x.shape[lists.axis]

    def part(self, array: Array) -> Array:
        """Return what the later items have."""
        return part(array, self.ranking_layout.axis, self._distance, self._size)

    def _earlier(self, array: Array) -> Array:
        return part(array, self.ranking_layout.axis, 0, self._size - self._distance)

    @cached_property
    def sign(self) -> Array:
        """1 where the later item has the larger label, -1 where it has the smaller one."""
        y = self.ranking_layout.y
        return sign(self._xp, self.part(y) - self._earlier(y))

    @cached_property
    def is_pair(self) -> Array:
        is_in = self.ranking_layout.is_in
        is_near = self.part(self.ranking_layout.places) >= self._distance
        conditions = [self.part(is_in), self._earlier(is_in), self.sign != 0]
        return functools.reduce(self._xp.logical_and, conditions, is_near)

    @cached_property
    def logistic(self) -> Logistic:
        later, earlier = self.part(self.ranking_layout.x), self._earlier(self.ranking_layout.x)
        gap = later - earlier
        rounding = subtraction_error(self._xp, later, earlier, gap)
        return Logistic(self._xp, self.sign * gap, self.sign * rounding)

    def guard(self, array: Array) -> Array:
        """Put 0 where there is no pair."""
        return self._xp.where(self.is_pair, array, 0.0)

    def behind(self, array: Array) -> Array:
        """Give what pairs have to the later items."""
        return self._xp.concat([self._zeros(), array], axis=self.ranking_layout.axis)

    def ahead(self, array: Array) -> Array:
        """Give what pairs have to the earlier items."""
        return self._xp.concat([array, self._zeros()], axis=self.ranking_layout.axis)

    def _zeros(self) -> Array:
        first = part(self.ranking_layout.x, self.ranking_layout.axis, 0, self._distance)
        return self._xp.zeros_like(first)
