"""Running totals within the runs of sorted rows, by steps that double."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array
from maskloss._math.exponential import exp_of_difference

Arrays = tuple[Array, ...]


def scan(
    xp: Namespace,
    combine: Callable[[Arrays, Arrays], Arrays],
    arrays: Arrays,
    positions: Array,
    axis: int,
    *,
    backward: bool = False,
) -> Arrays:
    """Combine each element with all before it in its run, given its position there.

    With `backward`, with all after it, given its position from the end. Rounding errors grow with
    the logarithm of the length.
    """
    step, size = 1, arrays[0].shape[axis]
    while step < size:
        shift = -step if backward else step
        farther = combine(arrays, tuple(xp.roll(array, shift, axis=axis) for array in arrays))
        is_in = positions >= step
        pairs = zip(farther, arrays, strict=True)
        arrays = tuple(xp.where(is_in, far, array) for far, array in pairs)
        step *= 2
    return arrays


def add(one: Arrays, other: Arrays) -> Arrays:
    """Return the sums of arrays, to be scanned."""
    return tuple(a + b for a, b in zip(one, other, strict=True))


class LogSum(NamedTuple):
    """The logarithm of a sum of exponentials: `peak` + log(1 + `rest`), where the peak is one."""

    peak: Array
    rest: Array

    def times(self, factor: Array) -> LogSum:
        """Return the logarithm of the sum times a factor."""
        return LogSum(self.peak, (factor - 1) + factor * self.rest)


def add_log_sums(xp: Namespace, one: Arrays, other: Arrays) -> LogSum:
    """Return the logarithm of the sum of two, with the derivatives of it everywhere."""
    is_first = one[0] >= other[0]
    peak, low = xp.where(is_first, one[0], other[0]), xp.where(is_first, other[0], one[0])
    rest, of_low = xp.where(is_first, one[1], other[1]), xp.where(is_first, other[1], one[1])
    return LogSum(peak, rest + (1 + of_low) * exp_of_difference(xp, low, peak))
