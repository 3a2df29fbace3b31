"""The parts that docstrings of several functions of labels share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .._docstrings import fill
from .encodings import documentation

F = TypeVar("F", bound=Callable[..., object])

_PARTS = {
    "counted_labels": """\
labels : array, shape (..., C) or any
    Labels y in [0, 1] with the classes along the last axis; with `classes`, class indices of
    any shape. Pass all labels of the training set, or a sample that represents it.
classes : int, optional
    The number of classes C of class indices.""",
    "class_axis": """\
class_axis : int, optional
    The axis of the classes. By default the last; above two dimensions it must be named.""",
    "class_labels": """\
labels : array, shape (..., C)
    Labels y in [0, 1], with the classes along the last axis.""",
    "observation": """\
mask : bool array, optional
    True where the label is observed: a scalar, or an array with the dimensions of `labels`
    and sizes 1 or equal. Numbers 0 and 1 are accepted as well.
missing : float, or tuple or list of float, optional
    Label values that mean missing, such as ``-1`` or ``nan``.""",
    "class_weight": """\
array
    For class indices, shape (C,): the `class_weight` of `cross_entropy`. For other labels, the
    dimensions of `labels` with size C at the end and 1 elsewhere: the `weight` of any loss
    whose entries are elements. A class without an observed positive has weight 1.""",
    "encodings": documentation(),
}


def documented(function: F) -> F:
    """Put the shared parts into the docstring of a function."""
    function.__doc__ = fill(function.__doc__, **_PARTS)
    return function
