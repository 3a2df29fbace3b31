"""Where predictions and labels may lie."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

from maskloss._arrays.kinds import scalar
from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array


class Domain(NamedTuple):
    """A closed interval or the values themselves, with a point at which every formula is smooth.

    `meaning` and `advice` complete the error of a value outside. So do the values that mean
    `missing` in a call where it could be another (None where it could not), and `one_beyond` that
    of the value after the last one of integers; a `question` comes first. `names` say what each of
    the values means.
    """

    low: float = -math.inf
    high: float = math.inf
    fill_value: float = 0.0
    values: tuple[float, ...] = ()
    meaning: str = ""
    advice: str = ""
    missing: tuple[float, ...] | None = None
    one_beyond: str = ""
    question: str = ""
    names: tuple[str, ...] = ()

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
        first = self.question + (self.one_beyond if outlier == self.high + 1 else "")
        if self.missing is None:
            return first + self.advice
        if math.isfinite(outlier) and outlier != int(outlier):
            repair = "round" if self.values else "clip"
            return f"{first}; if it is a rounding error, {repair} `{name}`{self.advice}"
        values = ", ".join(map(_shown, (*self.missing, outlier)))
        values = f"({values})" if self.missing else values
        return f"{first}; if it means missing, pass missing={values}{self.advice}"


REAL = Domain()
UNIT = Domain(0.0, 1.0, fill_value=0.5)
NON_NEGATIVE = Domain(low=0)
# None is refused: rounding, or a caller who knows better, ends above 0.
LOG_PROBABILITIES = Domain(meaning="log-probabilities ")

_FROM_ZERO = "; classes count from 0: if these count from 1, subtract 1"


def classes_of(
    number: int, meaning: str, *, low: int = 0, missing: tuple[float, ...] | None = None
) -> Domain:
    """Return where the indices of a number of classes lie."""
    return Domain(low, number - 1, meaning=meaning, missing=missing, one_beyond=_FROM_ZERO)


Advise = Callable[[Domain], Domain]


def check_domain(
    xp: Namespace, name: str, value: Array | float, domain: Domain, advise: Advise | None = None
) -> None:
    """Refuse numbers outside the domain, where reading them costs no synchronisation.

    Only the error of an array has what `advise` puts in the domain.
    """
    number = scalar(value)
    if number is None:
        _refuse_outliers(xp, name, value, domain, advise)
    elif number not in domain.values if domain.values else not domain.low <= number <= domain.high:
        raise ValueError(_message(name, number, domain))


def in_domain(
    xp: Namespace,
    name: str,
    array: Array,
    domain: Domain,
    advise: Advise | None = None,
    *,
    refuse_nan: bool = False,
) -> Array:
    """Return a floating array after `check_domain`, with NaN for outliers that cannot be read.

    A label that was not meant must not vanish in a loss that looks like any other.
    """
    if _refuse_outliers(xp, name, array, domain, advise):
        if refuse_nan:
            _refuse_nan(xp, name, array, domain, advise)
        return array
    return xp.where(_is_outside(xp, xp.stop_gradient(array), domain), math.nan, array)


def _refuse_outliers(
    xp: Namespace, name: str, array: Array, domain: Domain, advise: Advise | None
) -> bool:
    """Refuse numbers outside the domain; return whether all are known to lie in it, or are NaN."""
    if domain.is_unbounded or 0 in array.shape:
        return True
    if not xp.is_readable(array):
        return False
    array = xp.stop_gradient(array)
    if not domain.values and _lies_inside(xp, array, domain):
        return True
    is_outside = _is_outside(xp, array, domain)
    # JAX traces what is made of an array under a trace, even where all of that is known.
    if not xp.is_readable(found := xp.any(is_outside)):
        return False
    if found:
        number = _outlier(xp, array, is_outside, domain)
        raise ValueError(_message(name, number, domain if advise is None else advise(domain)))
    return True


def _refuse_nan(
    xp: Namespace, name: str, array: Array, domain: Domain, advise: Advise | None
) -> None:
    """Refuse NaN where it can be read; the least of an array is NaN if anything is."""
    if 0 in array.shape or not xp.is_readable(array):
        return
    least = xp.min(xp.stop_gradient(array))
    if not xp.is_readable(least) or not math.isnan(least):
        return
    question = (domain if advise is None else advise(domain)).question
    msg = (
        f"`{name}` must be numbers where observed, got NaN{question}; if NaN means missing, pass "
        f'missing=float("nan")'
    )
    raise ValueError(msg)


def _message(name: str, number: float, domain: Domain) -> str:
    return f"`{name}` must be {domain}, got {_shown(number)}{domain.advice_on(name, number)}"


def _shown(number: float) -> str:
    """Write a number in few digits, unless that would make it an integer that it is not."""
    text = f"{number:g}"
    return str(number) if float(text).is_integer() and float(text) != number else text


def refuse(
    xp: Namespace, name: str, array: Array, is_wrong: Array, expected: str, advice: str
) -> None:
    """Refuse the numbers that are wrong, none of which is negative, as `check_domain` does."""
    if not xp.is_readable(array) or not _any(xp, is_wrong):
        return
    number = _shown(float(xp.max(xp.where(is_wrong, xp.stop_gradient(array), 0))))
    msg = f"`{name}` must be {expected}, got {number}{advice.format(outlier=number)}"
    raise ValueError(msg)


def _is_outside(xp: Namespace, array: Array, domain: Domain) -> Array:
    """Return True for the numbers outside of the domain, which NaN is not."""
    if domain.values:
        is_other = [array != value for value in domain.values]
        return functools.reduce(xp.logical_and, [~xp.isnan(array), *is_other])
    slack: float = 0
    if xp.isdtype(array.dtype, "real floating"):
        # Rounding is no mistake: mixed labels such as 0.3 + 0.7 end this far outside.
        slack = 4 * float(xp.finfo(array.dtype).eps)
    is_outside = []
    if domain.low > -math.inf:
        is_outside.append(array < domain.low - slack)
    if domain.high < math.inf:
        is_outside.append(array > domain.high + slack)
    return functools.reduce(xp.logical_or, is_outside)


def _outlier(xp: Namespace, array: Array, is_outside: Array, domain: Domain) -> float:
    """Return the lowest value outside of the domain, or of an interval the highest above."""
    if domain.values:
        return float(xp.min(xp.where(is_outside, array, math.inf)))
    outside = xp.where(is_outside, array, 0)
    lowest = float(xp.min(outside))
    return lowest if lowest < domain.low else float(xp.max(outside))


def _lies_inside(xp: Namespace, array: Array, domain: Domain) -> bool:
    """Whether two passes can tell that all is well, which they cannot of NaN."""
    low, high = xp.min(array), xp.max(array)
    return xp.is_readable(low) and domain.low <= float(low) and float(high) <= domain.high


def _any(xp: Namespace, conditions: Array) -> bool:
    """Whether one is known to hold: JAX traces them even where all that they are of is known."""
    found = xp.any(conditions)
    return xp.is_readable(found) and bool(found)
