"""Rows in the order of their elements, and back."""

from __future__ import annotations

from collections.abc import Sequence

from maskloss._arrays.cached_property import cached_property
from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array


class Order:
    """The order of each row by several keys, the last of which counts most.

    What ties stays in place. The keys are constants for automatic differentiation.

    Examples
    --------
    >>> import numpy as np
    >>> order = Order(np, [np.asarray([3.0, 1.0, 2.0])], 0)
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
        """The place of each element in the order."""
        return self._argsort(self.places)

    def sort(self, array: Array) -> Array:
        """Bring each row into the order."""
        return self._xp.take_along_axis(array, self.places, self._axis)

    def unsort(self, array: Array) -> Array:
        """Bring each row out of the order."""
        return self._xp.take_along_axis(array, self.ranks, self._axis)

    def _argsort(self, key: Array) -> Array:
        xp = self._xp
        places = xp.argsort(xp.stop_gradient(key), axis=self._axis)
        return xp.stop_gradient(xp.astype(places, xp.index_dtype))


def part(array: Array, axis: int, start: int, stop: int) -> Array:
    """Return the elements of each row from `start` to before `stop`."""
    return array[(slice(None),) * axis + (slice(start, stop), ...)]
