"""The probability of the wrong answer to a binary label, exact where it is small."""

from __future__ import annotations

import math
from typing import Any, Protocol, cast

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._math.arithmetic import clip_to_exp_range, power
from ..._math.logistic import FusedLogistic, Logistic


class WrongAnswer(Protocol):
    """The probability q of the wrong answer to a binary label, as a function of the logit."""

    xp: Namespace

    def power(self, exponent: float) -> Array:
        """Return q**exponent."""

    @property
    def log_slope(self) -> Array:
        """The derivative of log(q)."""

    @property
    def surprisal(self) -> Array:
        """-log(1 - q)."""

    @property
    def surprisal_slope(self) -> Array:
        """The derivative of the surprisal."""

    @property
    def surprisal_curvature(self) -> Array:
        """The second derivative of the surprisal."""

    @property
    def sigmoid(self) -> Array:
        """The probability of the label 1."""

    @property
    def sigmoid_of_negative(self) -> Array:
        """The probability of the label 0."""


def wrong_answer(
    xp: Namespace, x: Array, y: Array | float, rounding: Array | None = None
) -> WrongAnswer:
    """Return the probability of the wrong answer, for logit x and label y.

    If x is a sum and y is 0 or 1, `rounding` is the rounding error of the sum, a constant.
    """
    if xp.has_kernels:
        kind: Any = FusedHard if isinstance(y, float) else Fused
        return cast(WrongAnswer, kind(xp, x, y, rounding))
    return Composed(xp, x, xp.full_like(x, y) if isinstance(y, float) else y, rounding)


class Composed(Logistic):
    """The probability by a composition whose derivatives of every order are exact.

    With t = exp(-abs(x)), q = (a + b t) / (1 + t). The sign of x predicts an answer; b = 1 - a is
    the label's share for that answer, and a the share against it. log(q) factors out the larger
    of a and t. So neither log(q) nor a derivative of it overflows where q underflows.
    """

    def __init__(self, xp: Namespace, x: Array, y: Array, rounding: Array | None = None) -> None:
        # In a derivative, the product of a large logit and a number could overflow.
        clipped = clip_to_exp_range(xp, x)
        super().__init__(xp, clipped, rounding)
        # A rounding error can put a label outside [0, 1]; a large logit would multiply the error.
        y = xp.where(y < 0, 0.0, xp.where(y > 1, 1.0, y))
        self._y, self._clipped_off = y, x - clipped

        where, is_low = xp.where, self._is_low
        depth = self._depth
        against, in_favour = xp.where_both(is_low, y, 1 - y)
        is_soft = against > self._small
        share = where(is_soft, against, 1.0)
        # A hard label has the ratio against / small = against * exp(-depth). Where exp(-depth)
        # would overflow, `against` and `small` are 0.
        overflows = depth < 1 - math.log(float(xp.finfo(x.dtype).max))
        no_division = xp.logical_or(is_soft, overflows)
        inverse = xp.exp(where(no_division, 0.0, -depth))
        ratio = where(is_soft, self._small / share, against * inverse)
        self._log_largest = where(is_soft, xp.log(share), depth)
        self._others = where(is_soft, in_favour, 1 - self._small) * ratio
        self._ratio = where(is_soft, ratio, 1.0)
        self._log_factor: Array | float = 0.0
        if rounding is not None:
            self._log_factor = where(is_soft, 0.0, where(is_low, rounding, -rounding))

    @property
    def surprisal(self) -> Array:
        """Binary cross-entropy."""
        rest, y = self._clipped_off, self._y
        negative = self.softplus + self.xp.where(rest > 0, rest, 0.0)
        positive = self.softplus_of_negative - self.xp.where(rest < 0, rest, 0.0)
        return y * positive + (1 - y) * negative

    @property
    def surprisal_slope(self) -> Array:
        """The derivative of the cross-entropy."""
        return (1 - self._y) * self.sigmoid - self._y * self.sigmoid_of_negative

    @property
    def surprisal_curvature(self) -> Array:
        """The second derivative of the cross-entropy."""
        return self.sigmoid_slope

    @property
    def log_slope(self) -> Array:
        """The derivative of log(q)."""
        return (1 - 2 * self._y) * self._large * self._ratio / (1 + self._others)

    def power(self, exponent: float) -> Array:
        """Return q**exponent."""
        small = self.xp.log1p_of_unit(self._others) - self.log_sum + self._log_factor
        return power(self.xp, self._log_largest, small, exponent)


class Fused(FusedLogistic):
    """The probability by few kernels, which nothing differentiates.

    The least of both probabilities is s. With the share a of the label against the likelier answer,
    q = a + (1 - 2 a) s has no cancellation.
    """

    def __init__(self, xp: Namespace, x: Array, y: Array, rounding: Array | None = None) -> None:
        super().__init__(xp, x, rounding)
        # A rounding error can put a label outside [0, 1]; a large logit would multiply the error.
        self._y = xp.clip(y, 0.0, 1.0)
        self._against = self.share_against(self._y)

    @cached_property
    def _wrong(self) -> Array:
        """Q."""
        share = self.xp.abs(self._against)
        return self.xp.multiply_add(self.xp.one_minus(share, 2.0), self.least, share)

    @cached_property
    def least(self) -> Array:
        """The lower of the probabilities of both answers."""
        return super().least

    @property
    def surprisal(self) -> Array:
        """Binary cross-entropy."""
        return self.xp.multiply_add(self.x, self._against, self.log_sum)

    @property
    def surprisal_slope(self) -> Array:
        """The derivative of the cross-entropy."""
        return self._against - self.signed(self.least)

    @property
    def surprisal_curvature(self) -> Array:
        """The second derivative of the cross-entropy."""
        return self.sigmoid_slope

    @property
    def log_slope(self) -> Array:
        """The derivative of log(q); where q underflows, so does all that it is multiplied with."""
        tiny = float(self.xp.finfo(self.x.dtype).smallest_normal)
        slope = self.sigmoid_slope / self.xp.clip(self._wrong, tiny, 1.0)
        return self.xp.one_minus(self._y, 2.0) * slope

    def power(self, exponent: float) -> Array:
        """Return q**exponent."""
        return self.xp.pow(self._wrong, exponent)


class FusedHard(FusedLogistic):
    """The same for a label that is 0 or 1 everywhere: q = sigmoid(z) with z = x or z = -x."""

    def __init__(self, xp: Namespace, x: Array, y: float, rounding: Array | None = None) -> None:
        super().__init__(xp, x, rounding)
        self._sign = 1 - 2 * y

    def _signed(self, array: Array) -> Array:
        return array if self._sign > 0 else -array

    @cached_property
    def _logit(self) -> Array:
        """The logit z."""
        return self._signed(self.x)

    @property
    def _opposite(self) -> Array:
        return -self.x if self._sign > 0 else self.x

    @cached_property
    def _corrected_both(self) -> tuple[Array, Array]:
        """The probabilities q and 1 - q for the exact value of a rounded sum x."""
        xp, rounding = self.xp, self._rounding
        q, p = xp.sigmoid(self._logit), xp.sigmoid(self._opposite)
        slope = q * p
        return (
            xp.multiply_add(slope, rounding, q, self._sign),
            xp.multiply_add(slope, rounding, p, -self._sign),
        )

    @cached_property
    def _wrong(self) -> Array:
        """Q."""
        if self._rounding is None:
            return self.xp.sigmoid(self._logit)
        return self._corrected_both[0]

    @property
    def _right(self) -> Array:
        """1 - q."""
        if self._rounding is None:
            return self.xp.sigmoid(self._opposite)
        return self._corrected_both[1]

    @property
    def sigmoid(self) -> Array:
        """The probability of the label 1."""
        return self._wrong if self._sign > 0 else self._right

    @property
    def sigmoid_of_negative(self) -> Array:
        """The probability of the label 0."""
        return self._right if self._sign > 0 else self._wrong

    @property
    def surprisal(self) -> Array:
        """Binary cross-entropy."""
        value = self.xp.softplus(self._logit)
        if self._rounding is None:
            return value
        return self.xp.multiply_add(self._wrong, self._rounding, value, self._sign)

    @property
    def surprisal_slope(self) -> Array:
        """The derivative of the cross-entropy."""
        return self._signed(self._wrong)

    @property
    def surprisal_curvature(self) -> Array:
        """The second derivative of the cross-entropy."""
        return self.sigmoid_slope

    @property
    def log_slope(self) -> Array:
        """The derivative of log(q)."""
        return self._signed(self._right)

    def power(self, exponent: float) -> Array:
        """Return q**exponent."""
        return self.xp.pow(self._wrong, exponent)
