"""Label values that mean missing."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable
from typing import TypeAlias

from .._arrays.kinds import if_traced, quoted, scalar, shown
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .domain import Domain

Missing: TypeAlias = float | tuple[float, ...] | list[float] | None


def as_tuple(missing: Missing) -> tuple[float, ...]:
    """Return the values that mean missing as a tuple, perhaps empty."""
    if missing is None:
        return ()
    return tuple(missing) if isinstance(missing, tuple | list) else (missing,)


def refuse_meanings(name: str, labels: Domain, missing: Missing) -> None:
    """Refuse `missing` values that have a meaning as labels: all such labels would vanish."""
    meanings = dict(zip(labels.values, labels.names, strict=True))
    for number in map(scalar, as_tuple(missing)):
        if number in meanings and not isinstance(number, bool):
            msg = (
                f"`missing` must not be a label with a meaning, got {number:g}, which "
                f"means {meanings[number]} in {quoted(name)}; mark missing labels by another "
                f"number than {', '.join(f'{value:g}' for value in meanings)}, or by `mask`"
            )
            raise ValueError(msg)


def numbers_of(missing: Missing) -> list[float]:
    """Return the values that mean missing as Python's numbers; refuse other things."""
    # Without an assignment inside the list: Dynamo (torch 2.13) cannot trace it.
    found = [scalar(value) for value in as_tuple(missing)]
    numbers = [number for number in found if number is not None and not isinstance(number, bool)]
    if not numbers or len(numbers) < len(found):
        msg = (
            f"`missing` must be a number, nan, or a tuple or list of them, got {shown(missing)}"
            f"{if_traced('missing', missing)}"
        )
        raise TypeError(msg)
    return numbers


def is_missing(xp: Namespace, name: str, labels: Array, missing: Missing) -> Array:
    """Return True where a label is one of the values `missing`."""
    # For an integer beyond every float, `scalar` gives infinity; no label equals such an integer.
    pairs = zip(numbers_of(missing), as_tuple(missing), strict=True)
    held = [number for number, value in pairs if not _is_rounded(number, value)]
    hits = is_one_of(xp, labels, held)
    if hits is None:
        msg = (
            f"`missing`={shown(missing)} cannot occur in `{name}` of dtype {labels.dtype}; "
            f"give the number that marks missing labels there, or cast the labels to a dtype that "
            f"holds it"
        )
        raise ValueError(msg)
    return hits


def is_one_of(xp: Namespace, labels: Array, numbers: Iterable[float]) -> Array | None:
    """Return True where a label is one of `numbers`; None if their dtype can hold none of them."""
    possible = [number for number in numbers if can_hold(xp, labels.dtype, number)]
    if not possible:
        return None
    return functools.reduce(operator.or_, [_equals(xp, labels, number) for number in possible])


def _is_rounded(number: float, value: float) -> bool:
    return math.isinf(number) and number != value


def _equals(xp: Namespace, labels: Array, number: float) -> Array:
    if math.isnan(number):
        return xp.isnan(labels)
    if xp.isdtype(labels.dtype, "real floating"):
        return labels == number
    kind = bool if xp.isdtype(labels.dtype, "bool") else int
    if number >= 2**63:  # JAX 0.10.2 takes a bare integer for an int64
        return labels == xp.number_like(int(number), labels.dtype, labels)
    return labels == kind(number)


def can_hold(xp: Namespace, dtype: object, number: float) -> bool:
    """Return whether `dtype` can hold `number`: for torch 2.13, a uint8 255 equals -1."""
    if xp.isdtype(dtype, "real floating"):
        return not math.isfinite(number) or abs(number) <= float(xp.finfo(dtype).max)
    if not math.isfinite(number) or number != int(number):
        return False
    if xp.isdtype(dtype, "bool"):
        return number in (0, 1)
    return bool(xp.iinfo(dtype).min <= number <= xp.iinfo(dtype).max)
