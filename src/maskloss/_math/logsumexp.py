"""The soft maximum of some elements of each row, exact where one of them dominates."""

from __future__ import annotations

import math
from typing import Protocol

from .._arrays.cached_property import cached_property
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .arithmetic import clamp, power, subtraction_error
from .constants import inverse


class Rows(Protocol):
    """The rows along which sums and maxima are computed."""

    def peak(self, x: Array, is_in: Array) -> tuple[Array, Array]:
        """Return each row's largest element in `is_in`, and a mask of its position."""

    def total(self, array: Array) -> Array:
        """Sum each row."""


class Along:
    """Rows along an axis; results keep the axis, with size 1."""

    def __init__(self, xp: Namespace, axis: int) -> None:
        self._xp, self._axis = xp, axis

    def peak(self, x: Array, is_in: Array) -> tuple[Array, Array]:
        """Return each row's largest element in `is_in`, and a mask of its position."""
        xp, axis = self._xp, self._axis
        if x.shape[axis] == 0:
            return xp.sum(x, axis=axis, keepdims=True), x > 0
        ranked = xp.where(is_in, x, -math.inf)
        top = self._argmax(ranked)
        is_found = xp.take_along_axis(ranked, top, axis) != -math.inf
        if not (xp.is_host and xp.all(is_found)):
            # If all of them are -inf, an element that is not in `is_in` may come first.
            first = self._argmax(xp.where(is_in, xp.ones_like(x), 0.0))
            top = xp.where(is_found, top, first)
        return xp.take_along_axis(x, top, axis), xp.one_hot_mask(x, top, axis)

    def _argmax(self, array: Array) -> Array:
        xp = self._xp
        # MLX 0.32.4 has no argmax of an empty array, and would differentiate through an index.
        argmax = xp.argmax if 0 not in array.shape else xp.any
        top = argmax(array, axis=self._axis, keepdims=True)
        return xp.stop_gradient(xp.astype(top, xp.index_dtype))

    def total(self, array: Array) -> Array:
        """Sum each row."""
        return self._xp.sum_along(array, (self._axis,))


class SoftMaximum:
    """T log(sum(w exp(x / T))) over the elements in `is_in`, as a peak and the excess over it.

    R is the sum of exp((x - peak) / T) over the other elements, without the peak: the excess
    T log(1 + R) has no cancellation. For a row without elements the results are arbitrary, not NaN.
    With weights w, which need T = 1, the peak is the largest x + log(w), rounded.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss._arrays.numpy import xp
    >>> x, is_in = np.asarray([0.0, -50.0, 9.0]), np.asarray([True, True, False])
    >>> s = SoftMaximum(xp, x, is_in, Along(xp, 0))
    >>> s.peak, s.excess
    (array([0.]), array([1.92874985e-22]))
    """

    def __init__(
        self,
        xp: Namespace,
        x: Array,
        is_in: Array,
        rows: Rows,
        temperature: float = 1.0,
        weight: Array | None = None,
    ) -> None:
        self._xp, self._x, self._is_in, self._rows = xp, x, is_in, rows
        # Below, quotients by it would be infinite, or 0 / 0 once it is a float32 of 0.
        self._temperature = max(temperature, float(xp.finfo(x.dtype).smallest_normal))
        self._weight = weight
        ranked = x if weight is None else x + xp.log(xp.where(is_in, weight, 1.0))
        self.peak, self._is_top = rows.peak(ranked, is_in)

    def _from_peak(self) -> tuple[Array, Array]:
        """Return the elements and the peak, both 0 in place of a peak of -inf."""
        xp, is_in, peak = self._xp, self._is_in, self.peak
        is_none = peak == -math.inf
        if not xp.is_host or xp.any(is_none):
            # The peak minus itself would be NaN.
            peak = xp.where(is_none, 0.0, peak)
            is_in = xp.logical_and(is_in, ~xp.logical_and(is_none, self._is_top))
        # The peak in place of the other elements avoids infinite derivatives.
        return xp.where(is_in, self._x, peak), peak

    @cached_property
    def _power_of_e(self) -> Array:
        """Each summand by that of the peak, without the rounding of the difference x - peak."""
        xp, t = self._xp, self._temperature
        x, peak = self._from_peak()
        difference = x - peak
        if self._weight is not None:
            # A weight that is no normal number can belong to a larger exponential than there is.
            end = 0.99 * math.log(float(xp.finfo(x.dtype).max))
            difference = xp.where(difference > end, end, difference)
        is_exact = math.frexp(t)[0] == 0.5  # the quotient by a power of 2
        if is_exact or 1 / t == math.inf:
            # Where it is clamped, the exponential is 0.
            power_of_e = xp.exp(difference if t == 1 else difference / t)
            # As in `Logits`, the probabilities of classes do without on an accelerator.
            if not (xp.has_kernels and self._weight is not None):
                rounding = subtraction_error(xp, x, peak, difference)
                power_of_e = power_of_e * (1 + clamp(xp, rounding / t, 1.0))
        else:
            # What 1 / t loses as a float counts as much as the difference is large.
            rate, lost = inverse(t)
            rounding = subtraction_error(xp, x, peak, difference)
            power_of_e = power(xp, difference, rounding + lost * difference, rate)
        if self._weight is not None:
            power_of_e = power_of_e * self._weight
        return xp.where(self._is_in, power_of_e, 0.0)

    @cached_property
    def _top(self) -> Array | float:
        """The largest summand: 1, or with weights as close to 1 as the peak is rounded."""
        if self._weight is None:
            return 1.0
        return self._rows.total(self._xp.where(self._is_top, self._power_of_e, 0.0))

    @cached_property
    def _rest(self) -> Array:
        """R."""
        return self._rows.total(self._xp.where(self._is_top, 0.0, self._power_of_e))

    @cached_property
    def _log_total(self) -> Array:
        return self._xp.log1p(self._rest + (self._top - 1))

    @property
    def excess(self) -> Array:
        """T log(1 + R)."""
        return self._temperature * self._log_total

    @property
    def surprisal(self) -> Array:
        """The negative logarithm of each probability, for T = 1."""
        return self._xp.where(self._is_top, 0.0, self.peak - self._x) + self._log_total

    @cached_property
    def probability(self) -> Array:
        """The gradient of the soft maximum: the softmax of x / T."""
        return self._power_of_e / (self._top + self._rest)

    @cached_property
    def complement(self) -> Array:
        """1 - probability, without the cancellation."""
        total = self._top + self._rest
        return self._xp.where(self._is_top, self._rest, total - self._power_of_e) / total

    def total_of_others(self, array: Array, total: Array) -> Array:
        """Sum the other elements of each row, for each element, given the sum of all.

        Its difference loses digits, which count at the peak alone, where the probability can be
        close to 1.
        """
        rest = self._rows.total(self._xp.where(self._is_top, 0.0, array))
        return self._xp.where(self._is_top, rest, total - array)

    @cached_property
    def bend(self) -> Array:
        """The diagonal of the Hessian of the soft maximum."""
        return self.probability * self.complement / self._temperature

    def bend_along(self, direction: Array) -> Array:
        """Return the product of the Hessian of the soft maximum and a direction.

        The direction of the peak goes off first, so that no large terms cancel.
        """
        total, p = self._rows.total, self.probability
        d = direction - total(self._xp.where(self._is_top, direction, 0.0))
        return p * (d - total(p * d)) / self._temperature
