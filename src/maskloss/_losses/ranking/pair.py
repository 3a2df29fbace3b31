"""The pairs of a list at one distance of positions, and the loss of a difference of scores."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._math.arithmetic import sign, subtraction_error
from ..._math.sorting import part


class PairTerms(NamedTuple):
    """A loss of the difference d of two scores, the more relevant item's less the other's.

    Attributes
    ----------
    value, minus_slope, curvature : callable
        The loss, minus its derivative by d, and its second derivative.
    """

    value: Callable[[], Array]
    minus_slope: Callable[[], Array]
    curvature: Callable[[], Array]


# Maps a difference, and its rounding error, to its loss.
PairLoss = Callable[[Namespace, Array, Array], PairTerms]


class Items(NamedTuple):
    """The items of lists, and the loss of their pairs."""

    loss: PairLoss
    axis: int
    x: Array
    y: Array
    is_observed: Array
    positions: Array
    weights: Array | None = None


class Pair:
    """The pairs at one distance: each later item, and the item `distance` positions before it."""

    def __init__(self, xp: Namespace, items: Items, distance: Any) -> None:
        self._xp, self._items, self._distance = xp, items, distance
        self._size = items.x.shape[items.axis]

    def later(self, array: Array) -> Array:
        """Return the elements of the later items."""
        return part(array, self._items.axis, self._distance, self._size)

    def earlier(self, array: Array) -> Array:
        """Return the elements of the earlier items."""
        return part(array, self._items.axis, 0, self._size - self._distance)

    @property
    def ones(self) -> Array:
        """One per pair."""
        return self._xp.ones_like(self.later(self._items.x))

    @cached_property
    def sign(self) -> Array:
        """1 where the later item has the larger label, -1 where it has the smaller, else 0."""
        y = self._items.y
        return sign(self._xp, self.later(y) - self.earlier(y))

    @cached_property
    def is_pair(self) -> Array:
        """Whether both items are observed, in one list, and have different labels."""
        observed = self._items.is_observed
        in_one_list = self.later(self._items.positions) >= self._distance
        conditions = [self.later(observed), self.earlier(observed), self.sign != 0]
        return functools.reduce(self._xp.logical_and, conditions, in_one_list)

    @cached_property
    def terms(self) -> PairTerms:
        """The loss of each pair."""
        later, earlier = self.later(self._items.x), self.earlier(self._items.x)
        gap = later - earlier
        rounding = subtraction_error(self._xp, later, earlier, gap)
        return self._items.loss(self._xp, self.sign * gap, self.sign * rounding)

    def weigh(self, array: Array) -> Array:
        """Multiply by the weight of each pair, and put 0 where there is none."""
        weight = self._items.weights
        if weight is None:
            return self.guard(array)
        weight = self._xp.where(self.sign > 0, self.later(weight), self.earlier(weight))
        return self.guard(weight * array)

    def guard(self, array: Array) -> Array:
        """Put 0 where there is no pair."""
        return self._xp.where(self.is_pair, array, 0.0)

    def to_later(self, array: Array) -> Array:
        """Put the number of each pair at its later item, and 0 elsewhere."""
        return self._xp.concat([self._zeros(), array], axis=self._items.axis)

    def to_earlier(self, array: Array) -> Array:
        """Put the number of each pair at its earlier item, and 0 elsewhere."""
        return self._xp.concat([array, self._zeros()], axis=self._items.axis)

    def _zeros(self) -> Array:
        first = part(self._items.x, self._items.axis, 0, self._distance)
        return self._xp.zeros_like(first)


class RolledPair(Pair):
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
        return self._xp.roll(array, distance, axis=self._items.axis)
