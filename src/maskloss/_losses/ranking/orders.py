"""Lists sorted by relevance, and sums of exponentials of the items from each place on."""

from __future__ import annotations

import functools

from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array, Arrays
from ..._math.exponential import exp_of_difference
from ..._math.sorting import Order
from .lists import Lists, number_of

# A sum of exponentials: its largest exponent, a constant, and the sum after division by exp(it).
Sum = tuple[Array, Array]


class Sorted:
    """The items of lists in descending order of their labels; ties keep their order.

    Attributes
    ----------
    x : array
        The scores.
    has_next : bool array
        Whether an item is observed, and another one follows in its list.
    """

    def __init__(self, xp: Namespace, lists: Lists) -> None:
        self._xp, self._lists, self._axis = xp, lists, lists.axis
        # Missing items come after all others, or have lists of their own.
        self._order = Order(xp, [-lists.y, lists.key], lists.axis)
        self.x, is_observed = self._order.sort(lists.x), self._order.sort(lists.is_observed)
        self._place = lists.positions
        place = xp.astype(self._place, self.x.dtype)
        number = number_of(xp, lists, lists.is_observed)
        self._left = xp.where(is_observed, number - 1 - place, 0.0)
        self.has_next = self._left >= 1

    def total(self, array: Array) -> Array:
        """Sum each list."""
        return self._lists.total(array)

    def unsort(self, array: Array) -> Array:
        """Return an array of these items in the order of the prediction."""
        return self._lists.to_items(self._order.unsort(array))

    def after(self) -> Sum:
        """Return the sum of exp(x) over the items after each; exp(0) where there is none."""
        xp = self._xp
        top = xp.stop_gradient(self.x)
        items = top, exp_of_difference(xp, self.x, top)  # 1, with the derivative of the exponential
        sums = self._scan(items, -1, self._left)
        top, total = (xp.roll(array, -1, axis=self._axis) for array in sums)
        return xp.where(self.has_next, top, 0.0), xp.where(self.has_next, total, 1.0)

    def before(self, terms: Sum, rate: int = 1) -> Sum:
        """Return the sum of total * exp(rate * top) over the items before each."""
        xp, is_first = self._xp, self._place < 1
        sums = self._scan(terms, 1, self._place, rate)
        top, total = (xp.roll(array, 1, axis=self._axis) for array in sums)
        return xp.where(is_first, -self.x, top), xp.where(is_first, 0.0, total)

    def _scan(self, sums: Sum, direction: int, reach: Array, rate: int = 1) -> Sum:
        """Add up from one end of each list to each item, given how many items are there.

        Rounding errors grow with the logarithm of the length.
        """
        steps = functools.partial(_scan, direction, self._lists.longest(), rate)
        top, total = self._xp.of_whole_rows(steps, sums, (reach,), self._axis)
        return top, total


def _scan(
    direction: int,
    longest: int | None,
    rate: int,
    xp: Namespace,
    axis: int,
    sums: Arrays,
    others: Arrays,
) -> Arrays:
    (reach,), step = others, 1
    size = sums[0].shape[axis] if longest is None else longest
    while step < size:
        top, total = sums
        far, far_total = (xp.roll(array, direction * step, axis=axis) for array in sums)
        is_in = reach >= step
        far, far_total = xp.where(is_in, far, top), xp.where(is_in, far_total, 0.0)
        peak = xp.maximum(top, far)
        near, far = (exp_of_difference(xp, each, peak) ** rate for each in (top, far))
        sums = peak, total * near + far_total * far
        step *= 2
    return sums
