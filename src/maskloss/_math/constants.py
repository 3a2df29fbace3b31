"""Numbers to twice the digits of a float, by integers: compilers of graphs trace no `decimal`."""

from __future__ import annotations

import math

_BITS = 128


def logit(p: float) -> tuple[float, float]:
    """Return log(p / (1 - p)) as a float and what is left of it, for 0 <= p <= 1.

    Examples
    --------
    >>> logit(0.05)
    (-2.9444389791664403, -1.393289304256112e-16)
    """
    if p in {0.0, 1.0}:
        return (math.inf if p else -math.inf), 0.0
    top, whole = p.as_integer_ratio()
    bottom = whole - top
    # The quotient of the two is between 1 and 2 times a power of 2.
    shift = top.bit_length() - bottom.bit_length()
    top, bottom = top << max(-shift, 0), bottom << max(shift, 0)
    if top < bottom:
        top, shift = 2 * top, shift - 1
    exact = shift * _twice_artanh(1, 3) + _twice_artanh(top - bottom, top + bottom)
    number = exact / 2**_BITS
    numerator, denominator = number.as_integer_ratio()
    return number, (exact - (numerator << _BITS) // denominator) / 2**_BITS


def inverse(number: float) -> tuple[float, float]:
    """Return 1 / number as a float, and what must be added to 1 to correct it as a factor."""
    rounded = 1 / number
    (a, b), (c, d) = number.as_integer_ratio(), rounded.as_integer_ratio()
    return rounded, (b * d - a * c) / (a * c)


def split(number: float, rest: float, eps: float) -> tuple[float, float]:
    """Split a number in two parts into one that a dtype with this epsilon holds, and the rest."""
    if math.isinf(number):
        return number, rest
    mantissa, exponent = math.frexp(number)
    digits = 2 / eps
    short = math.ldexp(round(mantissa * digits) / digits, exponent)
    return short, (number - short) + rest


def _twice_artanh(top: int, bottom: int) -> int:
    """Return 2 artanh(top / bottom) = log((bottom + top) / (bottom - top)) in units of 2**-128."""
    power = (2 * top << _BITS) // bottom
    square = (top * top << _BITS) // (bottom * bottom)
    total, odd = 0, 1
    while power:
        total += power // odd
        power = power * square >> _BITS
        odd += 2
    return total
