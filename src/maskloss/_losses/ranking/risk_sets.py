"""The risk sets of events: all subjects of a list whose time is not before that of the event."""

from __future__ import annotations

import math

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array, Arrays
from ..._math.arithmetic import clamp
from ..._math.exponential import exp_of_difference
from ..._math.scans import LogSum, add, add_log_sums, scan
from ..._math.sorting import Order, Runs
from .lists import Lists


class RiskSets:
    """Sums over the risk sets, in O(n log n) time and O(n) memory.

    A sort puts later times first, and of equal times the events last: the risk set of an event is
    all that comes before the end of its run of equal times. With `efron`, the k-th of d events at
    one time counts these d by the share 1 - k / d (k from 0).
    """

    def __init__(self, xp: Namespace, lists: Lists, is_event: Array, *, efron: bool) -> None:
        self._xp, self._lists, self._axis = xp, lists, lists.axis
        event = xp.where(is_event, xp.ones_like(lists.x), 0.0)
        keys = [event, -lists.y, lists.key]
        self._order = Order(xp, keys, lists.axis)
        event, time, key = (self._order.sort(array) for array in keys)
        self._x, self._event = self._order.sort(lists.x), event
        self._along = xp.positions_along(event, self._axis)
        self._subjects = Runs(xp, [key], self._axis)
        self._ties = Runs(xp, [key, time], self._axis)
        self._tied_events = Runs(xp, [key, time, event], self._axis)
        self._share = xp.ones_like(event)
        if efron:
            runs = self._tied_events
            place, number = (
                xp.astype(count, event.dtype)
                for count in (runs.positions, runs.end - runs.start + 1)
            )
            self._share = 1 - place / number

    @cached_property
    def _hazard(self) -> LogSum:
        """The logarithm of the hazard of each event's risk set."""
        xp, runs = self._xp, self._tied_events
        one = (self._x, xp.zeros_like(self._x))
        before = scan(xp, add_log_sums, one, self._subjects.positions, self._axis)
        tied = scan(xp, add_log_sums, one, runs.positions, self._axis)
        tied = LogSum(*self._take(tied, runs.end)).times(self._share)
        has_before = runs.start > self._subjects.start
        place = xp.where(has_before, runs.start - 1, runs.start)
        both = add_log_sums(xp, self._take(before, place), tied)
        pairs = zip(both, tied, strict=True)
        return LogSum(*(xp.where(has_before, one, alone) for one, alone in pairs))

    def _take(self, arrays: Arrays, places: Array) -> Arrays:
        return tuple(self._xp.take_along_axis(array, places, self._axis) for array in arrays)

    @cached_property
    def _shares_of_events(self) -> tuple[Array, Array, Array, Array]:
        """The shares of each subject in the hazards of the events.

        Their sum and the sum of their squares, without the share in the own event; the share in the
        own event; and 1 minus this share, computed apart: where it is close to 1, a subtraction
        would cancel.
        """
        xp, runs, is_event = self._xp, self._tied_events, self._event == 1
        # Elements that are no events add nothing to a sum, whose exponent is the least of peaks.
        peak = xp.where(is_event, self._hazard.peak, math.inf)
        total = 1 + self._hazard.rest
        part = xp.where(is_event, 1 / total, 0.0)
        tied = self._share * part
        sums = scan(xp, add, (part, part * part, tied, tied * tied), runs.positions, self._axis)
        own_peak, own_1, own_2, tied_1, tied_2 = self._take((peak, *sums), self._ties.end)
        from_end = self._subjects.end - self._along
        sums = scan(xp, _add_parts, (peak, part, part * part), from_end, self._axis, backward=True)
        has_earlier = self._ties.end < self._subjects.end
        place = xp.where(has_earlier, self._ties.end + 1, self._ties.end)
        earlier_peak, earlier_1, earlier_2 = self._take(sums, place)
        factor = exp_of_difference(xp, self._x, earlier_peak)
        factor = xp.where(has_earlier, factor, 0.0)
        own = exp_of_difference(xp, self._x, own_peak)
        first = factor * earlier_1 + own * xp.where(is_event, tied_1 - tied, own_1)
        squares = xp.where(is_event, tied_2 - tied * tied, own_2)
        second = factor * factor * earlier_2 + own * own * squares
        share = own * tied
        of_peak = (1 - self._share + self._hazard.rest) / total
        complement = xp.where(self._x == own_peak, of_peak, 1 - share)
        return first, second, share, xp.where(is_event, complement, 0.0)

    @property
    def value(self) -> Array:
        """The sum over the events of each list."""
        xp, hazard = self._xp, self._hazard
        # Where a score is the infinite peak, peak - x would be inf - inf, a NaN.
        is_same = xp.logical_and(hazard.peak == self._x, xp.abs(self._x) == math.inf)
        peak, x = (xp.where(is_same, 0.0, each) for each in (hazard.peak, self._x))
        surprisal = peak - x + xp.log1p(hazard.rest)
        # A NaN stays visible, also of a subject in no risk set.
        nothing = 0.0 * clamp(xp, self._x, 1.0)
        surprisal = xp.where(self._event == 1, surprisal, nothing)
        return self._lists.total(self._order.unsort(surprisal))

    @property
    def slope(self) -> Array:
        """The derivative of the sum by each subject."""
        first, _, _, complement = self._shares_of_events
        return self._order.unsort(first - complement)

    @property
    def curvature(self) -> Array:
        """The second derivative of the sum by each subject."""
        first, second, share, complement = self._shares_of_events
        return self._order.unsort(first - second + share * complement)


def _add_parts(xp: Namespace, one: Arrays, other: Arrays) -> Arrays:
    least = xp.where(one[0] <= other[0], one[0], other[0])
    of_one, of_other = (exp_of_difference(xp, least, peak) for peak in (one[0], other[0]))
    return (
        least,
        of_one * one[1] + of_other * other[1],
        of_one * of_one * one[2] + of_other * of_other * other[2],
    )
