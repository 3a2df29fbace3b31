"""Labels with their masks, and where they are observed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from .._arrays.kinds import scalar
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .bound_layout import BoundLayout
from .missing import Missing, is_missing

# Returns some entries of an array that is lined up with the prediction.
Select = Callable[[Array], Array]


def select_all(array: Array) -> Array:
    """Return all entries of an array."""
    return array


class MaskedLabels(NamedTuple):
    """Labels, and their masks, which are True where observed.

    Attributes
    ----------
    values : array
        The labels. Class indices keep the class axis, with size 1.
    mask : array, optional
        The keyword `mask` of the call.
    own_mask : array, optional
        The mask of a `numpy.ma` array, inverted.
    """

    values: Array
    mask: Array | None = None
    own_mask: Array | None = None

    def map(self, function: Select) -> MaskedLabels:
        """Apply a function to each of the arrays."""
        return MaskedLabels(*(None if array is None else function(array) for array in self))


def what_is_observed(
    xp: Namespace, layout: BoundLayout, name: str, labels: MaskedLabels, missing: Missing
) -> Array | None:
    """Return True where both masks and `missing` say observed; None if none of them is given."""
    known = [] if labels.own_mask is None else [layout.known_labels(xp, labels.own_mask)]
    if missing is not None:
        is_known = ~is_missing(xp, name, labels.values, missing)
        known.append(layout.known_labels(xp, is_known))
    if labels.mask is not None:
        known.append(labels.mask)
    # Not `&`, which is wrong in MLX 0.32.4 under vmap if only one of two arrays is mapped.
    return functools.reduce(xp.logical_and, known) if known else None


def is_array_like(value: object) -> bool:
    """Return whether `value` is neither None nor a number, and so must be an array."""
    return value is not None and scalar(value) is None
