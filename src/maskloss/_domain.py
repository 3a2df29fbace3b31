"""Where predictions and labels may lie."""

from __future__ import annotations

import math
from typing import NamedTuple

from maskloss._namespace import is_readable, scalar, stop_gradient
from maskloss._typing import Array, Namespace


class Domain(NamedTuple):
    """A closed interval, with a point in it at which every formula is smooth.

    `meaning` and `advice` complete the error of a value outside.
    """

    low: float = -math.inf
    high: float = math.inf
    filler: float = 0.0
    meaning: str = "in "
    advice: str = ""


REAL = Domain()
UNIT = Domain(0.0, 1.0, filler=0.5)
NON_NEGATIVE = Domain(low=0, meaning="0 or more, in ")


def check_domain(xp: Namespace, name: str, value: Array | float, domain: Domain) -> None:
    """Refuse numbers outside the domain, where reading them costs no synchronisation."""
    number = scalar(value)
    if number is None:
        number = _outlier(xp, value, domain)
    if number is not None and not domain.low <= number <= domain.high:
        advice = domain.advice.format(outlier=f"{number:g}")
        interval = f"{domain.meaning}[{domain.low:g}, {domain.high:g}]"
        msg = f"`{name}` must be {interval}, got {number:g}{advice}"
        raise ValueError(msg)


def _outlier(xp: Namespace, array: Array, domain: Domain) -> float | None:
    """Return the lowest value below the interval, or the highest above; NaN hides none."""
    if 0 in array.shape or not is_readable(array):
        return None
    array = stop_gradient(array)
    slack: float = 0
    if xp.isdtype(array.dtype, "real floating"):
        # Rounding is no mistake: mixed labels such as 0.3 + 0.7 end this far outside.
        slack = 4 * float(xp.finfo(array.dtype).eps)
    if domain.low > -math.inf and _is_true(xp.any(is_low := array < domain.low - slack)):
        return float(xp.min(xp.where(is_low, array, 0)))
    if domain.high < math.inf and _is_true(xp.any(is_high := array > domain.high + slack)):
        return float(xp.max(xp.where(is_high, array, 0)))
    return None


def _is_true(condition: Array) -> bool:
    """Whether a condition is known to hold: JAX traces it even where all that it is of is known."""
    return is_readable(condition) and bool(condition)
