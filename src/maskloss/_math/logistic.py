"""Exact, differentiable building blocks of the formulas.

These are plain compositions, so that every transform of every library supports them: torch 2.13
cannot compile a custom rule with forward mode. Each expression has the right derivatives of every
order, also where textbook formulas have not: at x = 0, `max(x, 0) + log1p(exp(-abs(x)))` has
slope 0 under JAX 0.10.2 and curvature 0 under torch 2.13.
"""

from __future__ import annotations

import math
from typing import Any

from .._arrays.cached_property import cached_property
from .._arrays.namespace import Namespace
from .._arrays.typing import Array


class Logistic:
    """The functions of a logit x that share exp(-abs(x)), each to a few machine epsilons.

    If x is a rounded sum, `rounding` is its exact value minus x, without a gradient.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss._arrays.numpy import xp
    >>> s = Logistic(xp, np.asarray([-100.0, 0.0]))
    >>> s.softplus
    array([3.72007598e-44, 6.93147181e-01])
    """

    def __init__(self, xp: Namespace, x: Array, rounding: Array | None = None) -> None:
        self.xp, self.x, self._rounding = xp, x, rounding

    @cached_property
    def _is_low(self) -> Array:
        # All functions take the same branch at x = 0, which keeps every derivative right there. The
        # test is `<=`, so that a NaN stays visible.
        return self.x <= 0

    @cached_property
    def _depth(self) -> Array:
        """-abs(x), whose derivative at 0 is that of the choice."""
        return self.xp.where(self._is_low, self.x, -self.x)

    @cached_property
    def _small(self) -> Array:
        """exp(-abs(x))."""
        return self._corrected(self.xp.exp(self._depth))

    def _corrected(self, small: Array) -> Array:
        """Return what is proportional to exp(-abs(x)), for the exact value of a rounded sum x."""
        rounding = self._rounding
        if rounding is None:
            return small
        return small * (1 + self.xp.where(self._is_low, rounding, -rounding))

    @cached_property
    def _parts(self) -> tuple[Array, Array]:
        """min(x, 0) and max(x, 0)."""
        return self.xp.where_both(self._is_low, self.x, 0.0)

    @property
    def negative_part(self) -> Array:
        """min(x, 0)."""
        return self._parts[0]

    @cached_property
    def _large(self) -> Array:
        return 1 / (1 + self._small)

    @cached_property
    def _sigmoids(self) -> tuple[Array, Array]:
        """sigmoid(x) and sigmoid(-x)."""
        return self.xp.where_both(self._is_low, self.least, self._large)

    @cached_property
    def log_sum(self) -> Array:
        """log(1 + exp(-abs(x))), the softplus less max(x, 0)."""
        return self.xp.log1p_of_unit(self._small)

    @property
    def least(self) -> Array:
        """sigmoid(-abs(x)), the lower of the probabilities of both answers."""
        return self._small * self._large

    @property
    def softplus(self) -> Array:
        """log(1 + exp(x)) = -log(1 - sigmoid(x))."""
        return self._parts[1] + self.log_sum

    @property
    def softplus_of_negative(self) -> Array:
        """log(1 + exp(-x)) = -log(sigmoid(x))."""
        return self.log_sum - self._parts[0]

    @property
    def sigmoid(self) -> Array:
        """1 / (1 + exp(-x))."""
        return self._sigmoids[0]

    @property
    def sigmoid_of_negative(self) -> Array:
        """1 - sigmoid(x), without the cancellation."""
        return self._sigmoids[1]

    @cached_property
    def sigmoid_slope(self) -> Array:
        """sigmoid(x) * sigmoid(-x)."""
        return self._small * self._large * self._large

    def signed(self, size: Array) -> Array:
        """Return `size`, not negative, with the sign of x."""
        return self.xp.where(self._is_low, -size, size)

    def share_against(self, positive: Array, negative: Array | None = None) -> Array:
        """Return the share of the labels that contradicts the sign of x, with that sign.

        `negative` is 1 - positive by default.
        """
        negative = 1 - positive if negative is None else negative
        return self.xp.where(self._is_low, -positive, negative)

    @property
    def sigmoid_second_derivative(self) -> Array:
        """1 - 2 * sigmoid(x), the second derivative of the sigmoid divided by its first."""
        return -self.xp.tanh(self.x / 2)


class ConstantLogistic(Logistic):
    """The same where nothing differentiates: by operations on signs, which take less time."""

    @cached_property
    def _is_low(self) -> Array:
        return self.xp.signbit(self.x)

    @cached_property
    def _depth(self) -> Array:
        return -self.xp.abs(self.x)

    def signed(self, size: Array) -> Array:
        """Return `size`, not negative, with the sign of x."""
        return self.xp.copysign(size, self.x)


class FusedLogistic(ConstantLogistic):
    """The same by the kernels of an accelerator.

    Most are not kept: each takes as much memory as x.
    """

    @cached_property
    def _depth(self) -> Array:
        return self.xp.minus_abs(self.x)

    @cached_property
    def _lost(self) -> Array:
        """What -abs(x) has lost by rounding."""
        rounding: Any = self._rounding
        return self.xp.where(self._is_low, rounding, -rounding)

    def _corrected(self, small: Array) -> Array:
        if self._rounding is None:
            return small
        return self.xp.multiply_add(small, self._lost, small)

    @property
    def negative_part(self) -> Array:
        """min(x, 0)."""
        return self.xp.clip(self.x, -math.inf, 0.0)

    @property
    def log_sum(self) -> Array:
        """log(1 + exp(-abs(x)))."""
        return self._corrected(self.xp.softplus(self._depth))

    @property
    def least(self) -> Array:
        """sigmoid(-abs(x))."""
        return self._corrected(self.xp.sigmoid(self._depth))

    @property
    def softplus(self) -> Array:
        """log(1 + exp(x))."""
        return self.xp.softplus(self.x) if self._rounding is None else super().softplus

    @property
    def softplus_of_negative(self) -> Array:
        """log(1 + exp(-x))."""
        is_exact = self._rounding is None
        return self.xp.softplus(-self.x) if is_exact else super().softplus_of_negative

    @property
    def sigmoid(self) -> Array:
        """1 / (1 + exp(-x))."""
        return self.xp.sigmoid(self.x) if self._rounding is None else super().sigmoid

    @property
    def sigmoid_of_negative(self) -> Array:
        """1 - sigmoid(x)."""
        is_exact = self._rounding is None
        return self.xp.sigmoid(-self.x) if is_exact else super().sigmoid_of_negative

    @property
    def sigmoid_slope(self) -> Array:
        """sigmoid(x) * sigmoid(-x)."""
        least = self.least
        return least * (1 - least)

    def share_against(self, positive: Array, negative: Array | None = None) -> Array:
        """Return the share of the labels that contradicts the sign of x, with that sign."""
        if negative is None:
            return self.xp.is_positive_minus(self.x, positive)
        return super().share_against(positive, negative)


class ShiftedLogistic(FusedLogistic):
    """The same for a rounded sum, by kernels that share no steps.

    Each adds its derivative times the rounding, whose square is far below an epsilon.
    """

    def _shifted(self, function: Array, derivative: Array, sign: float = 1.0) -> Array:
        return self.xp.multiply_add(derivative, self._rounding, function, sign)

    @property
    def softplus(self) -> Array:
        """log(1 + exp(x))."""
        return self._shifted(self.xp.softplus(self.x), self.xp.sigmoid(self.x))

    @property
    def softplus_of_negative(self) -> Array:
        """log(1 + exp(-x))."""
        x = -self.x
        return self._shifted(self.xp.softplus(x), self.xp.sigmoid(x), -1.0)

    @property
    def sigmoid(self) -> Array:
        """1 / (1 + exp(-x))."""
        sigmoid = self.xp.sigmoid(self.x)
        return self._shifted(sigmoid, sigmoid * self.xp.sigmoid(-self.x))

    @property
    def sigmoid_of_negative(self) -> Array:
        """1 - sigmoid(x)."""
        sigmoid = self.xp.sigmoid(-self.x)
        return self._shifted(sigmoid, sigmoid * self.xp.sigmoid(self.x), -1.0)


def logistic(xp: Namespace, x: Array, rounding: Array | None = None) -> Logistic:
    """Return the functions of a logit x by the way that suits its library."""
    if not xp.has_kernels:
        return (Logistic if xp.differentiates else ConstantLogistic)(xp, x, rounding)
    is_shifted = rounding is not None and not xp.shares_steps
    return (ShiftedLogistic if is_shifted else FusedLogistic)(xp, x, rounding)
