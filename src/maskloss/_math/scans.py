"""Running totals within the runs of sorted rows, by steps that double."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Arrays
from .exponential import exp_of_difference

Combine = Callable[[Namespace, Arrays, Arrays], Arrays]


def scan(
    xp: Namespace,
    combine: Combine,
    arrays: Arrays,
    positions: Array,
    axis: int,
    *,
    backward: bool = False,
    longest: int | None = None,
) -> Arrays:
    """Combine each element with all before it in its run, given its position there.

    With `backward`, with all after it, given its position from the end. Rounding errors grow with
    the logarithm of the length. `longest` is the length of the longest run, if it is known.
    """
    steps = functools.partial(_scan, combine, -1 if backward else 1, longest)
    return xp.of_whole_rows(steps, arrays, (positions,), axis)


def _scan(
    combine: Combine,
    direction: int,
    longest: int | None,
    xp: Namespace,
    axis: int,
    arrays: Arrays,
    others: Arrays,
) -> Arrays:
    (positions,) = others
    step, size = 1, arrays[0].shape[axis] if longest is None else longest
    while step < size:
        far = tuple(xp.roll(array, direction * step, axis=axis) for array in arrays)
        is_in = positions >= step
        pairs = zip(combine(xp, arrays, far), arrays, strict=True)
        arrays = tuple(xp.where(is_in, far, array) for far, array in pairs)
        step *= 2
    return arrays


def add(xp: Namespace, one: Arrays, other: Arrays) -> Arrays:  # noqa: ARG001
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
