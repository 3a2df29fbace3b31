"""Exact, differentiable building blocks of the formulas.

These are plain compositions, so that every transform of every library supports them: torch 2.13
cannot compile a custom rule with forward mode. Each expression has the right derivatives of every
order, also where textbook formulas have not: at x = 0, `max(x, 0) + log1p(exp(-abs(x)))` has
slope 0 under JAX 0.10.2 and curvature 0 under torch 2.13.
"""

from __future__ import annotations

from maskloss._arrays.cached_property import cached_property
from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array


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
        self.xp, self._x = xp, x
        # All functions take the same branch at x = 0, which keeps every derivative right there. The
        # test is `<=`, so that a NaN stays visible.
        self._is_low = x <= 0
        if xp.is_host:
            # One pass instead of five; XLA (JAX 0.10.2) takes twice as long with a difference.
            below, above = self._parts
            self._depth = below - above
        else:
            self._depth = xp.where(self._is_low, x, -x)
        self._small = xp.exp(self._depth)
        if rounding is not None:
            self._small = self._small * (1 + xp.where(self._is_low, rounding, -rounding))

    @cached_property
    def _parts(self) -> tuple[Array, Array]:
        """min(x, 0) and max(x, 0)."""
        return self.xp.where_both(self._is_low, self._x, 0.0)

    @cached_property
    def _log_sum(self) -> Array:
        return self.xp.log1p_of_unit(self._small)

    @cached_property
    def _large(self) -> Array:
        return 1 / (1 + self._small)

    @cached_property
    def _sigmoids(self) -> tuple[Array, Array]:
        """sigmoid(x) and sigmoid(-x)."""
        return self.xp.where_both(self._is_low, self._small * self._large, self._large)

    @property
    def softplus(self) -> Array:
        """log(1 + exp(x)) = -log(1 - sigmoid(x))."""
        return self._parts[1] + self._log_sum

    @property
    def softplus_of_negative(self) -> Array:
        """log(1 + exp(-x)) = -log(sigmoid(x))."""
        return self._log_sum - self._parts[0]

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

    @property
    def sigmoid_second_derivative(self) -> Array:
        """1 - 2 * sigmoid(x), the second derivative of the sigmoid divided by its first."""
        return -self.xp.tanh(self._x / 2)
