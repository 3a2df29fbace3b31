"""The probability of an interval under the standard normal distribution, of any width."""

from __future__ import annotations

from .._arrays.cached_property import cached_property
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .normal import LOG_ROOT_2_PI, NormalTail

# The positive nodes of the Gauss-Legendre quadrature of 12 nodes, and half of their weights.
_NODES = (
    (0.1252334085114689, 0.12457352290670139),
    (0.3678314989981802, 0.1167462682691774),
    (0.5873179542866175, 0.10158371336153296),
    (0.7699026741943047, 0.08003916427167311),
    (0.9041172563704749, 0.05346966299765921),
    (0.9815606342467192, 0.023587668193255914),
)


class NormalInterval:
    """The functions of the probability of the interval from `low` to `high`, of a given width.

    The ends are rounded numbers; `low_rounding` and `high_rounding` are what is lost of them.

    A narrow interval near 0 is integrated numerically: the integrand is positive, so that nothing
    cancels. Otherwise the tail beyond the far end is at most a fifth of that beyond the near one.
    Derivatives are those by a shift of the interval.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss._arrays.numpy import xp
    >>> interval = NormalInterval(xp, *np.asarray([[0.0, 8.0], [1e-9, 10.0], [1e-9, 2.0]]))
    >>> interval.surprisal
    array([21.64220437, 35.01343717])
    """

    def __init__(
        self,
        xp: Namespace,
        low: Array,
        high: Array,
        width: Array,
        low_rounding: Array | float = 0.0,
        high_rounding: Array | float = 0.0,
    ) -> None:
        self._xp, self._half, middle = xp, width / 2, low / 2 + high / 2
        self._is_negative = middle < 0
        # The reflected interval has the same probability.
        self._middle = xp.where(self._is_negative, -middle, middle)
        self._low = xp.where(self._is_negative, -high, low)
        self._high = xp.where(self._is_negative, -low, high)
        self._low_rounding = xp.where(self._is_negative, -high_rounding, low_rounding)
        self._high_rounding = xp.where(self._is_negative, -low_rounding, high_rounding)
        self._is_near = xp.logical_and(self._half <= 1, self._middle * self._half <= 2)

    @cached_property
    def _moments(self) -> tuple[Array, Array, Array]:
        """The mean of the density over that at the middle, and of its product with t and t * t.

        The interval is [-1, 1] in t. Where it is not near, the results are those of a point.
        """
        xp = self._xp
        half = xp.where(self._is_near, self._half, 0.0)
        drift, spread = xp.where(self._is_near, self._middle, 0.0) * half, half * half / 2
        total = first = second = xp.zeros_like(half)
        for node, weight in _NODES:
            fall = weight * xp.exp(-spread * (node * node))
            low, high = fall * xp.exp(drift * node), fall * xp.exp(-drift * node)
            total = total + (low + high)
            first = first + node * (high - low)
            second = second + node * node * (low + high)
        return total, first / total, second / total

    @cached_property
    def _ends(self) -> tuple[NormalTail, NormalTail, Array, Array]:
        """The tails at both ends, the end near 0, and the ratio of the tails."""
        xp = self._xp
        low, high = (
            xp.where(self._is_near, 2.0, self._low),
            xp.where(self._is_near, 4.0, self._high),
        )
        near = NormalTail(xp, low, self._low_rounding)
        far = NormalTail(xp, high, self._high_rounding)
        width = xp.where(self._is_near, 2.0, 2 * self._half)
        beyond_0 = xp.exp(-(low + width / 2) * width) * (near.hazard / far.hazard)
        around_0 = far.tail_of_size * xp.exp(xp.where(low > 0, 0.0, near.surprisal))
        return near, far, low, xp.where(low > 0, beyond_0, around_0)

    @property
    def surprisal(self) -> Array:
        """The negative logarithm of the probability."""
        xp, (total, _, _), (near, _, _, ratio) = self._xp, self._moments, self._ends
        middle = xp.where(self._is_near, self._middle, 0.0)
        density = middle * (middle / 2) + LOG_ROOT_2_PI - xp.log(total)
        width = xp.where(self._is_near, self._half, 1.0)
        narrow = density - xp.log(2 * width)
        return xp.where(self._is_near, narrow, near.surprisal - xp.log1p(-ratio))

    @cached_property
    def _size_of_slope(self) -> Array:
        xp, (_, mean, _), (near, far, _, ratio) = self._xp, self._moments, self._ends
        wide = (near.hazard - ratio * far.hazard) / (1 - ratio)
        return xp.where(self._is_near, self._middle + self._half * mean, wide)

    @property
    def slope(self) -> Array:
        """The derivative: the mean of the numbers in the interval."""
        size = self._size_of_slope
        return self._xp.where(self._is_negative, -size, size)

    @property
    def bend(self) -> Array:
        """The second derivative: 1 minus the variance of the numbers in the interval."""
        xp, (_, mean, square), (near, far, start, ratio) = self._xp, self._moments, self._ends
        narrow = 1 - self._half * self._half * (square - mean * mean)
        rest = ratio / (1 - ratio)
        width = 2 * xp.where(self._is_near, 0.0, self._half)
        # Both are the same number; of each, the other has terms that cancel.
        beyond = (near.excess - ratio * (far.excess + width)) / (1 - ratio)
        inside = self._size_of_slope * beyond + width * rest * far.hazard
        pull = (start + width) * rest * far.hazard - start * (near.hazard / (1 - ratio))
        around = self._size_of_slope * self._size_of_slope + pull
        return xp.where(self._is_near, narrow, xp.where(start > 0, inside, around))
