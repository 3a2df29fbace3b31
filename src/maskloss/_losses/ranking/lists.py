"""Lists of items: rows along an axis, or the items of each group, in any order."""

from __future__ import annotations

from typing import Protocol

from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array, Arrays
from ..._inputs.entries import Entries
from ..._math.logsumexp import Along, Rows
from ..._math.scans import Combine, add, scan
from ..._math.sorting import Order, Runs


class Lists(Rows, Protocol):
    """Items in list order: the items of a list are contiguous along `axis`.

    Attributes
    ----------
    axis : int
        The axis of the items.
    x, y : array
        Scores and labels of the items.
    is_observed : bool array
        Whether an item is observed.
    positions : integer array
        The position of each item in its list, from 0.
    key : integer array
        A number of each list, which orders the lists along the axis; missing items have others.
    """

    axis: int
    x: Array
    y: Array
    is_observed: Array
    positions: Array

    @property
    def key(self) -> Array: ...

    def longest(self) -> int | None:
        """Return the length of the longest list; None if it cannot be read."""

    def from_items(self, array: Array) -> Array:
        """Return an array of the items, given in the order of the prediction, in list order."""

    def to_entries(self, array: Array) -> Array:
        """Put the number of each list at the entry of the list."""

    def to_counted_entries(self, array: Array) -> Array:
        """Return True at the entry of each list where the bool array is True."""

    def to_items(self, array: Array) -> Array:
        """Return an array of the items in the order of the prediction."""


def number_of(xp: Namespace, lists: Lists, is_in: Array) -> Array:
    """Count the items of each list at which a bool array is True, as a float."""
    return lists.total(xp.where(is_in, xp.ones_like(lists.x), 0.0))


class ListsAlong(Along):
    """Lists that are rows along an axis."""

    def __init__(self, entries: Entries) -> None:
        self.axis = entries.layout.class_axis
        super().__init__(entries.xp, self.axis)
        self.x, self.y, self.is_observed = entries.prediction, entries.labels, _observed(entries)
        self.positions = entries.xp.positions_along(self.x, self.axis)

    @property
    def key(self) -> Array:
        """0 for observed items, and 1 for missing ones."""
        return self._xp.where(self.is_observed, 0, self._xp.ones_like(self.positions))

    def longest(self) -> int | None:
        """Return the length of the rows."""
        size: int = self.x.shape[self.axis]
        return size

    def to_entries(self, array: Array) -> Array:
        """Return the array: rows are entries, in the order of the prediction."""
        return array

    to_counted_entries = to_items = from_items = to_entries


class Groups:
    """Lists of the items of each group along the last axis, in O(n log n) time and O(n) memory.

    A sort makes the items of a group contiguous. Missing items form lists of their own. A number
    per list is repeated at each of its items; the entry of a list is its first observed item.
    """

    def __init__(self, entries: Entries, groups: Array) -> None:
        xp, x = entries.xp, entries.prediction
        self._xp, self.axis = xp, len(x.shape) - 1
        self._along = xp.positions_along(x, self.axis)
        is_missing = xp.where(_observed(entries), 0, xp.ones_like(self._along))
        self._order = Order(xp, [groups, is_missing], self.axis)
        self.x, self.y = self._order.sort(x), self._order.sort(entries.labels)
        groups, is_missing = self._order.sort(groups), self._order.sort(is_missing)
        self.is_observed = is_missing == 0
        runs = Runs(xp, [groups, is_missing], self.axis)
        self.key = self._starts = runs.start
        self._end = runs.end
        self.positions = xp.where(self.is_observed, runs.positions, 0)

    def longest(self) -> int | None:
        """Return the length of the longest list; None if it cannot be read."""
        if 0 in self.positions.shape:
            return 0
        return (
            int(self._xp.max(self.positions)) + 1 if self._xp.is_readable(self.positions) else None
        )

    def peak(self, x: Array, is_in: Array) -> tuple[Array, Array]:  # noqa: ARG002
        """Return the largest element of each list, and a mask that is True at it."""
        xp = self._xp
        largest = self._reduce(_larger, xp.stop_gradient(x))
        # In a list with a NaN no element equals `largest`; the first one is as good as any.
        candidates = xp.where(x == largest, self._along, self._starts)
        top = self._reduce(_larger, candidates)
        return xp.take_along_axis(x, top, self.axis), self._along == top

    def total(self, array: Array) -> Array:
        """Sum each list."""
        return self._reduce(add, array)

    def _reduce(self, combine: Combine, array: Array) -> Array:
        """Reduce each list, and repeat the result at its items."""
        (array,) = scan(
            self._xp, combine, (array,), self.positions, self.axis, longest=self.longest()
        )
        return self._xp.take_along_axis(array, self._end, self.axis)

    def from_items(self, array: Array) -> Array:
        """Return an array of the items, given in the order of the prediction, in list order."""
        return self._order.sort(array)

    def to_entries(self, array: Array) -> Array:
        """Put the number of each list at its first item, and 0 at the others."""
        return self._order.unsort(self._xp.where(self.positions == 0, array, 0.0))

    def to_counted_entries(self, array: Array) -> Array:
        """Return True at the first observed item of each list where the bool array is True."""
        both = self._xp.logical_and
        return self._order.unsort(both(both(array, self.is_observed), self.positions == 0))

    def to_items(self, array: Array) -> Array:
        """Return an array of the items in the order of the prediction."""
        return self._order.unsort(array)

    def times(self, derivative: Array, factor: Array) -> Array:
        """Multiply each item's derivative by the factor at the entry of its list.

        A NaN of a list with the factor 0, which does not count, is dropped.
        """
        factor = self._xp.take_along_axis(self._order.sort(factor), self._starts, self.axis)
        factor = self._order.unsort(factor)
        return self._xp.where(factor == 0, 0.0, derivative * factor)


def _larger(xp: Namespace, one: Arrays, other: Arrays) -> Arrays:
    return (xp.maximum(one[0], other[0]),)


def _observed(entries: Entries) -> Array:
    if entries.observed is not None:
        return entries.observed
    return entries.xp.ones_like(entries.prediction) == 1
