"""The upper tail of the standard normal distribution, exact also where it underflows."""

from __future__ import annotations

import functools
import math

from .._arrays.cached_property import cached_property
from .._arrays.namespace import Namespace
from .._arrays.typing import Array

LOG_ROOT_2_PI = math.log(2 * math.pi) / 2

# For z >= 0, the hazard minus z is a polynomial in t = (z - 4) / (z + 4), divided by z + 1.25: the
# Chebyshev approximation of degree 29 on [-1, 1], whose error is 4e-18. The sizes of its
# coefficients add up to 1.8, so that no power cancels another.
_CENTRE, _SHIFT = 4.0, 1.25
_COEFFICIENTS = (
    1.1844375085697232,
    -0.1554020567759819,
    -0.14259871052441345,
    0.18248125713275526,
    -0.06750053480954152,
    -0.025396637050212438,
    0.03236023191588967,
    -0.0027683667819004363,
    -0.010095793216229111,
    0.0036817229111170114,
    0.002491568737638462,
    -0.0017597187566190256,
    -0.0004641139744087998,
    0.0006412016803159554,
    3.890635841987643e-05,
    -0.00019806226796222987,
    1.7180749123460826e-05,
    5.277230575441336e-05,
    -1.2051890103000121e-05,
    -1.1725740824794566e-05,
    4.875790430587051e-06,
    1.9034370575449913e-06,
    -1.5395924194295698e-06,
    -9.905894263844394e-08,
    3.837840059032627e-07,
    -5.953251736451569e-08,
    -6.754962087309244e-08,
    2.042908351639227e-08,
    6.153295933975157e-09,
    -2.432913712662411e-09,
)


class NormalTail:
    """The functions of the probability S(z) to exceed z, each to a few machine epsilons.

    If z is a rounded number, `rounding` is its exact value minus z, without a gradient.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss._arrays.numpy import xp
    >>> tail = NormalTail(xp, np.asarray([-10.0, 0.0, 40.0]))
    >>> tail.surprisal
    array([7.61985302e-24, 6.93147181e-01, 8.04608442e+02])
    """

    def __init__(self, xp: Namespace, z: Array, rounding: Array | float = 0.0) -> None:
        self._xp, self._z, self._rounding = xp, z, rounding
        # The test is `<=`, so that a NaN stays visible.
        self._is_low = z <= 0
        self._size = xp.where(self._is_low, -z, z)

    @cached_property
    def _scaled_excess(self) -> Array:
        """(h(u) - u) (u + 1.25) for u = abs(z)."""
        t = (self._size - _CENTRE) / (self._size + _CENTRE)
        return functools.reduce(lambda total, c: total * t + c, reversed(_COEFFICIENTS))

    @cached_property
    def _hazard_of_size(self) -> Array:
        return self._size + self.excess_of_size

    @cached_property
    def density(self) -> Array:
        """The density at z."""
        xp = self._xp
        # Beyond the limit the density is 0; the clamp keeps the steps finite.
        limit = math.sqrt(2.5 * math.log(float(xp.finfo(self._z.dtype).max)))
        size = xp.where(self._size >= limit, limit, self._size)
        # The square of few digits is exact. Otherwise the exponential multiplies its rounding.
        steps = xp.stop_gradient(xp.round(size * 16) / 16)
        lost = xp.where(self._is_low, -size, size) * self._rounding
        rest = (size - steps) * (size + steps) / 2 + lost
        # In this order, as XLA (jax 0.10) makes one exponential of a product of two.
        return (xp.exp(-steps * steps / 2) * math.exp(-LOG_ROOT_2_PI)) * xp.exp(-rest)

    @cached_property
    def tail_of_size(self) -> Array:
        """S(abs(z)), at most 1/2."""
        return self.density / self._hazard_of_size

    @cached_property
    def surprisal(self) -> Array:
        """-log S(z)."""
        xp = self._xp
        z = xp.where(self._is_low, 0.0, self._z)
        far = z * (z / 2) + xp.log(self._hazard_of_size) + LOG_ROOT_2_PI
        return xp.where(self._is_low, -xp.log1p(-self.tail_of_size), far)

    @cached_property
    def hazard(self) -> Array:
        """The density at z divided by S(z), the derivative of the surprisal."""
        low = self.density / (1 - self.tail_of_size)
        return self._xp.where(self._is_low, low, self._hazard_of_size)

    @cached_property
    def excess(self) -> Array:
        """The hazard minus z: how far beyond z numbers are on average."""
        return self._xp.where(self._is_low, self.hazard + self._size, self.excess_of_size)

    @cached_property
    def excess_of_size(self) -> Array:
        """The excess of abs(z)."""
        return self._scaled_excess / (self._size + _SHIFT)

    @property
    def bend(self) -> Array:
        """The second derivative of the surprisal."""
        hazard = self.hazard
        high = self._scaled_excess * (hazard / (self._size + _SHIFT))
        return self._xp.where(self._is_low, hazard * self.excess, high)
