"""The exponential of a difference, and what it exceeds its tangent by."""

from __future__ import annotations

import math
from collections.abc import Callable

from .._arrays.cached_property import cached_property
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .arithmetic import clamp, subtraction_error


def exp_of_difference(xp: Namespace, a: Array, b: Array) -> Array:
    """Return exp(a - b) to a few machine epsilons, and 1 where both are the same infinity."""
    # A lazy array would subtract infinities after this call, and NumPy would warn.
    most = float(xp.finfo(a.dtype).max)
    return ExpDifference(xp, clamp(xp, a, most), clamp(xp, b, most)).exp


def bounded_surprisal(
    xp: Namespace, surprisal: Array, power: Callable[[], Array], q: float
) -> Array:
    """Return (1 - p**q) / q for a probability p, given -log(p) and, if it is needed, p**q."""
    exponent = q * surprisal
    is_tiny = exponent <= float(xp.finfo(surprisal.dtype).eps) / 2
    if xp.has_kernels:
        return xp.where(is_tiny, surprisal, xp.expm1(-exponent) / -q)
    # For large z, 2 tanh / (1 + tanh) is 1 to all digits, and its automatic derivative,
    # exp(-z), would have none.
    is_small = exponent <= 0.5
    # This is 1 - exp(-z). Not expm1, which inductor of torch 2.13 computes no better than that.
    half = xp.tanh(xp.where(is_small, exponent, 0.0) / 2)
    of_small = 2 * half / (1 + half)
    return xp.where(is_tiny, surprisal, xp.where(is_small, of_small, 1 - power()) / q)


class ExpDifference:
    """The functions of d = a - b that share exp(d), each to a few machine epsilons.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss._arrays.numpy import xp
    >>> e = ExpDifference(xp, np.asarray([1e-9, 0.0]), np.asarray([0.0, 1.0]))
    >>> e.excess
    array([5.00000000e-19, 3.67879441e-01])
    """

    def __init__(self, xp: Namespace, a: Array, b: Array) -> None:
        self._xp, self.difference = xp, a - b
        self._rounding = subtraction_error(xp, a, b, self.difference)

    @cached_property
    def exp(self) -> Array:
        """exp(d), corrected for the rounding of the difference."""
        return self._xp.exp(self.difference) * (1 + self._rounding)

    @cached_property
    def _is_small(self) -> Array:
        return self._xp.abs(self.difference) <= 1

    @cached_property
    def _series(self) -> Array:
        """exp(d) - 1 - d by its power series where d is small, and 0 elsewhere.

        The exponential minus 1 + d would have an absolute error of an epsilon, also where the
        result is d * d / 2. With these terms the second derivative of the sum is exp(d) too.
        """
        xp, d = self._xp, self.difference
        d = xp.where(self._is_small, d, 0.0)
        terms = 12 if float(xp.finfo(d.dtype).eps) > 1e-10 else 20
        total = d * (1 / math.factorial(terms + 1))
        for n in range(terms, 2, -1):
            total = d * (1 / math.factorial(n) + total)
        return d * d * (0.5 + total)

    @property
    def excess(self) -> Array:
        """exp(d) - 1 - d."""
        xp, d = self._xp, self.difference
        # If both are infinite, the exponential alone counts.
        line = xp.where(d < math.inf, 1 + d, 0.0)
        return xp.where(self._is_small, self._series, self.exp - line)

    @property
    def minus_1(self) -> Array:
        """exp(d) - 1."""
        return self._xp.where(self._is_small, self._series + self.difference, self.exp - 1)
