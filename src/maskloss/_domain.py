"""Where predictions and labels may lie."""

from __future__ import annotations

import functools
import math
import operator
from typing import NamedTuple

from maskloss._namespace import is_kind, is_readable, scalar, stop_gradient
from maskloss._typing import Array, Namespace


class Domain(NamedTuple):
    """A closed interval or the values themselves, with a point at which every formula is smooth.

    `meaning` and `advice` complete the error of a value outside. So do the values that mean
    `missing` in a call where it could be another; None where it could not.
    """

    low: float = -math.inf
    high: float = math.inf
    filler: float = 0.0
    values: tuple[float, ...] = ()
    meaning: str = ""
    advice: str = ""
    missing: tuple[float, ...] | None = None

    @property
    def is_unbounded(self) -> bool:
        """Whether every number lies in it."""
        return not self.values and self.low == -math.inf and self.high == math.inf

    def __str__(self) -> str:
        if self.values:
            return self.meaning + " or ".join(f"{value:g}" for value in self.values)
        if self.high == math.inf:
            return f"{self.meaning}{self.low:g} or more"
        return f"{self.meaning}in [{self.low:g}, {self.high:g}]"

    def advice_on(self, name: str, outlier: float) -> str:
        """Say what to do about a value outside: one that is no integer seldom means missing."""
        if self.missing is None:
            return self.advice
        if math.isfinite(outlier) and outlier != int(outlier):
            repair = "round" if self.values else "clip"
            return f"; if it is a rounding error, {repair} `{name}`{self.advice}"
        values = ", ".join(map(_shown, (*self.missing, outlier)))
        values = f"({values})" if self.missing else values
        return f"; if it means missing, pass missing={values}{self.advice}"


REAL = Domain()
UNIT = Domain(0.0, 1.0, filler=0.5)
NON_NEGATIVE = Domain(low=0)
# None is refused: rounding, or a caller who knows better, ends above 0.
LOG_PROBABILITIES = Domain(meaning="log-probabilities ")


def check_domain(xp: Namespace, name: str, value: Array | float, domain: Domain) -> None:
    """Refuse numbers outside the domain, where reading them costs no synchronisation."""
    number = scalar(value)
    if number is None:
        number = _outlier(xp, value, domain)
    elif number in domain.values if domain.values else domain.low <= number <= domain.high:
        return
    if number is not None:
        msg = f"`{name}` must be {domain}, got {_shown(number)}{domain.advice_on(name, number)}"
        raise ValueError(msg)


def _shown(number: float) -> str:
    """Write a number in few digits, unless that would make it an integer that it is not."""
    text = f"{number:g}"
    return str(number) if float(text).is_integer() and float(text) != number else text


def refuse(
    xp: Namespace, name: str, array: Array, is_wrong: Array, expected: str, advice: str
) -> None:
    """Refuse the numbers that are wrong, none of which is negative, as `check_domain` does."""
    if not is_readable(array) or not _any(xp, is_wrong):
        return
    number = _shown(float(xp.max(xp.where(is_wrong, stop_gradient(array), 0))))
    msg = f"`{name}` must be {expected}, got {number}{advice.format(outlier=number)}"
    raise ValueError(msg)


def _outlier(xp: Namespace, array: Array, domain: Domain) -> float | None:
    """Return the lowest value below the interval, or the highest above; NaN hides none."""
    if domain.is_unbounded or 0 in array.shape or not is_readable(array):
        return None
    array = stop_gradient(array)
    if domain.values:
        is_other = functools.reduce(operator.and_, [array != value for value in domain.values])
        is_other = is_other & ~xp.isnan(array)
        return float(xp.min(xp.where(is_other, array, math.inf))) if _any(xp, is_other) else None
    if _lies_inside(xp, array, domain):
        return None
    slack: float = 0
    if is_kind(xp, array.dtype, "real floating"):
        # Rounding is no mistake: mixed labels such as 0.3 + 0.7 end this far outside.
        slack = 4 * float(xp.finfo(array.dtype).eps)
    if domain.low > -math.inf and _any(xp, is_low := array < domain.low - slack):
        return float(xp.min(xp.where(is_low, array, 0)))
    if domain.high < math.inf and _any(xp, is_high := array > domain.high + slack):
        return float(xp.max(xp.where(is_high, array, 0)))
    return None


def _lies_inside(xp: Namespace, array: Array, domain: Domain) -> bool:
    """Whether two passes can tell that all is well, which they cannot of NaN."""
    low, high = xp.min(array), xp.max(array)
    return is_readable(low) and domain.low <= float(low) and float(high) <= domain.high


def _any(xp: Namespace, conditions: Array) -> bool:
    """Whether one is known to hold: JAX traces them even where all that they are of is known."""
    found = xp.any(conditions)
    return is_readable(found) and bool(found)
