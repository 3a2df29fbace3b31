"""Sorting of rows, and its inverse."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from .._arrays.cached_property import cached_property
from .._arrays.namespace import Namespace
from .._arrays.typing import Array


class Order:
    """The sorting order of each row by several keys; the last key has priority.

    The sort is stable. No derivative passes through the keys.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss._arrays.numpy import xp
    >>> order = Order(xp, [np.asarray([3.0, 1.0, 2.0])], 0)
    >>> order.sort(np.asarray([30.0, 10.0, 20.0]))
    array([10., 20., 30.])
    >>> order.unsort(np.asarray([10.0, 20.0, 30.0]))
    array([30., 10., 20.])
    """

    def __init__(self, xp: Namespace, keys: Sequence[Array], axis: int) -> None:
        self._xp, self._axis = xp, axis
        self.places = self._argsort(keys[0])
        for key in keys[1:]:
            finer = self._argsort(self.sort(key))
            self.places = xp.take_along_axis(self.places, finer, axis)

    @cached_property
    def ranks(self) -> Array:
        """The position of each element in the order."""
        return self._argsort(self.places)

    def sort(self, array: Array) -> Array:
        """Sort each row of `array` by this order."""
        return self._xp.take_along_axis(array, self.places, self._axis)

    def unsort(self, array: Array) -> Array:
        """Return each row of a sorted array to its original order."""
        return self._xp.take_along_axis(array, self.ranks, self._axis)

    def _argsort(self, key: Array) -> Array:
        xp = self._xp
        positions = xp.argsort(xp.stop_gradient(key), axis=self._axis)
        return xp.stop_gradient(xp.astype(positions, xp.index_dtype))


class Runs:
    """The runs of equal elements of sorted rows: elements between which no key differs.

    Attributes
    ----------
    start, end : integer array
        The positions of the first and the last element of each element's run.
    positions : integer array
        The position of each element in its run.
    """

    def __init__(self, xp: Namespace, keys: Sequence[Array], axis: int) -> None:
        along = xp.positions_along(keys[0], axis)
        is_new = [key != xp.roll(key, 1, axis=axis) for key in keys]
        is_first = functools.reduce(xp.logical_or, is_new, along == 0)
        ones, size = xp.ones_like(along), along.shape[axis]
        starts = Order(xp, [xp.where(is_first, 0, ones)], axis).places
        number = xp.cumulative_sum(xp.where(is_first, ones, 0), axis)
        number = xp.astype(number, along.dtype)
        self.start = xp.take_along_axis(starts, number - 1, axis)
        following = xp.take_along_axis(starts, xp.where(number < size, number, 0), axis)
        is_last = number == part(number, axis, size - 1, size)
        self.end = xp.where(is_last, size, following) - 1
        self.positions = along - self.start


def part(array: Array, axis: int, start: int, stop: int) -> Array:
    """Return the slice [start, stop) of each row along `axis`."""
    return array[(slice(None),) * axis + (slice(start, stop), ...)]
