"""A call of a loss, with all that is needed to check it, and the arrays of a library."""

import math
from dataclasses import dataclass

import numpy as np

from helpers.frameworks import asnumpy, dtype_of
from helpers.layouts import cast


@dataclass
class Call:
    """A call: the arguments by name, the two arrays first.

    Attributes
    ----------
    dirty : dict
        The same arguments with anything where nothing is observed.
    terms : dict
        The exact entries.
    numbers : int array
        The number of each entry, to which `owners` refers.
    owners : int array
        For each element of the prediction, the number of the entry that depends on it.
    slopes, curvatures : array
        The exact derivatives of the entries, laid out as the prediction.
    counted, weight : array
        Which entries count, and their weights.
    hidden : bool array
        Which elements of the prediction are not observed.
    way : dict
        How the entries are reduced, in numbers of NumPy.
    has_class_indices : bool
        Whether the labels are class indices, one for each row.
    """

    case: object
    backend: object
    arguments: dict
    dirty: dict
    terms: dict
    numbers: object
    owners: object
    slopes: object
    curvatures: object
    counted: object
    weight: object
    hidden: object
    way: dict
    has_class_indices: bool

    @property
    def loss(self):
        return self.case.loss

    @property
    def input_names(self):
        return self.loss.record.inputs.names

    def __str__(self):
        shown = ", ".join(f"{name}={_shown(value)}" for name, value in self.arguments.items())
        return f"{self.loss.__name__}({shown})"


def _shown(value):
    if not hasattr(value, "dtype"):
        return repr(value)
    shape = tuple(value.shape)
    is_short = math.prod(shape) <= 6 and "complex" not in dtype_of(value)
    return f"{dtype_of(value)}{shape}{f' {asnumpy(value).tolist()}' if is_short else ''}"


def native(backend, array, dtype, layout="plain"):
    """Return numbers as an array of the library, of a dtype, laid out in memory in some way."""
    xp, array = backend.namespace, np.asarray(array)
    if array.ndim and layout == "transposed":
        axes = tuple(reversed(range(array.ndim)))
        there = cast(backend, np.ascontiguousarray(array.transpose(axes)), dtype)
        return xp.permute_dims(there, axes)
    if array.ndim and layout == "strided":
        return cast(backend, np.repeat(array, 2, axis=-1), dtype)[..., ::2]
    if array.ndim and layout == "reversed":
        return xp.flip(cast(backend, np.flip(array).copy(), dtype))
    return cast(backend, array, dtype)
