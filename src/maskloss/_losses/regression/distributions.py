"""Distributions of a standardised number z: surprisals of z, of bounds of it, and of intervals.

Each returns `Terms` whose slope and curvature are derivatives by z. Where z is a rounded number,
`rounding` is its exact value minus z, without a gradient.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Terms, mixture
from ..._math.exponential import ExpDifference
from ..._math.logistic import Logistic, logistic
from ..._math.normal import LOG_ROOT_2_PI, NormalTail
from ..._math.normal_interval import NormalInterval


class Rounded(NamedTuple):
    """A standardised number, and what rounding has lost of it."""

    z: Array
    rounding: Array


class Distribution(Protocol):
    """The surprisals of a distribution; a surprisal is a negative logarithm of a probability."""

    @staticmethod
    def exact(xp: Namespace, number: Rounded) -> Terms:
        """Return the surprisal of a number, by its density."""

    @staticmethod
    def above(xp: Namespace, bound: Rounded) -> Terms:
        """Return the surprisal of the numbers above a bound."""

    @staticmethod
    def below(xp: Namespace, bound: Rounded) -> Terms:
        """Return the surprisal of the numbers below a bound."""

    @staticmethod
    def between(xp: Namespace, low: Rounded, high: Rounded, width: Array) -> Terms:
        """Return the surprisal of an interval; derivatives are those by a shift of both ends."""


class Normal:
    """The normal distribution."""

    @staticmethod
    def exact(xp: Namespace, number: Rounded) -> Terms:
        """Return the surprisal of a number, by its density."""
        z = number.z
        return Terms(
            value=lambda: z * (z / 2) + LOG_ROOT_2_PI,
            slope=lambda: z,
            curvature=lambda: xp.ones_like(z),
        )

    @staticmethod
    def above(xp: Namespace, bound: Rounded) -> Terms:
        """Return the surprisal of the numbers above a bound."""
        tail = NormalTail(xp, *bound)
        return Terms(lambda: tail.surprisal, lambda: tail.hazard, lambda: tail.bend)

    @staticmethod
    def below(xp: Namespace, bound: Rounded) -> Terms:
        """Return the surprisal of the numbers below a bound."""
        tail = NormalTail(xp, -bound.z, -bound.rounding)
        return Terms(lambda: tail.surprisal, lambda: -tail.hazard, lambda: tail.bend)

    @staticmethod
    def between(xp: Namespace, low: Rounded, high: Rounded, width: Array) -> Terms:
        """Return the surprisal of an interval."""
        inside = NormalInterval(xp, low.z, high.z, width, low.rounding, high.rounding)
        return Terms(lambda: inside.surprisal, lambda: inside.slope, lambda: inside.bend)


class StandardLogistic:
    """The logistic distribution."""

    @staticmethod
    def exact(xp: Namespace, number: Rounded) -> Terms:
        """Return the surprisal of a number, by its density."""
        s, is_near = logistic(xp, *number), xp.abs(number.z) <= 1

        def value() -> Array:
            # Near 0, where derivatives of the two terms would cancel: 2 log(2 cosh(z / 2)).
            tanh = xp.tanh(xp.where(is_near, number.z, 0.0) / 4)
            square = tanh * tanh
            near = 2 * (xp.log1p_of_unit(square) - xp.log1p(-square) + math.log(2))
            return xp.where(is_near, near, s.softplus + s.softplus_of_negative)

        return Terms(
            value=value,
            slope=lambda: -s.sigmoid_second_derivative,
            curvature=lambda: 2 * s.sigmoid_slope,
        )

    @staticmethod
    def above(xp: Namespace, bound: Rounded) -> Terms:
        """Return the surprisal of the numbers above a bound."""
        s = logistic(xp, *bound)
        return Terms(lambda: s.softplus, lambda: s.sigmoid, lambda: s.sigmoid_slope)

    @staticmethod
    def below(xp: Namespace, bound: Rounded) -> Terms:
        """Return the surprisal of the numbers below a bound."""
        s: Logistic = logistic(xp, *bound)
        return Terms(
            value=lambda: s.softplus_of_negative,
            slope=lambda: -s.sigmoid_of_negative,
            curvature=lambda: s.sigmoid_slope,
        )

    @classmethod
    def between(cls, xp: Namespace, low: Rounded, high: Rounded, width: Array) -> Terms:
        """Return the surprisal of an interval: S(a) F(b) (1 - exp(-width))."""
        return mixture(
            (1.0, cls.above(xp, low)), (1.0, cls.below(xp, high)), (1.0, _gap(xp, width))
        )


class ExtremeValue:
    """The Gumbel distribution of minima: exp(z) is exponentially distributed."""

    @staticmethod
    def exact(xp: Namespace, number: Rounded) -> Terms:
        """Return the surprisal of a number, by its density."""
        e = _exponential(xp, number)
        return Terms(
            # With the derivative of an excess, not that of a difference.
            value=lambda: 1 + e.excess,
            slope=lambda: e.minus_1,
            curvature=lambda: e.exp,
        )

    @staticmethod
    def above(xp: Namespace, bound: Rounded) -> Terms:
        """Return the surprisal of the numbers above a bound."""
        e = _exponential(xp, bound)
        return Terms(lambda: e.exp, lambda: e.exp, lambda: e.exp)

    @staticmethod
    def below(xp: Namespace, bound: Rounded) -> Terms:
        """Return the surprisal of the numbers below a bound, -log(1 - exp(-w)) for w = exp(z)."""
        # Above the one limit all is 0; below the other w is lost beside the logarithm of w.
        z, is_tiny = bound.z, bound.z < -40
        z = xp.where(z > 7, 7.0, z)
        w, is_small = _exponential(xp, Rounded(z, bound.rounding)).exp, z < -0.2
        # Each of two spellings is exact, and has finite derivatives, on its side of the limit.
        small = xp.where(xp.logical_and(is_small, ~is_tiny), w, 0.5)
        e = ExpDifference(xp, small, xp.zeros_like(w))
        pull = small / e.minus_1
        large = xp.where(is_small, 1.0, w)
        rest = xp.exp(-large)
        pull_of_large = large * rest / (1 - rest)

        def choose(of_tiny: Array | float, of_small: Array, of_large: Array) -> Array:
            return xp.where(is_tiny, of_tiny, xp.where(is_small, of_small, of_large))

        return Terms(
            value=lambda: choose(-z, small + xp.log(pull) - z, -xp.log1p(-rest)),
            slope=lambda: choose(-1.0, -pull, -pull_of_large),
            curvature=lambda: choose(
                w / 2,
                pull * (small - e.excess / e.minus_1),
                pull_of_large * (large + pull_of_large - 1),
            ),
        )

    @classmethod
    def between(cls, xp: Namespace, low: Rounded, high: Rounded, width: Array) -> Terms:
        """Return the surprisal of an interval: S(a) F(b + log(1 - exp(-width)))."""
        shifted = high._replace(z=high.z - _gap(xp, width).value())
        return mixture((1.0, cls.above(xp, low)), (1.0, cls.below(xp, shifted)))


DISTRIBUTIONS: dict[str, type[Distribution]] = {
    "normal": Normal,
    "logistic": StandardLogistic,
    "extreme_value": ExtremeValue,
}


def _exponential(xp: Namespace, number: Rounded) -> ExpDifference:
    return ExpDifference(xp, number.z, -number.rounding)


def _gap(xp: Namespace, width: Array) -> Terms:
    """Return -log(1 - exp(-width)), which a shift leaves as it is."""
    is_near = width < 0.7
    e = ExpDifference(xp, xp.where(is_near, width, 0.5), xp.zeros_like(width))
    near = xp.where(is_near, width, 0.0) - xp.log(e.minus_1)
    far = -xp.log1p(-xp.exp(-xp.where(is_near, 1.0, width)))
    zeros = xp.zeros_like(width)
    return Terms(lambda: xp.where(is_near, near, far), lambda: zeros, lambda: zeros)
