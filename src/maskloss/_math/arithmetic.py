"""Exact arithmetic: differences, powers and clamps whose rounding is accounted for."""

from __future__ import annotations

import math

from .._arrays.namespace import Namespace
from .._arrays.typing import Array


def sign(xp: Namespace, x: Array) -> Array:
    """Return -1, 0 or 1, and NaN for NaN.

    array-api-compat 1.16's `sign` indexes torch tensors by a mask, which vmap refuses.
    """
    if xp.has_kernels:
        return xp.signs(x)
    return xp.where(x > 0, 1.0, xp.where(x < 0, -1.0, 0.0 * x))


def absolute(xp: Namespace, x: Array, sign: Array) -> Array:
    """Return abs(x), given its sign, with derivative 0 at 0; JAX 0.10.2 differentiates abs to 1."""
    return xp.abs(x) if xp.has_kernels else sign * x


def positive_part(xp: Namespace, x: Array) -> Array:
    """Return max(0, x), with slope 0 at the kink. The test by `<=` lets a NaN through."""
    return xp.relu(x) if xp.has_kernels else xp.where(x <= 0, 0.0, x)


def clamp(xp: Namespace, x: Array, limit: float) -> Array:
    """Clamp x to [-limit, limit]; the derivative is 0 at the limits and outside."""
    if xp.has_kernels:
        return xp.clip(x, -limit, limit)
    return xp.where(x >= limit, limit, xp.where(x <= -limit, -limit, x))


def times_constant(xp: Namespace, factor: Array, x: Array) -> Array:
    """Return factor * x, whose first derivative treats the factor as a constant.

    The second derivative is that of this first one, in which the factor changes.
    """
    constant = xp.stop_gradient(factor)
    product = constant * x
    if not xp.differentiates:
        return product
    # The product of two zeros has no slope, and the curvature factor' * x'.
    still = xp.stop_gradient(x)
    step = xp.where(xp.isinf(still), 0.0, x - still)
    return product + 0.5 * ((factor - constant) * step)


def clip_to_exp_range(xp: Namespace, x: Array) -> Array:
    """Clamp x to a range beyond which exp(-abs(x)) is 0."""
    return clamp(xp, x, 1.25 * math.log(float(xp.finfo(x.dtype).max)))


def subtraction_error(xp: Namespace, a: Array, b: Array, difference: Array) -> Array:
    """Return (a - b) - difference exactly, without a gradient; 0 where it is not finite.

    Knuth, The Art of Computer Programming 2, 4.2.2.
    """
    virtual = difference - a
    return xp.finite_or_0(xp.stop_gradient((a - (difference - virtual)) - (b + virtual)))


def power(xp: Namespace, log: Array, small: Array, exponent: float) -> Array:
    """Return exp(exponent * (log + small)), where `log` is exact and at most 0.

    The exponential multiplies the relative rounding error of its argument z by z. To avoid that,
    exponent * log is split into an exact product of two short factors and a small rest.
    """
    largest = float(xp.finfo(log.dtype).max)
    end = largest / 64
    if exponent * end > 1.25 * math.log(largest):
        end = 1.25 * math.log(largest) / exponent
    # For a lower `log` the result is 0; the clamp keeps the steps between finite.
    is_low = log < -end
    log, small = xp.where(is_low, -end, log), xp.where(is_low, 0.0, small)
    total, lost = product(xp, log, small, exponent)
    return xp.exp(total) * (1 + lost)


def exp_of_product(xp: Namespace, x: Array, factor: float) -> Array:
    """Return exp(factor * x), without the rounding of the product."""
    # Beyond the limit the exponential is 0 or infinite; the clamp keeps the steps finite.
    limit = 1.25 * math.log(float(xp.finfo(x.dtype).max)) / abs(factor)
    total, lost = product(xp, clamp(xp, x, limit), 0.0, factor)
    return xp.exp(total) * (1 + lost)


def product(xp: Namespace, x: Array, small: Array | float, factor: float) -> tuple[Array, Array]:
    """Return factor * (x + small), and its rounding error, without a gradient.

    The error is exact where the product is of the size at which its exponential matters.
    """
    mantissa, shift = math.frexp(factor)
    short = math.ldexp(round(mantissa * 2**11), shift - 11)
    grain = math.ldexp(1 / 16, -max(shift, -100))
    steps = xp.stop_gradient(xp.round(x / grain) * grain)
    exact = short * steps
    rest = factor * (x - steps + small) + (factor - short) * steps
    total = exact + rest
    return total, xp.stop_gradient(rest - (total - exact))
