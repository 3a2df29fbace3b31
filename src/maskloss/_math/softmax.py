"""Softmax, exact for confident rows: the building block of categorical losses."""

from __future__ import annotations

import math
from collections.abc import Callable

from .._arrays.cached_property import cached_property
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .arithmetic import power, subtraction_error


class Softmax:
    """The functions of a row of logits that share exp(x - peak), to a few machine epsilons.

    The peak is the largest logit. R is the sum of exp(x_i - peak) over all classes but one, the
    centre. Where the centre has the largest logit, log(1 + R) has no cancellation, and confident
    rows keep their relative precision. With the label as centre, the functions of the label have
    that precision without an argmax, which compiled code computes slowly. With a bool array
    `within`, classes outside it have probability 0, whatever their logits.
    """

    def __init__(
        self,
        xp: Namespace,
        x: Array,
        axis: int,
        within: Array | None = None,
        centre: Array | None = None,
    ) -> None:
        self.xp, self._axis, self._within = xp, axis, within
        ranked = x if within is None else xp.where(within, x, -math.inf)
        if centre is None:
            # MLX 0.32.4 has no argmax of an empty array, and would differentiate by an index.
            top = xp.argmax if 0 not in x.shape else xp.any
            index = xp.astype(top(ranked, axis=axis, keepdims=True), xp.index_dtype)
            self._centre, self._logit = xp.stop_gradient(index), None
            self.peak = self.at(x, self._centre)
            self.is_top = self._centre >= 0
        else:
            own = self.at(x, centre)
            self._centre, self._logit = centre, own if within is None else None
            largest = xp.max if 0 not in x.shape else xp.sum
            peak = xp.stop_gradient(largest(ranked, axis=axis, keepdims=True))
            self.is_top = own >= peak
            # Without a gradient, except for the label's own logit, where R has every derivative.
            self.peak = xp.where(self.is_top, own, peak)
        self._x = x if within is None else xp.where(within, x, xp.stop_gradient(self.peak))
        self._logits = Logits(xp, self._x, self.peak, within)

    def is_class(self, index: Array) -> Array:
        """Return True at each row's class `index`."""
        return self.xp.one_hot_mask(self._x, index, self._axis)

    def replace(self, array: Array, index: Array, values: Array | float) -> Array:
        """Replace each row's element at class `index` of a temporary array."""
        return self.xp.put_along_axis(array, index, values, self._axis)

    def total(self, array: Array) -> Array:
        """Sum each row, keeping the axis."""
        return self.xp.sum_along(array, (self._axis,))

    def expectation(self, weight: Array) -> Array:
        """Sum weight times probability in each row; its automatic derivative does not cancel."""
        xp, centre = self.xp, self._centre
        others = xp.sum_without(weight * self._logits.power_of_e, centre, self._axis)
        own = self.at(weight, centre) * xp.where(self.is_top, 1.0, self._own.power_of_e)
        return (others + own) / self.mass

    def total_of_others(self, array: Array) -> Array:
        """Sum the other classes of each row, for each class.

        The difference from the total loses digits, which count at the centre alone, where the
        probability can be close to 1.
        """
        rest = self.xp.sum_without(array, self._centre, self._axis)
        total = rest + self.at(array, self._centre)
        return self.replace(total - array, self._centre, rest)

    def gradient(self, by_probability: Array) -> Array:
        """Return the derivative by the logits, given that by the probability of each class.

        It is the derivative of the probabilities along the same direction.
        """
        return self.each.probability * self.log_along(by_probability)

    def log_along(self, direction: Array) -> Array:
        """Return the derivative of the logarithm of each probability along a direction.

        A number added to all of a row has no effect. The direction of the centre goes off first, so
        that no large terms cancel in confident rows.
        """
        p, difference = self.each, direction - self.at(direction, self._centre)
        return difference * p.complement - self.total_of_others(p.probability * difference)

    def at(self, array: Array, index: Array) -> Array:
        """Return each row's element of `array` at class `index`, keeping the axis."""
        return self.xp.take_along_axis(array, index, self._axis)

    @property
    def each(self) -> ClassProbability:
        """The probability of every class."""
        # Not cached: it refers to the softmax, and a cycle would keep the arrays in memory.
        x = self.xp.recompute(self._x)
        logits = self._logits if x is self._x else Logits(self.xp, x, self.peak, self._within)
        return ClassProbability(self, logits, lambda: self.is_class(self._centre))

    @property
    def centre(self) -> ClassProbability:
        """The probability of each row's centre, keeping the axis."""
        return ClassProbability(self, self._own, lambda: self._centre >= 0)

    @cached_property
    def _own(self) -> Logits:
        # The difference of the peak from itself is exactly 0, and so must its derivative be, in
        # whatever order its terms are added.
        own = self.at(self._x, self._centre) if self._logit is None else self._logit
        own, peak = (self.xp.where(self.is_top, 0.0, x) for x in (own, self.peak))
        return Logits(self.xp, own, peak)

    @cached_property
    def rest(self) -> Array:
        """R."""
        return self.xp.sum_without(self._logits.power_of_e, self._centre, self._axis)

    @cached_property
    def mass(self) -> Array:
        """sum(exp(x - peak))."""
        return self.rest + self.xp.where(self.is_top, 1.0, self._own.power_of_e)

    @cached_property
    def log_mass(self) -> Array:
        """log(sum(exp(x - peak)))."""
        xp = self.xp
        log_others = xp.log(xp.where(self.is_top, 1.0, self.mass))
        return xp.where(self.is_top, xp.log1p(xp.where(self.is_top, self.rest, 0.0)), log_others)

    @property
    def log_total(self) -> Array:
        """log(sum(exp(x)))."""
        return self.peak + self.log_mass


class Logits:
    """Logits x and the peak of their row."""

    def __init__(self, xp: Namespace, x: Array, peak: Array, within: Array | None = None) -> None:
        self.xp, self.x, self._peak, self._within = xp, x, peak, within

    @cached_property
    def difference(self) -> Array:
        """The difference x - peak."""
        return self.x - self._peak

    @cached_property
    def rounding(self) -> Array:
        """The rounding error of the difference."""
        return subtraction_error(self.xp, self.x, self._peak, self.difference)

    @cached_property
    def power_of_e(self) -> Array:
        """exp(x - peak), corrected for the rounding of the difference."""
        if self.xp.is_host and self._is_moderate:
            # A third of the time. Other libraries would have to wait for the test, or trace it.
            power_of_e = self.xp.exp(self.x) * self.xp.exp(-self._peak)
        elif self.xp.has_kernels:
            # The correction takes 16 passes over all logits. Without it, a probability is as exact
            # as that of the library's own softmax.
            power_of_e = self.xp.exp(self.x - self._peak)
        else:
            power_of_e = self.xp.exp(self.difference) * (1 + self.rounding)
        return power_of_e if self._within is None else self.xp.where(self._within, power_of_e, 0.0)

    @property
    def _is_moderate(self) -> bool:
        """Whether exp(x) and exp(-x) of each logit are normal numbers, with a margin."""
        if 0 in self.x.shape:
            return False
        # Infinite for NumPy's long double, whose maximum no Python float holds.
        end = 0.9 * math.log(float(self.xp.finfo(self.x.dtype).max))
        is_inside = self.xp.min(self.x) > -end and self.xp.max(self._peak) < end
        return bool(is_inside) and end < math.inf


class ClassProbability:
    """The probability p of one class per row, or of every class, with logit x."""

    def __init__(self, softmax: Softmax, logits: Logits, is_centre: Callable[[], Array]) -> None:
        self.xp, self._softmax, self._logits = softmax.xp, softmax, logits
        self._find_centre = is_centre

    @cached_property
    def _is_centre(self) -> Array:
        return self._find_centre()

    @property
    def surprisal(self) -> Array:
        """-log(p)."""
        s = self._softmax
        is_peak = self.xp.logical_and(self._is_centre, s.is_top)
        return self.xp.where(is_peak, 0.0, s.peak - self._logits.x) + s.log_mass

    @cached_property
    def probability(self) -> Array:
        """The probability p."""
        return self._logits.power_of_e / self._softmax.mass

    def times_probability(self, factor: Array) -> Array:
        """Return p times a factor per row, with one product per class."""
        return self._logits.power_of_e * (factor / self._softmax.mass)

    @cached_property
    def complement(self) -> Array:
        """1 - p, without the cancellation."""
        s = self._softmax
        others = self.xp.where(self._is_centre, s.rest, s.mass - self._logits.power_of_e)
        return others / s.mass

    def power(self, exponent: float) -> Array:
        """Return p**exponent."""
        small = self._logits.rounding - self._softmax.log_mass
        return power(self.xp, self._logits.difference, small, exponent)

    @cached_property
    def divisor(self) -> Array:
        """1 - p, or 1 where 1 - p is subnormal or 0, to divide by."""
        complement = self.complement
        is_tiny = complement < float(self.xp.finfo(complement.dtype).smallest_normal)
        return self.xp.where(is_tiny, 1.0, complement)

    def power_of_complement(self, exponent: float) -> Array:
        """Return (1 - p)**exponent, or 1 where 1 - p is subnormal or 0."""
        xp = self.xp
        is_small = self.complement <= 0.5
        small = xp.where(is_small, self.divisor, 1.0)
        # An exact number close to log(small), and the logarithm of the remaining factor, near 1.
        log = xp.stop_gradient(xp.log(small))
        left = xp.log(small * xp.exp(-log))
        log_large = xp.log1p(-xp.where(is_small, 0.0, self.probability))
        return power(xp, log, xp.where(is_small, left, log_large), exponent)
