"""Errors of values outside a domain, and NaN in their place where they cannot be read."""

from __future__ import annotations

import math
from collections.abc import Callable

from .._arrays.kinds import scalar
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .domain import Domain, few_digits, lies_outside

Advise = Callable[[Domain], Domain]


def check_domain(
    xp: Namespace,
    name: str,
    value: Array | float,
    domain: Domain,
    advise: Advise | None = None,
    *,
    given: Array | None = None,
) -> bool:
    """Refuse numbers outside the domain, where they can be read without synchronisation.

    Return whether all numbers are known to lie in it, or are NaN. `advise` adds advice to the
    domain for the error of an array; `given` is the array before a cast that may have changed the
    number that the error shows.
    """
    number = scalar(value)
    if number is None:
        return _refuse_outliers(xp, name, value, domain, advise, given=given)
    if number not in domain.values if domain.values else not domain.low <= number <= domain.high:
        raise ValueError(_message(name, number, domain))
    return True


def in_domain(
    xp: Namespace,
    name: str,
    array: Array,
    domain: Domain,
    advise: Advise | None = None,
    *,
    given: Array | None = None,
    refuse_nan: bool = False,
    is_differentiated: bool = False,
) -> Array:
    """Check a floating array as `check_domain` does; outliers that cannot be read become NaN.

    An invalid label must not vanish in a loss that looks valid; nor, if the array
    `is_differentiated`, an invalid prediction in the derivative.
    """
    if _refuse_outliers(xp, name, array, domain, advise, given=given, refuse_nan=refuse_nan):
        return array
    is_outside = lies_outside(xp, xp.stop_gradient(array), domain, or_nan=True)
    if is_differentiated and xp.differentiates:
        return nan_where(xp, is_outside, array)
    return xp.where(is_outside, math.nan, array)


def positive(xp: Namespace, name: str, array: Array, advice: str = "") -> Array:
    """Refuse numbers that are not above 0; those that cannot be read become NaN."""
    is_wrong = xp.stop_gradient(array) <= 0
    refuse(xp, name, array, is_wrong, "more than 0", advice)
    return nan_where(xp, is_wrong, array)


def refuse(
    xp: Namespace, name: str, array: Array, is_wrong: Array, expected: str, advice: str
) -> None:
    """Raise for the wrong numbers, where `check_domain` would read them."""
    xp.note_wrong(lambda: is_wrong)
    if not xp.is_readable(array) or not _any(xp, is_wrong):
        return
    array = xp.stop_gradient(array)
    if not xp.isdtype(array.dtype, "signed integer"):
        # torch 2.13 has no maximum of float8 and of uint64.
        array = xp.astype(array, xp.float_dtype)
    wrong = xp.where(is_wrong, array, 0)
    highest = float(xp.max(wrong))
    number = few_digits(highest or float(xp.min(wrong)))
    msg = f"`{name}` must be {expected}, got {number}{advice.format(outlier=number)}"
    raise ValueError(msg)


def nan_where(xp: Namespace, is_wrong: Array, array: Array) -> Array:
    """Return an array with NaN where it is wrong, by a factor: a constant NaN has derivative 0."""
    return array * xp.where(is_wrong, math.nan, xp.ones_like(array))


def _refuse_outliers(
    xp: Namespace,
    name: str,
    array: Array,
    domain: Domain,
    advise: Advise | None,
    *,
    given: Array | None = None,
    refuse_nan: bool = False,
) -> bool:
    """Refuse numbers outside the domain; return True if all are known to be inside or NaN."""
    is_unbounded = domain.is_unbounded
    if 0 in array.shape or (is_unbounded and not refuse_nan):
        return True
    if not xp.is_readable(array):
        if not is_unbounded:
            xp.note_wrong(lambda: lies_outside(xp, array, domain))
        return is_unbounded
    array = xp.stop_gradient(array)
    if not (domain.values or is_unbounded) and _lies_inside(xp, array, domain):
        return True
    if is_unbounded:
        _refuse_nan(xp, name, array, domain, advise)
        return True
    is_outside = lies_outside(xp, array, domain)
    # Under a trace, JAX 0.10.2 traces operations on known arrays too.
    if not xp.is_readable(found := xp.any(is_outside)):
        return False
    if found:
        number = _outlier(xp, array, is_outside, domain)
        if given is not None:
            number = _as_given(xp, given, array == number)
        raise ValueError(_message(name, number, domain if advise is None else advise(domain)))
    if refuse_nan:
        _refuse_nan(xp, name, array, domain, advise)
    return True


def _lies_inside(xp: Namespace, array: Array, domain: Domain) -> bool:
    """Return whether minimum and maximum, neither of them NaN, show that all is inside."""
    low, high = xp.min(array), xp.max(array)
    return xp.is_readable(low) and domain.low <= float(low) and float(high) <= domain.high


def _refuse_nan(
    xp: Namespace, name: str, array: Array, domain: Domain, advise: Advise | None
) -> None:
    """Refuse NaN where it can be read; the minimum of an array is NaN if any element is."""
    least = xp.min(array)
    if not xp.is_readable(least) or not math.isnan(least):
        return
    question = (domain if advise is None else advise(domain)).question
    msg = (
        f"`{name}` must be numbers where observed, got NaN{question}; if NaN means missing, pass "
        f'missing=float("nan")'
    )
    raise ValueError(msg)


def _message(name: str, number: float, domain: Domain) -> str:
    return f"`{name}` must be {domain}, got {few_digits(number)}{domain.advice_on(name, number)}"


def _outlier(xp: Namespace, array: Array, is_outside: Array, domain: Domain) -> float:
    """Return the lowest value outside; for an interval with none below, the highest above."""
    if domain.values:
        return float(xp.min(xp.where(is_outside, array, math.inf)))
    number = int if xp.isdtype(array.dtype, "integral") else float
    inside = number(min(max(0, domain.low), domain.high))
    outside = xp.where(is_outside, array, inside)
    lowest = number(xp.min(outside))
    return lowest if lowest < domain.low else number(xp.max(outside))


def _as_given(xp: Namespace, given: Array, is_it: Array) -> float:
    """Return the first number of an array at which a mask is True, with all its digits."""
    given = xp.reshape(xp.broadcast_to(given, xp.shape_of(is_it)), (-1,))
    # By one element: torch 2.13 computes little with uint64, and `int` of 2**63 or more fails.
    number = given[int(xp.argmax(xp.astype(xp.reshape(is_it, (-1,)), xp.index_dtype), axis=0))]
    number = number.item() if hasattr(number, "item") else number
    return int(number) if xp.isdtype(given.dtype, "integral") else float(number)


def _any(xp: Namespace, conditions: Array) -> bool:
    """Return whether any condition is known to hold; JAX 0.10.2 traces known arrays too."""
    found = xp.any(conditions)
    return xp.is_readable(found) and bool(found)
