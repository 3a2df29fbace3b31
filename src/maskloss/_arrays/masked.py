"""Masked arrays of `numpy.ma`, whose mask is True where a value is missing."""

from __future__ import annotations

from maskloss._arrays.kinds import is_instance
from maskloss._arrays.typing import Array


def is_masked_array(array: object) -> bool:
    """Return whether `array` is a masked array of `numpy.ma`."""
    return is_instance(array, "numpy.ma", "MaskedArray")


def refuse_masked_array(name: str, array: object) -> None:
    """Refuse a `numpy.ma` array where its mask would be lost."""
    if is_masked_array(array):
        msg = f"`{name}` is a numpy.ma array, but only the mask of the labels counts; pass its data"
        raise TypeError(msg)


def split_masked_array(labels: Array) -> tuple[Array, Array | None]:
    """Split a `numpy.ma` array into its data and a mask that is True where observed."""
    if not is_masked_array(labels):
        return labels, None
    import numpy as np

    return labels.data, ~np.ma.getmaskarray(labels)
