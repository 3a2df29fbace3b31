"""The domains of predictions and labels, and which values lie outside."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

from .._arrays.namespace import Namespace
from .._arrays.typing import Array


class Domain(NamedTuple):
    """A closed interval or a few values, with a point at which every formula is smooth.

    Attributes
    ----------
    low, high : float
        The bounds of the interval.
    fill_value : float
        A point at which every formula is smooth.
    values : tuple of float
        The allowed values; empty for an interval.
    meaning : str
        What the values are; the error of a value outside begins with it.
    advice : str
        The end of that error.
    missing : tuple of float or None
        The values that mean missing in the call, for the advice to pass one more; None where
        the call takes no `missing`.
    one_beyond : str
        Advice for the integer after `high`.
    far_beyond : str
        Advice for a number that is no integer, nor close to an allowed value.
    question : str
        Advice that comes before all other.
    names : tuple of str
        The meaning of each of the `values`.
    """

    low: float = -math.inf
    high: float = math.inf
    fill_value: float = 0.0
    values: tuple[float, ...] = ()
    meaning: str = ""
    advice: str = ""
    missing: tuple[float, ...] | None = None
    one_beyond: str = ""
    far_beyond: str = ""
    question: str = ""
    names: tuple[str, ...] = ()

    @property
    def is_unbounded(self) -> bool:
        """Whether it contains every number."""
        return not self.values and self.low == -math.inf and self.high == math.inf

    def __str__(self) -> str:
        if self.values:
            return self.meaning + " or ".join(f"{value:g}" for value in self.values)
        if self.is_unbounded:
            return self.meaning + "numbers"
        if self.high == math.inf:
            return f"{self.meaning}{self.low:g} or more"
        return f"{self.meaning}in [{self.low:g}, {self.high:g}]"

    def advice_on(self, name: str, outlier: float) -> str:
        """Return advice for a value outside; a number that is no integer seldom means missing."""
        first = self.question + (self.one_beyond if outlier == self.high + 1 else "")
        if self.missing is None:
            return first + self.advice
        if math.isfinite(outlier) and outlier != int(outlier):
            if not self._is_near(outlier):
                return f"{first}{self.far_beyond}{self.advice}"
            repair = "round" if self.values else "clip"
            return f"{first}; if it is a rounding error, {repair} `{name}`{self.advice}"
        values = ", ".join(map(few_digits, (*self.missing, outlier)))
        values = f"({values})" if self.missing else values
        return f"{first}; if it means missing, pass missing={values}{self.advice}"

    def _is_near(self, outlier: float) -> bool:
        """Return whether a value outside may be one inside with a rounding error."""
        return any(abs(outlier - x) < 0.01 for x in self.values or (self.low, self.high))


REAL = Domain()
UNIT = Domain(0.0, 1.0, fill_value=0.5)
NON_NEGATIVE = Domain(low=0)
WEIGHT = NON_NEGATIVE._replace(
    advice="; multiply the losses by factors of either sign, and reduce them by `masked_mean`"
)
# Unbounded: rounding, or a deliberate caller, may give a value above 0.
LOG_PROBABILITIES = Domain(meaning="log-probabilities ")

_FROM_ZERO = "; classes count from 0: if these count from 1, subtract 1"


def classes_of(
    number: int, meaning: str, *, low: int = 0, missing: tuple[float, ...] | None = None
) -> Domain:
    """Return the domain of class indices."""
    return Domain(low, number - 1, meaning=meaning, missing=missing, one_beyond=_FROM_ZERO)


def few_digits(number: float) -> str:
    """Return a number in few digits, or in all digits where few would show an integer."""
    if isinstance(number, int):
        return str(number)
    text = f"{number:g}"
    return str(number) if float(text).is_integer() and float(text) != number else text


def lies_outside(xp: Namespace, array: Array, domain: Domain, *, or_nan: bool = False) -> Array:
    """Return True for the numbers outside the domain; NaN is not outside, or may be."""
    if domain.values:
        differs = [array != value for value in domain.values]
        numbers = [] if or_nan else [~xp.isnan(array)]
        return functools.reduce(xp.logical_and, [*numbers, *differs])
    low, high = _ends(xp, array, domain)
    if domain.high == math.inf:
        return array < low
    return array > high if domain.low == -math.inf else xp.logical_or(array < low, array > high)


def is_no_number_of(xp: Namespace, array: Array, domain: Domain) -> Array:
    """Return True for the numbers outside the domain and for NaN."""
    if domain.is_unbounded:
        return xp.isnan(array)
    if domain.values:
        return lies_outside(xp, array, domain, or_nan=True)
    low, high = _ends(xp, array, domain)
    if domain.high == math.inf:
        return ~(array >= low)
    return ~(array <= high if domain.low == -math.inf else (array >= low) & (array <= high))


def _ends(xp: Namespace, array: Array, domain: Domain) -> tuple[float, float]:
    """Return the ends of an interval, farther apart for rounding.

    Mixed labels such as 0.3 + 0.7 end a little outside.
    """
    slack: float = 0
    if xp.isdtype(array.dtype, "real floating"):
        slack = 4 * float(xp.finfo(array.dtype).eps)
    return domain.low - slack, domain.high + slack
