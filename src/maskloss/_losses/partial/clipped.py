"""The probability of the wrong answer to a negative label, less a margin."""

from __future__ import annotations

import math

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._math.arithmetic import clip_to_exp_range, power, subtraction_error
from ..._math.constants import split
from ..._math.logistic import logistic
from ..binary.wrong_answer import WrongAnswer


def clipped_wrong_answer(
    xp: Namespace, x: Array, margin: float, root: tuple[float, float]
) -> WrongAnswer:
    """Return q = max(sigmoid(x) - m, 0), which is 0 up to the root x = logit(m), in two parts."""
    return (Fused if xp.has_kernels else Composed)(xp, x, margin, root)


class Composed:
    """The probability by a composition whose derivatives of every order are exact.

    With the distance d = x - logit(m), q = sigmoid(x) (1 - m) (1 - exp(-d)), which does not cancel
    for small q.
    """

    def __init__(self, xp: Namespace, x: Array, margin: float, root: tuple[float, float]) -> None:
        # In a derivative, the product of a large logit and a number could overflow.
        self._logistic, self._margin = logistic(xp, clip_to_exp_range(xp, x)), margin
        self.xp, self._x = xp, x
        number, self._rest = split(*root, float(xp.finfo(x.dtype).eps))
        # Exact near the root. What the root is off there counts as much as the distance itself.
        self._nearly, self._number = x - number, number
        # 1 / d**2, in the second derivative of log(q), times a focus must not overflow.
        least = 2**10 * float(xp.finfo(x.dtype).smallest_normal)
        self._is_zero = self._nearly <= self._rest + least

    def _zero_clipped(self, array: Array) -> Array:
        return self.xp.where(self._is_zero, 0.0, array)

    @cached_property
    def _safe(self) -> Array:
        # The choice in between keeps XLA (jax 0.10) from adding the two parts of the root.
        return self.xp.where(self._is_zero, 1.0, self._nearly)

    @cached_property
    def _distance(self) -> Array:
        """d, or a number above 0 where q is 0."""
        return self._safe - self._rest

    @cached_property
    def _decay(self) -> Array:
        """exp(-d)."""
        # Where q is 0, the difference may have lost the whole root, which is no small error.
        rounding = self._zero_clipped(
            subtraction_error(self.xp, self._x, self._number, self._nearly)
        )
        return self.xp.exp(-self._safe) * (1 + (self._rest - rounding))

    @cached_property
    def _gap(self) -> Array:
        """1 - exp(-d)."""
        return self.xp.where(
            self._distance <= 0.5, -self.xp.expm1(-self._distance), 1 - self._decay
        )

    @cached_property
    def _wrong(self) -> Array:
        """The probability q."""
        return self.sigmoid * ((1 - self._margin) * self._gap)

    @cached_property
    def _complement(self) -> Array:
        """1 - q."""
        return self.sigmoid_of_negative + self._margin

    @property
    def sigmoid(self) -> Array:
        """The probability of the label 1."""
        return self._logistic.sigmoid

    @property
    def sigmoid_of_negative(self) -> Array:
        """The probability of the label 0."""
        return self._logistic.sigmoid_of_negative

    def power(self, exponent: float) -> Array:
        """Return q**exponent."""
        xp, s = self.xp, self._logistic
        is_near = self._distance <= 0.7
        small = xp.where(is_near, self._gap, 1.0)
        # An exact number close to the logarithm, and the logarithm of what is left, close to 1.
        log = xp.stop_gradient(xp.log(small))
        near = xp.log(small * xp.exp(-log))
        far = xp.log1p(-xp.where(is_near, 0.0, self._decay))
        # Not the larger of two logarithms: where exp(-x) rounds to 1, it has another derivative.
        low = s.negative_part
        total = low + log
        lost = subtraction_error(xp, low, -log, total)
        rest = xp.where(is_near, near, far) + math.log1p(-self._margin) - s.log_sum
        return power(xp, total, rest + lost, exponent)

    @property
    def surprisal(self) -> Array:
        """-log(1 - q)."""
        xp, q = self.xp, self._wrong
        is_small = q <= 0.35
        small, other = xp.where(is_small, q, 0.0), xp.where(is_small, 1.0, self._complement)
        return self._zero_clipped(xp.where(is_small, -xp.log1p(-small), -xp.log(other)))

    @property
    def surprisal_slope(self) -> Array:
        """The derivative of the surprisal."""
        return self._zero_clipped(self._logistic.sigmoid_slope / self._complement)

    @property
    def surprisal_curvature(self) -> Array:
        """The second derivative of the surprisal."""
        s, n, complement = self._logistic, self.sigmoid_of_negative, self._complement
        numerator = n * n + self._margin * s.sigmoid_second_derivative
        return self._zero_clipped(s.sigmoid_slope * (numerator / complement / complement))

    @property
    def log_slope(self) -> Array:
        """The derivative of log(q)."""
        return self._zero_clipped(self.sigmoid_of_negative / ((1 - self._margin) * self._gap))


class Fused(Composed):
    """The probability by few kernels, which nothing differentiates."""

    def __init__(self, xp: Namespace, x: Array, margin: float, root: tuple[float, float]) -> None:
        self._logistic, self._margin = logistic(xp, x), margin
        self.xp, self._x = xp, x
        self._number, self._rest = split(*root, float(xp.finfo(x.dtype).eps))
        # Beside a root at 0, 1 / d must not overflow either.
        self._end = self._number + 2**10 * float(xp.finfo(x.dtype).smallest_normal)

    @property
    def _is_zero(self) -> Array:
        return self._x < self._end if self._rest < 0 else self._x <= self._end

    @property
    def _gap(self) -> Array:
        return -self._fall

    @property
    def _fall(self) -> Array:
        """exp(-d) - 1, or 0 where q is 0."""
        # Exact near the root, as above.
        return self.xp.expm1(self.xp.clip(self._number - self._x + self._rest, -math.inf, 0.0))

    @cached_property
    def _wrong(self) -> Array:
        return self.sigmoid * ((self._margin - 1) * self._fall)

    @cached_property
    def sigmoid_of_negative(self) -> Array:
        """The probability of the label 0."""
        return super().sigmoid_of_negative

    @property
    def surprisal_slope(self) -> Array:
        """The derivative of the surprisal."""
        return self._zero_clipped(self.sigmoid * self.sigmoid_of_negative / self._complement)

    def power(self, exponent: float) -> Array:
        """Return q**exponent."""
        return self.xp.pow(self._wrong, exponent)

    @property
    def surprisal(self) -> Array:
        """-log(1 - q)."""
        return self.xp.log1p(self._wrong / self._complement)
