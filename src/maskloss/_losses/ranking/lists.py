"""Lists of items: the rows of a prediction, or its items by group, in any order."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Protocol

from maskloss._arrays.indexing import take
from maskloss._arrays.namespace import (
    index_dtype,
    is_readable,
    on_device_of,
    shape_of,
    stop_gradient,
)
from maskloss._arrays.summation import cumulative_sum
from maskloss._arrays.typing import Array, Namespace
from maskloss._inputs.entries import Entries
from maskloss._math.logsumexp import Along, Rows
from maskloss._math.sorting import Order, part


class Lists(Rows, Protocol):
    """Items of lists, in an order in which those of a list stand together.

    Attributes
    ----------
    axis : int
        Along which the items stand.
    x, y : array
        Scores and labels of the items.
    is_in : bool array
        Which items are observed.
    places : integer array
        The place of each item in its list, from 0.
    """

    axis: int
    x: Array
    y: Array
    is_in: Array
    places: Array

    def longest(self) -> int | None:
        """Return how many items a list has at most; None where that cannot be read."""

    def of_lists(self, array: Array) -> Array:
        """Return what each list has, at its entry."""

    def are_counted(self, array: Array) -> Array:
        """Return True at the entries of the lists of which that is True."""

    def of_items(self, array: Array) -> Array:
        """Return what each item has, in the order of the prediction."""


class ListsAlong(Along):
    """Lists that are rows along an axis."""

    def __init__(self, entries: Entries) -> None:
        self.axis = entries.layout.class_axis
        super().__init__(entries.xp, self.axis)
        self.x, self.y, self.is_in = entries.prediction, entries.labels, _is_in(entries)
        self.places = _places(entries.xp, self.x, self.axis)

    def longest(self) -> int | None:
        """Return how many items a list has at most."""
        size: int = self.x.shape[self.axis]
        return size

    def of_lists(self, array: Array) -> Array:
        """Return what each list has, at its entry."""
        return array

    are_counted = of_items = of_lists


class Groups:
    """Lists of the items of one group along the last axis, in O(n log n) time and O(n) memory.

    What a list has stands at each of its items, and among the entries at the first that is
    observed. Items that are not observed are put into lists of their own.
    """

    def __init__(self, entries: Entries, groups: Array) -> None:
        xp, x = entries.xp, entries.prediction
        self._xp, self.axis = xp, len(x.shape) - 1
        self._along = _places(xp, x, self.axis)
        hidden = xp.where(_is_in(entries), 0, xp.ones_like(self._along))
        self._order = Order(xp, [groups, hidden], self.axis)
        self.x, self.y = self._order.sort(x), self._order.sort(entries.labels)
        groups, hidden = self._order.sort(groups), self._order.sort(hidden)
        self.is_in = hidden == 0
        is_new = [array != xp.roll(array, 1, axis=self.axis) for array in (groups, hidden)]
        self._start, self._end = self._ends(
            functools.reduce(xp.logical_or, is_new, self._along == 0)
        )
        self.places = xp.where(self.is_in, self._along - self._start, 0)

    def _ends(self, is_first: Array) -> tuple[Array, Array]:
        """Where the list of each item starts and ends."""
        xp, along, size = self._xp, self._along, self._along.shape[self.axis]
        ones = xp.ones_like(along)
        starts = Order(xp, [xp.where(is_first, 0, ones)], self.axis).places
        number = cumulative_sum(xp, xp.where(is_first, ones, 0), self.axis)
        number = xp.astype(number, along.dtype)
        start = take(xp, starts, number - 1, self.axis)
        following = take(xp, starts, xp.where(number < size, number, 0), self.axis)
        is_last = number == part(number, self.axis, size - 1, size)
        return start, xp.where(is_last, size, following) - 1

    def longest(self) -> int | None:
        """Return how many items a list has; None where that cannot be read."""
        if 0 in self.places.shape:
            return 0
        return int(self._xp.max(self.places)) + 1 if is_readable(self.places) else None

    def peak(self, x: Array, is_in: Array) -> tuple[Array, Array]:  # noqa: ARG002
        """Return the largest element of each list, and which one that is."""
        xp = self._xp
        largest = self._of_all(xp.maximum, stop_gradient(x))
        # Of a list with a NaN, any element will do.
        candidates = xp.where(x == largest, self._along, self._start)
        top = self._of_all(xp.maximum, candidates)
        return take(xp, x, top, self.axis), self._along == top

    def total(self, array: Array) -> Array:
        """Sum each list."""
        return self._of_all(lambda one, other: one + other, array)

    def _of_all(self, combine: Callable[[Array, Array], Array], array: Array) -> Array:
        """Combine the elements of each list, at all of them; as a tree, so that sums are exact."""
        xp, axis, step = self._xp, self.axis, 1
        size = self.longest()
        size = array.shape[axis] if size is None else size
        while step < size:
            ahead = combine(array, xp.roll(array, step, axis=axis))
            array = xp.where(self.places >= step, ahead, array)
            step *= 2
        return take(xp, array, self._end, axis)

    def of_lists(self, array: Array) -> Array:
        """Return what each list has, at its entry."""
        return self._order.unsort(self._xp.where(self.places == 0, array, 0.0))

    def are_counted(self, array: Array) -> Array:
        """Return True at the entries of the lists of which that is True."""
        both = self._xp.logical_and
        return self._order.unsort(both(both(array, self.is_in), self.places == 0))

    def of_items(self, array: Array) -> Array:
        """Return what each item has, in the order of the prediction."""
        return self._order.unsort(array)

    def spread(self, array: Array) -> Array:
        """Return what stands at the entry of each list, at all of its items."""
        array = take(self._xp, self._order.sort(array), self._start, self.axis)
        return self._order.unsort(array)


def _is_in(entries: Entries) -> Array:
    if entries.observed is not None:
        return entries.observed
    return entries.xp.ones_like(entries.prediction) == 1


def _places(xp: Namespace, array: Array, axis: int) -> Array:
    """Return where each element stands along an axis."""
    size = array.shape[axis]
    places = xp.arange(size, dtype=index_dtype(xp), **on_device_of(xp, array))
    shape = tuple(size if k == axis else 1 for k in range(len(array.shape)))
    return xp.broadcast_to(xp.reshape(places, shape), shape_of(array))
