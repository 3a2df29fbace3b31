"""NumPy as the formulas see it: the standard's names, with a `where` that takes no branches."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import numpy as compat

# Floats, and the integers of their bits.
_BITS: dict[Any, Any] = {
    np.dtype(np.float32): np.dtype(np.int32),
    np.dtype(np.float64): np.dtype(np.int64),
}
# Elements from which on branches take longer than the calls that avoid them.
_MANY = 2048


def __getattr__(name: str) -> Any:
    """Return what is as in array-api-compat."""
    value = getattr(compat, name)
    globals()[name] = value  # asked for once
    return value


def where(condition: Any, first: Any, second: Any) -> Any:
    """Return what `numpy.where` returns, of many floats by products of their bits.

    The processor predicts its branch for each element wrongly where signs or labels are random:
    3.1 ns for one element, of which a product takes 0.1, an exponential 0.5 and this 0.2 or 0.4.
    """
    if condition.size < _MANY or condition.dtype != np.bool_:
        return np.where(condition, first, second)
    dtype = np.result_type(first, second)
    if dtype not in _BITS:
        return np.where(condition, first, second)
    if _is_zero(first):
        condition, first, second = ~condition, second, first
    chosen, wanted = condition.astype(_BITS[dtype]), _bits(first, dtype)
    if _is_zero(second):
        return (chosen * wanted).view(dtype)
    other = _bits(second, dtype)
    result = chosen * (wanted ^ other)
    result ^= other
    return result.view(dtype)


def where_both(condition: Any, first: Any, second: Any) -> tuple[Any, Any]:
    """Return where(condition, first, second) and where(condition, second, first)."""
    chosen = where(condition, first, second)
    dtype = chosen.dtype
    if chosen.size < _MANY or dtype not in _BITS:
        return chosen, np.where(condition, second, first)
    rest = _bits(chosen, dtype) ^ _bits(first, dtype)
    if not _is_zero(second):
        rest ^= _bits(second, dtype)
    return chosen, rest.view(dtype)


def _bits(value: Any, dtype: Any) -> Any:
    return np.asarray(value, dtype).view(_BITS[dtype])


def _is_zero(value: Any) -> bool:
    """Whether a number has no bit set, as -0.0 has."""
    return type(value) is float and value == 0 and math.copysign(1, value) > 0
