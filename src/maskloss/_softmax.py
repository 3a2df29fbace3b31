"""Softmax, exact for confident rows: the building block of losses of one class among several."""

from __future__ import annotations

import math

from maskloss._namespace import index_dtype, is_index, replace_at, stop_gradient, take, total
from maskloss._once import once
from maskloss._typing import Array, Namespace
from maskloss._vocabulary import power, subtraction_error


class Softmax:
    """The functions of a row of logits that share exp(x - max(x)), to a few machine epsilons.

    The largest class stands outside the sum R of exp(x_i - max(x)) over the others: log(1 + R) has
    no cancellation, and confident rows keep their relative precision. Where a bool array says
    `within`, the other classes have a probability of 0, whatever their logits.
    """

    def __init__(self, xp: Namespace, x: Array, axis: int, within: Array | None = None) -> None:
        self.xp, self._axis = xp, axis
        ranked = x if within is None else xp.where(within, x, -math.inf)
        # MLX has no argmax of no row, and would differentiate by an index.
        top = xp.argmax if 0 not in x.shape else xp.any
        self.top = stop_gradient(xp.astype(top(ranked, axis=axis, keepdims=True), index_dtype(xp)))
        self.peak = self.at(x, self.top)
        self._x = x if within is None else xp.where(within, x, stop_gradient(self.peak))
        self._logits = Logits(xp, self._x, self.peak, within)

    def is_class(self, index: Array) -> Array:
        """Whether each class is the one that the row's `index` names."""
        return is_index(self.xp, self._x, index, self._axis)

    def replace(self, array: Array, index: Array, values: Array | float) -> Array:
        """Return `array` with other values at the class that each row's `index` names."""
        return replace_at(self.xp, array, index, values, self._axis)

    def total(self, array: Array) -> Array:
        """Sum each row, keeping the axis."""
        return total(self.xp, array, (self._axis,))

    def at(self, array: Array, index: Array) -> Array:
        """Take each row's class `index` of `array`, keeping the axis."""
        return take(self.xp, array, index, self._axis)

    @property
    def each(self) -> Chance:
        """Every class."""
        # Made anew, as it knows the softmax: the two would keep each other's arrays in memory.
        return Chance(self, self._logits, self.is_class(self.top))

    def of(self, index: Array) -> Chance:
        """Return each row's class `index`, keeping the axis."""
        logits = Logits(self.xp, self.at(self._x, index), self.peak)
        return Chance(self, logits, index == self.top)

    @once
    def rest(self) -> Array:
        """R."""
        return self.total(self.replace(self._logits.power_of_e, self.top, 0.0))

    @once
    def log_rest(self) -> Array:
        """log(1 + R)."""
        return self.xp.log1p(self.rest)

    @property
    def log_total(self) -> Array:
        """log(sum(exp(x)))."""
        return self.peak + self.log_rest


class Logits:
    """Logits x beside the largest of their row."""

    def __init__(self, xp: Namespace, x: Array, peak: Array, within: Array | None = None) -> None:
        self.xp, self.x, self._peak, self._within = xp, x, peak, within

    @once
    def difference(self) -> Array:
        """Return x - max(x)."""
        return self.x - self._peak

    @once
    def rounding(self) -> Array:
        """What the difference has lost."""
        return subtraction_error(self.xp, self.x, self._peak, self.difference)

    @once
    def power_of_e(self) -> Array:
        """exp(x - max(x)), to which the rounding of the difference d adds up to d / 2 epsilons."""
        power_of_e = self.xp.exp(self.difference) * (1 + self.rounding)
        return power_of_e if self._within is None else self.xp.where(self._within, power_of_e, 0.0)


class Chance:
    """The probability p of a class, of logit x: of one class per row, or of each."""

    def __init__(self, softmax: Softmax, logits: Logits, is_top: Array) -> None:
        self.xp, self._softmax, self._logits = softmax.xp, softmax, logits
        self.is_top = is_top

    @property
    def surprise(self) -> Array:
        """-log(p)."""
        gap = self.xp.where(self.is_top, 0.0, self._softmax.peak - self._logits.x)
        return gap + self._softmax.log_rest

    @once
    def probability(self) -> Array:
        """The probability p."""
        return self._logits.power_of_e / (1 + self._softmax.rest)

    @once
    def complement(self) -> Array:
        """1 - p, without the cancellation."""
        rest = self._softmax.rest
        others = self.xp.where(self.is_top, rest, 1 + rest - self._logits.power_of_e)
        return others / (1 + rest)

    def power(self, exponent: float) -> Array:
        """Return p**exponent."""
        small = self._logits.rounding - self._softmax.log_rest
        return power(self.xp, self._logits.difference, small, exponent)

    @once
    def divisor(self) -> Array:
        """1 - p, or 1 where that is no normal number to divide by."""
        complement = self.complement
        is_tiny = complement < float(self.xp.finfo(complement.dtype).smallest_normal)
        return self.xp.where(is_tiny, 1.0, complement)

    def power_of_complement(self, exponent: float) -> Array:
        """Return (1 - p)**exponent, or 1 where 1 - p is no normal number."""
        xp = self.xp
        is_small = self.complement <= 0.5
        small = xp.where(is_small, self.divisor, 1.0)
        # An exact number close to the logarithm, and the logarithm of what is left, close to 1.
        log = stop_gradient(xp.log(small))
        left = xp.log(small * xp.exp(-log))
        of_large = xp.log1p(-xp.where(is_small, 0.0, self.probability))
        return power(xp, log, xp.where(is_small, left, of_large), exponent)
