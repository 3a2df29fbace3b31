"""Exact, differentiable building blocks of the formulas.

Plain composition, so that every transform of every library goes through it: torch refuses to
compile a custom rule with forward mode. Each expression has the right derivatives of every order,
also where textbook spellings do not: `max(x, 0) + log1p(exp(-abs(x)))` has slope 0 at x = 0 on
JAX and curvature 0 there on torch.
"""

from __future__ import annotations

import math

from maskloss._arrays.cached_property import once
from maskloss._arrays.namespace import is_numpy, stop_gradient
from maskloss._arrays.typing import Array, Namespace


def sign(xp: Namespace, x: Array) -> Array:
    """-1, 0 or 1, and NaN for NaN; `xp.sign` indexes by a mask for torch, which vmap refuses."""
    return xp.where(x > 0, 1.0, xp.where(x < 0, -1.0, 0.0 * x))


def clamp(xp: Namespace, x: Array, limit: float) -> Array:
    """X, cut off at -limit and limit, where its derivative is 0."""
    return xp.where(x >= limit, limit, xp.where(x <= -limit, -limit, x))


def both_ways(
    xp: Namespace, condition: Array, first: Array, second: Array | float
) -> tuple[Array, Array]:
    """Return where(condition, first, second) and where(condition, second, first)."""
    if is_numpy(xp):
        one, other = xp.both_ways(condition, first, second)
        return one, other
    return xp.where(condition, first, second), xp.where(condition, second, first)


def log1p(xp: Namespace, x: Array) -> Array:
    """log(1 + x) of x in [0, 1]."""
    if not is_numpy(xp):
        return xp.log1p(x)
    # NumPy's log1p takes ten times the time of its log. The rest is what 1 + x lost of x.
    total = 1 + x
    return xp.log(total) + (x - (total - 1)) / total


def where_it_matters(xp: Namespace, x: Array) -> Array:
    """Hold x where exp(-abs(x)) is 0, and all that depends on it constant."""
    return clamp(xp, x, 1.25 * math.log(float(xp.finfo(x.dtype).max)))


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
        self._xp, self._x = xp, x
        # One branch at x = 0, the same everywhere, keeps every derivative right there. Tested by
        # `<=`, so that a NaN stays visible.
        self._is_low = x <= 0
        if is_numpy(xp):
            # One pass instead of five; XLA takes twice as long for a loss with a difference here.
            below, above = self._parts
            self._depth = below - above
        else:
            self._depth = xp.where(self._is_low, x, -x)
        self._small = xp.exp(self._depth)
        if rounding is not None:
            self._small = self._small * (1 + xp.where(self._is_low, rounding, -rounding))

    @once
    def _parts(self) -> tuple[Array, Array]:
        """min(x, 0) and max(x, 0)."""
        return both_ways(self._xp, self._is_low, self._x, 0.0)

    @once
    def _log_sum(self) -> Array:
        return log1p(self._xp, self._small)

    @once
    def _large(self) -> Array:
        return 1 / (1 + self._small)

    @once
    def _sigmoids(self) -> tuple[Array, Array]:
        """Those of x and of -x."""
        return both_ways(self._xp, self._is_low, self._small * self._large, self._large)

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

    @once
    def sigmoid_slope(self) -> Array:
        """sigmoid(x) * sigmoid(-x)."""
        return self._small * self._large * self._large

    @property
    def sigmoid_bend(self) -> Array:
        """1 - 2 * sigmoid(x), the second derivative of the sigmoid by its first."""
        return -self._xp.tanh(self._x / 2)


def subtraction_error(xp: Namespace, a: Array, b: Array, difference: Array) -> Array:
    """Return (a - b) - difference exactly, a constant; 0 where a number is infinite.

    Knuth, The Art of Computer Programming 2, 4.2.2.
    """
    virtual = difference - a
    error = stop_gradient((a - (difference - virtual)) - (b + virtual))
    # Not `isfinite`, which inductor keeps for the backward pass: six times the time of a forward.
    return xp.where(xp.abs(error) < math.inf, error, 0.0)


def power(xp: Namespace, log: Array, small: Array, exponent: float) -> Array:
    """Return exp(exponent * (log + small)), `log` an exact number of 0 or less.

    The rounding of a product z is not multiplied by z, as exp(z) would: the product exponent * log
    is split into one of two short factors, which is exact, and a small rest.
    """
    largest = float(xp.finfo(log.dtype).max)
    end = largest / 64
    if exponent * end > 1.25 * math.log(largest):
        end = 1.25 * math.log(largest) / exponent
    # What is lower is 0, and stays finite on the way.
    is_low = log < -end
    log, small = xp.where(is_low, -end, log), xp.where(is_low, 0.0, small)
    mantissa, shift = math.frexp(exponent)
    short = math.ldexp(round(mantissa * 2**11), shift - 11)
    grain = math.ldexp(1 / 16, -max(shift, -100))
    steps = stop_gradient(xp.round(log / grain) * grain)
    exact = short * steps
    rest = exponent * (log - steps + small) + (exponent - short) * steps
    total = exact + rest
    lost = stop_gradient(rest - (total - exact))
    return xp.exp(total) * (1 + lost)
