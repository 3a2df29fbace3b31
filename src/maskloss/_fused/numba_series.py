"""Polynomials in the arithmetic of compiled loops.

Their coefficients interpolate a function at the Chebyshev nodes of an interval: with as many terms,
a power series is off by ten to a thousand times as much at the ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

# (exp(x) - 1 - x) / x**2 for |x| up to log(2) / 2.
EXP = {
    "float32": (
        0.5,
        0.1666657702559799,
        0.041666554662050534,
        0.008363173074513711,
        0.001392617611993558,
    ),
    "float64": (
        0.5,
        0.1666666666666667,
        0.04166666666666667,
        0.008333333333326141,
        0.0013888888888883752,
        0.00019841269874800493,
        2.4801587325533363e-05,
        2.7557255425746435e-06,
        2.7557273661348637e-07,
        2.510520637395701e-08,
        2.0914679376583935e-09,
    ),
}
# (x - log(1 + x)) / x**2 for x from 0 to 1.
UNIT = {
    "float32": (
        0.4999999698308403,
        -0.33332841887371345,
        0.24986526168187279,
        -0.1985410623120243,
        0.1584756572045947,
        -0.11561845446366749,
        0.06675772506317361,
        -0.0252240543466626,
        0.004466211601265708,
    ),
    "float64": (
        0.5,
        -0.33333333333332466,
        0.2499999999987205,
        -0.1999999999247163,
        0.1666666643097834,
        -0.14285709745445543,
        0.12499941281507687,
        -0.11110571142855806,
        0.09996324347550137,
        -0.09071835292534261,
        0.0825618541627825,
        -0.07444817019942226,
        0.06504010366036855,
        -0.053223522460321214,
        0.03912505115233944,
        -0.024682950191684934,
        0.012732150528247672,
        -0.005081090478548994,
        0.0014569248473329174,
        -0.000265295970542531,
        2.2938856818471438e-05,
    ),
}
# The power series of (log((1 + x) / (1 - x)) - 2 x) / x in x**2, for |x| up to 0.172.
LOG = {
    dtype: tuple(2 / (2 * n + 1) for n in range(1, terms + 1))
    for dtype, terms in (("float32", 5), ("float64", 11))
}


def polynomial(name: str, coefficients: Sequence[float]) -> str:
    """Return the source of a function that computes a polynomial.

    It adds pairs of terms, then pairs of pairs: a processor computes them at once, while by
    Horner's rule each term waits for the one before. BCE takes 1.25 times as long by that rule.
    """
    terms = [f"REAL({each!r})" for each in coefficients]
    power, lines = "x", list[str]()
    while len(terms) > 1:
        pairs = zip_longest(terms[::2], terms[1::2])
        terms = [
            first if second is None else f"({first} + {second} * {power})"
            for first, second in pairs
        ]
        lines.append(f"    x{2 ** (len(lines) + 1)} = {power} * {power}")
        power = f"x{2 ** len(lines)}"
    return "\n".join([f"def {name}(x):", *lines[:-1], f"    return {terms[0]}"])
