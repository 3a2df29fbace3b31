"""The dtypes that each argument may have, and the dtype of the computation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from .._arrays.kinds import quoted, scalar, shown
from .._arrays.lookup import array_namespace
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .domain import NON_NEGATIVE, Domain
from .outliers import check_domain, refuse

_MOST_OF_FLOAT32 = 3.4028234663852886e38


def compute_dtype(
    xp: Namespace, name: str, prediction: Array, labels: tuple[str, Array] | None = None
) -> object:
    """Return the dtype to compute in: the prediction's, or float32 for half precision.

    With the name and the array of the labels, the error says how to swap the two back.
    """
    if not xp.isdtype(prediction.dtype, "real floating"):
        msg = (
            f"{quoted(name)} must have a real floating dtype, got {prediction.dtype}; cast it first"
        )
        if labels is not None and xp.isdtype(labels[1].dtype, "real floating"):
            msg += f", or, if `{labels[0]}` are the predictions, swap the two"
        raise TypeError(msg)
    is_half = float(xp.finfo(prediction.dtype).eps) > 1e-6
    return xp.float32 if is_half else xp.native_dtype(prediction.dtype)


def check_labels(xp: Namespace, name: str, labels: Array, *, indexed: bool) -> None:
    """Refuse labels of a dtype that no loss takes."""
    if not xp.isdtype(labels.dtype, ("bool", "integral", "real floating")):
        msg = f"`{name}` must be bool, integer or floating, got {labels.dtype}"
        if str(labels.dtype) == "object":
            msg += "; `maskloss.from_table` makes labels and mask of objects with gaps"
        raise TypeError(msg)
    if indexed and not xp.isdtype(labels.dtype, "integral"):
        msg = (
            f"`{name}` of shape {tuple(labels.shape)} are class indices and must be integers, got "
            f"{labels.dtype}; cast them, NaN to a number that is no class, such as -1, and pass "
            f"missing=-1"
        )
        raise TypeError(msg)


def as_mask(
    xp: Namespace,
    mask: Array,
    like: Array,
    name: str = "mask",
    meaning: str = "observed",
    advice: str = "; compare other numbers first",
) -> Array:
    """Return a mask as a bool array, True where it is not 0.

    Numbers other than 0 and 1 raise where they can be read; see `not_a_mask`.
    """
    array = as_array(xp, mask, like.dtype, like)
    if xp.isdtype(array.dtype, "bool"):
        return array
    expected = f"bool or numbers 0 and 1, True where {meaning}"
    number = scalar(mask)
    if number is not None and number not in (0, 1):
        msg = f"`{name}` must be {expected}, got {number:g}{advice}"
        raise ValueError(msg)
    if not xp.isdtype(array.dtype, ("integral", "real floating")):
        msg = f"`{name}` must be {expected}, got {array.dtype}; cast it"
        raise TypeError(msg)
    refuse(xp, name, array, not_a_mask(array), expected, advice)
    return array != 0


def not_a_mask(array: Array) -> Array:
    """Return True where a mask of numbers is neither 0 nor 1."""
    return ~((array == 0) | (array == 1))


def unread_not_a_mask(xp: Namespace, mask: Array) -> Array | None:
    """Return `not_a_mask` of numbers that cannot be read; None for other masks."""
    if scalar(mask) is not None or xp.isdtype(mask.dtype, "bool") or xp.is_readable(mask):
        return None
    return not_a_mask(mask)


def as_array(xp: Namespace, value: Array | float, dtype: object, like: Array) -> Array:
    """Return a Python or NumPy scalar as an array on the device of `like`; an array as it is."""
    number = scalar(value)
    if number is None:
        return value
    if isinstance(number, bool):
        return xp.asarray_like(number, like)
    return xp.number_like(float(number), dtype, like)


def as_number(
    xp: Namespace,
    name: str,
    value: Array | float,
    dtype: object,
    like: Array,
    domain: Domain = NON_NEGATIVE,
    *,
    advice: str = "",
) -> Array:
    """Return numbers, such as a weight, as an array; the caller checks the observed ones."""
    check_range(xp, name, value, dtype)
    array = as_array(xp, value, dtype, like)
    if not xp.isdtype(array.dtype, ("integral", "real floating")):
        msg = f"`{name}` must be real numbers, got {array.dtype}; cast them{advice}"
        raise TypeError(msg)
    if scalar(value) is not None:
        check_domain(xp, name, value, domain)
    return array


def check_numbers(prediction: Array, given: Mapping[str, object], options: Iterable[str]) -> None:
    """Refuse options that are infinite in the dtype in which the loss is computed."""
    for name in options:
        if name in given and _is_large(given[name]):
            xp = array_namespace({"the prediction": prediction})
            check_range(xp, name, given[name], compute_dtype(xp, "the prediction", prediction))


def _is_large(value: object) -> bool:
    number = scalar(value)
    return number is not None and abs(number) > _MOST_OF_FLOAT32


def check_range(xp: Namespace, name: str, value: object, dtype: object) -> None:
    """Refuse a number that is infinite in the dtype of the computation."""
    number = scalar(value)
    if number is None or not _is_large(value):
        return
    most = float(xp.finfo(dtype).max)
    is_infinite = number == value and math.isinf(number)
    if abs(number) > most and not is_infinite:
        msg = (
            f"`{name}` must be at most {most:.4g} in size, the largest number of {dtype}, in which "
            f"the loss is computed, got {shown(value)}"
        )
        raise ValueError(msg)


def cast(xp: Namespace, array: Array, dtype: object) -> Array:
    """Cast `array`; return it as it is if it has the dtype."""
    return array if array.dtype == dtype else xp.astype(array, dtype)


def widen_integers(xp: Namespace, integers: Array) -> Array:
    """Cast integers to the index dtype, unless their own dtype has more values."""
    return integers if _is_wider(xp, integers.dtype) else cast(xp, integers, xp.index_dtype)


def as_index(xp: Namespace, integers: Array) -> Array:
    """Cast integers to the index dtype; clip those that it cannot hold to its limits.

    MLX has indices of int32: without clipping, 2**32 would become 0, a valid class.
    """
    if _is_wider(xp, integers.dtype):
        info = xp.iinfo(xp.index_dtype)
        integers = xp.where(integers > info.max, info.max, integers)
        if xp.iinfo(integers.dtype).min < 0:
            integers = xp.where(integers < info.min, info.min, integers)
    index = cast(xp, integers, xp.index_dtype)
    most = int(xp.iinfo(xp.index_dtype).max)
    if int(xp.iinfo(integers.dtype).max) > most:
        index = xp.where(index < 0, most, index)  # an unsigned integer that was cut
    return index


def _is_wider(xp: Namespace, dtype: object) -> bool:
    """Return whether a dtype has more values than the index dtype, so that a cast loses some."""
    if dtype == xp.index_dtype:
        return False
    own, index = xp.iinfo(dtype), xp.iinfo(xp.index_dtype)
    return int(own.max) - int(own.min) > int(index.max) - int(index.min)


def safe_cast(
    xp: Namespace, observed: Array | None, array: Array, fill_value: float, dtype: object
) -> Array:
    """Cast `array`, with `fill_value` where nothing is observed: bad values enter no formula."""
    if not xp.isdtype(array.dtype, "real floating"):
        # `where` needs a number of the array's kind; bools and integers cannot be bad.
        array, fill_value = xp.astype(array, dtype), int(fill_value)
    if observed is not None:
        # Before the cast of a floating array: a cast that overflows would warn.
        array = xp.where(observed, array, fill_value)
    return cast(xp, array, dtype)
