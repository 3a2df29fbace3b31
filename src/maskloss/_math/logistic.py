"""Exact, differentiable building blocks of the formulas.

Plain composition, so that every transform of every library goes through it: torch refuses to
compile a custom rule with forward mode. Each expression has the right derivatives of every order,
also where textbook spellings do not: `max(x, 0) + log1p(exp(-abs(x)))` has slope 0 at x = 0 on
JAX and curvature 0 there on torch.
"""

from __future__ import annotations

from maskloss._arrays.cached_property import cached_property
from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array


class Logistic:
    """The functions of a logit x that share exp(-abs(x)), each to a few machine epsilons.

    Of a sum x, `rounding` is what its rounding lost, a constant.

    Examples
    --------
    >>> import numpy as np
    >>> s = Logistic(np, np.asarray([-100.0, 0.0]))
    >>> s.softplus
    array([3.72007598e-44, 6.93147181e-01])
    """

    def __init__(self, xp: Namespace, x: Array, rounding: Array | None = None) -> None:
        self.xp, self._x = xp, x
        # One branch at x = 0, the same everywhere, keeps every derivative right there. Tested by
        # `<=`, so that a NaN stays visible.
        self._is_low = x <= 0
        if xp.is_host:
            # One pass instead of five; XLA takes twice as long for a loss with a difference here.
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
        """Those of x and of -x."""
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
        """1 - 2 * sigmoid(x), the second derivative of the sigmoid by its first."""
        return -self.xp.tanh(self._x / 2)
