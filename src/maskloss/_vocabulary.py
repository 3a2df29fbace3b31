"""Exact, differentiable building blocks of the formulas.

Plain composition, so that every transform of every library goes through it: torch refuses to
compile a custom rule with forward mode. Each expression has the right derivatives of every order,
also where textbook spellings do not: `max(x, 0) + log1p(exp(-abs(x)))` has slope 0 at x = 0 on
JAX and curvature 0 there on torch.
"""

from __future__ import annotations

from maskloss._namespace import (
    index_dtype,
    is_index,
    is_numpy,
    replace_at,
    stop_gradient,
    take,
    total,
)
from maskloss._once import once
from maskloss._typing import Array, Namespace


def sign(xp: Namespace, x: Array) -> Array:
    """-1, 0 or 1, and NaN for NaN; `xp.sign` indexes by a mask for torch, which vmap refuses."""
    return xp.where(x > 0, 1.0, xp.where(x < 0, -1.0, 0.0 * x))


def clamp(xp: Namespace, x: Array, limit: float) -> Array:
    """X, cut off at -limit and limit, where its derivative is 0."""
    if is_numpy(xp):
        return xp.minimum(xp.maximum(x, -limit), limit)
    return xp.where(x >= limit, limit, xp.where(x <= -limit, -limit, x))


def log1p(xp: Namespace, x: Array) -> Array:
    """log(1 + x) of x in [0, 1]."""
    if not is_numpy(xp):
        return xp.log1p(x)
    # NumPy's log1p takes ten times the time of its log. The rest is what 1 + x lost of x.
    total = 1 + x
    return xp.log(total) + (x - (total - 1)) / total


class Logistic:
    """The functions of a logit x that share exp(-abs(x)), each to a few machine epsilons.

    Examples
    --------
    >>> import numpy as np
    >>> s = Logistic(np, np.asarray([-100.0, 0.0]))
    >>> s.softplus
    array([3.72007598e-44, 6.93147181e-01])
    """

    def __init__(self, xp: Namespace, x: Array) -> None:
        self._xp, self._x = xp, x
        # One branch at x = 0, the same everywhere, keeps every derivative right there. Tested by
        # `<=`, so that a NaN stays visible.
        self._is_low = x <= 0
        # NumPy takes no derivatives, and the time of several exponentials for a random `where`.
        self._is_plain = is_numpy(xp)
        if self._is_plain:
            self._small = xp.exp(-xp.abs(x))
        else:
            self._small = xp.exp(xp.where(self._is_low, x, -x))

    @once
    def _above(self) -> Array:
        """max(x, 0)."""
        if self._is_plain:
            return self._xp.maximum(self._x, 0)
        return self._xp.where(self._is_low, 0.0, self._x)

    @once
    def _below(self) -> Array:
        """max(-x, 0)."""
        if self._is_plain:
            return self._xp.maximum(-self._x, 0)
        return self._xp.where(self._is_low, -self._x, 0.0)

    @once
    def _log_sum(self) -> Array:
        return log1p(self._xp, self._small)

    @once
    def _large(self) -> Array:
        return 1 / (1 + self._small)

    @once
    def softplus(self) -> Array:
        """log(1 + exp(x)) = -log(1 - sigmoid(x))."""
        return self._above + self._log_sum

    @once
    def softplus_of_negative(self) -> Array:
        """log(1 + exp(-x)) = -log(sigmoid(x))."""
        return self._below + self._log_sum

    @once
    def sigmoid(self) -> Array:
        """1 / (1 + exp(-x))."""
        if self._is_plain:
            return self._xp.exp(-self._below) * self._large
        return self._xp.where(self._is_low, self._small * self._large, self._large)

    @once
    def sigmoid_of_negative(self) -> Array:
        """1 - sigmoid(x), without the cancellation."""
        if self._is_plain:
            return self._xp.exp(-self._above) * self._large
        return self._xp.where(self._is_low, self._large, self._small * self._large)

    @once
    def sigmoid_slope(self) -> Array:
        """sigmoid(x) * sigmoid(-x)."""
        return self._small * self._large * self._large


class Softmax:
    """The functions of a row of logits that share exp(x - max(x)), to a few machine epsilons.

    The largest class stands outside the sum: with R the sum of exp(x_i - max(x)) over the others,
    -log_softmax = (max(x) - x_i) + log1p(R) has no cancellation, and neither have p = exp(x_i -
    max(x)) / (1 + R) and 1 - p. Confident rows keep their relative precision.
    """

    def __init__(self, xp: Namespace, x: Array, axis: int) -> None:
        self._xp, self._x, self._axis = xp, x, axis
        self.number = x.shape[axis]
        # MLX has no argmax of no row, and would differentiate by an index.
        top = xp.argmax if 0 not in x.shape else xp.any
        self.top = stop_gradient(xp.astype(top(x, axis=axis, keepdims=True), index_dtype(xp)))
        self._peak = self.at(x, self.top)

    def broadcast(self, array: Array) -> Array:
        """Repeat one number per class for every row."""
        return self._xp.broadcast_to(array, self._x.shape)

    def is_class(self, index: Array) -> Array:
        """Whether each class is the one that the row's `index` names."""
        return is_index(self._xp, self._x, index, self._axis)

    def replace(self, array: Array, index: Array, values: Array | float) -> Array:
        """Return `array` with other values at the class that each row's `index` names."""
        return replace_at(self._xp, array, index, values, self._axis)

    def total(self, array: Array) -> Array:
        """Sum each row, keeping the axis."""
        return total(self._xp, array, (self._axis,))

    def at(self, array: Array, index: Array) -> Array:
        """Take each row's class `index` of `array`, keeping the axis."""
        return take(self._xp, array, index, self._axis)

    @once
    def _small(self) -> Array:
        """exp(x - max(x)), to which the rounding of the difference d adds up to d / 2 epsilons."""
        xp = self._xp
        difference = self._x - self._peak
        rounding = subtraction_error(xp, self._x, self._peak, difference)
        return xp.exp(difference) * (1 + rounding)

    @once
    def _rest(self) -> Array:
        return self.total(self.replace(self._small, self.top, 0.0))

    def surprise_at(self, index: Array) -> Array:
        """-log_softmax of each row's class `index`."""
        gap = self._peak - self.at(self._x, index)
        return self._xp.where(index == self.top, 0.0, gap) + self._xp.log1p(self._rest)

    @property
    def surprise(self) -> Array:
        """-log_softmax."""
        gap = self.replace(self._peak - self._x, self.top, 0.0)
        return gap + self._xp.log1p(self._rest)

    @once
    def probability(self) -> Array:
        """Softmax."""
        return self._small / (1 + self._rest)

    @once
    def complement(self) -> Array:
        """1 - softmax, without the cancellation."""
        others = self.replace(1 + self._rest - self._small, self.top, self._rest)
        return others / (1 + self._rest)

    def complement_at(self, index: Array) -> Array:
        """1 - softmax of each row's class `index`."""
        others = 1 + self._rest - self.at(self._small, index)
        return self._xp.where(index == self.top, self._rest, others) / (1 + self._rest)


def subtraction_error(xp: Namespace, a: Array, b: Array, difference: Array) -> Array:
    """Return (a - b) - difference exactly, a constant; 0 where a number is infinite.

    Knuth, The Art of Computer Programming 2, 4.2.2.
    """
    virtual = difference - a
    error = stop_gradient((a - (difference - virtual)) - (b + virtual))
    if is_numpy(xp) and xp.isfinite(xp.sum(error)):
        return error
    return xp.where(xp.isfinite(error), error, 0.0)
