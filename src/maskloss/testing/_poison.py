"""Fill what is not observed with numbers that a loss must not see."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._arrays.kinds import is_instance, shown
from .._arrays.lookup import array_namespace
from .._arrays.namespace import Namespace
from .._arrays.typing import Array

#: What `poison_unobserved` fills in; "huge" is the largest number of the dtype.
POISONS = ("nan", "inf", "-inf", "huge", "-huge", "plausible")


def poison_unobserved(
    array: Array, mask: Array, poison: str = "nan", *, class_axis: int | None = None
) -> Array:
    """Return a copy of an array, filled with a poison where nothing is observed.

    Parameters
    ----------
    array : array
        Predictions, labels or weights, of any library. They have the shape of the mask, or more
        axes at the end, such as the axis of the classes of logits.
    mask : bool array
        True where observed, of the library of `array` or of NumPy. Numbers count as True unless
        they are 0.
    poison : str, default: "nan"
        One of `POISONS`. Integers hold -1 for ``"nan"`` and their largest or least number for the
        infinities; bools are inverted. ``"plausible"`` takes observed numbers of the array.
    class_axis : int, optional
        The axis of the array that the mask lacks, if it is not the last: 1 for logits
        (N, C, H, W) and a mask (N, H, W).

    Returns
    -------
    array
        The filled array, of the same library, dtype and device.

    Raises
    ------
    TypeError
        If `array` is no array.
    ValueError
        If `poison` is unknown, or the mask does not fit the array.

    Examples
    --------
    >>> import numpy as np
    >>> from maskloss.testing import poison_unobserved
    >>> poison_unobserved(np.asarray([1.0, 2.0, 3.0]), np.asarray([True, False, True]), "-inf")
    array([  1., -inf,   3.])
    """
    if poison not in POISONS:
        msg = f"`poison` must be one of {', '.join(map(repr, POISONS))}, got {shown(poison)}"
        raise ValueError(msg)
    return fill(array, observed("array", array, mask, class_axis), poison)


def fill(array: Array, known: Any, poison: str) -> Array:
    """Return a filled copy; `known` is a mask of NumPy in the shape of the array."""
    xp = array_namespace({"array": array})
    return xp.where(xp.asarray_like(known, array), array, _filling(xp, array, known, poison))


def observed(name: str, array: Array, mask: Array, class_axis: int | None) -> Any:
    """Return the mask of the elements of an array, of NumPy and in its shape."""
    array_namespace({name: array})  # raises for what is no array
    known, shape = as_numpy(mask) != 0, tuple(array.shape)
    axis = None if class_axis is None else class_axis % max(len(shape), 1)
    if known.shape != shape and axis is not None and len(shape) == known.ndim + 1:
        known = np.expand_dims(known, axis)
    elif known.shape == shape[: known.ndim]:
        known = known.reshape(known.shape + (1,) * (len(shape) - known.ndim))
    if known.ndim == len(shape) and all(
        m in {1, n} for m, n in zip(known.shape, shape, strict=True)
    ):
        return np.array(np.broadcast_to(known, shape))  # torch 2.13 warns of views
    msg = (
        f"`{name}` must have the shape of `mask`, {as_numpy(mask).shape}, or more axes at the end, "
        f"got {shape}; name the axis of classes by `class_axis`, and bind other arrays to the loss "
        "by functools.partial"
    )
    raise ValueError(msg)


def as_numpy(array: Array) -> Any:
    """Return an array of bools or numbers as NumPy's."""
    if is_instance(array, "torch", "Tensor"):
        array = array.detach().cpu()
    elif is_instance(array, "cupy", "ndarray"):
        array = array.get()
    return np.asarray(array)


def _filling(xp: Namespace, array: Array, known: Any, poison: str) -> Array:
    """Return what to put where nothing is observed: a number of the array's dtype, or an array."""
    if xp.isdtype(array.dtype, "bool"):
        return ~array
    if poison == "plausible":
        return _plausible(xp, array, known)
    return xp.number_like(_number(xp, array.dtype, poison), array.dtype, array)


def _number(xp: Namespace, dtype: Any, poison: str) -> float:
    sign = -1 if poison.startswith("-") else 1
    if xp.isdtype(dtype, "real floating"):
        if poison == "nan":
            return float("nan")
        return sign * (float("inf") if poison.endswith("inf") else float(xp.finfo(dtype).max))
    limits = xp.iinfo(dtype)
    if poison == "nan":
        return max(-1, int(limits.min))
    return int(limits.min if sign < 0 else limits.max)


def _plausible(xp: Namespace, array: Array, known: Any) -> Array:
    """Return observed elements for all places; where all are equal, another number."""
    places = np.flatnonzero(known)
    is_real = xp.isdtype(array.dtype, "real floating")
    if not places.size:
        return xp.number_like(1, array.dtype, array)
    flat = xp.reshape(array, (-1,))
    first = flat[int(places[0])]
    if bool(xp.all(xp.take_rows(flat, xp.asarray_like(places, array)) == first)):
        value = float(first)
        other = (value / 2 if is_real else 0) if value else 1
        return xp.number_like(other, array.dtype, array)
    index = places[np.arange(known.size) % places.size]
    taken = xp.take_rows(flat, xp.asarray_like(index, array))
    return xp.reshape(taken, tuple(array.shape))
