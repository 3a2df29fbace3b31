"""Masked arrays of `numpy.ma`, whose mask is True where a value is missing."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from .typing import Array


def is_masked_array(array: object) -> bool:
    """Return whether `array` is a masked array of `numpy.ma`."""
    masked = sys.modules.get("numpy.ma")
    return masked is not None and isinstance(array, masked.MaskedArray)


def refuse_masked_arrays(arrays: Mapping[str, object]) -> None:
    """Refuse `numpy.ma` arrays other than the labels: their masks would be lost."""
    masked = sys.modules.get("numpy.ma")
    if masked is None:
        return
    for name, array in arrays.items():
        if isinstance(array, masked.MaskedArray):
            msg = (
                f"`{name}` is a numpy.ma array, but only the mask of the labels counts; pass its "
                f"data"
            )
            raise TypeError(msg)


def split_masked_array(labels: Array) -> tuple[Array, Array | None]:
    """Return the labels of a `numpy.ma` array, and a mask that is True where observed."""
    if not is_masked_array(labels):
        return labels, None
    import numpy as np

    return labels.data, ~np.ma.getmaskarray(labels)
