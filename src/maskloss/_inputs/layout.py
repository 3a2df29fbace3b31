"""The division of a prediction into entries: its elements, or its rows."""

from __future__ import annotations

from dataclasses import replace
from types import EllipsisType
from typing import NamedTuple

from .._arrays.kinds import is_argument, quoted
from .._arrays.typing import Shape
from .bound_layout import BoundLayout, fits


class EntryLayout(NamedTuple):
    """How a loss divides its prediction into entries.

    Attributes
    ----------
    row_axes : int, tuple of int, ... or None
        The axes of the row that is an entry; ``...`` makes the whole prediction one entry, None
        each element.
    coupled : bool
        Whether a row with missing elements has the loss of the row of its observed elements.
        Otherwise a row with a missing element is missing.
    indices : bool
        Whether labels must be class indices.
    same_shape : bool
        Whether labels must have the shape of the prediction, and are no class indices.
    keyword : str
        The keyword to name in errors about the axis, or words where the axis is no argument.
    class_axis : int, optional
        The axis of the classes where an entry is an element, by default the last; of coupled rows,
        the axis that labels of class indices lack.
    row_numbers : bool
        Whether labels must be numbers, one for each row.
    class_lists : bool
        Whether labels must be lists of class indices, padded to the shape of the prediction.
    row_option : str
        The option that makes rows along the class axis entries, where an entry is an element.
    """

    row_axes: int | tuple[int, ...] | EllipsisType | None = None
    coupled: bool = False
    indices: bool = False
    same_shape: bool = False
    keyword: str = "class_axis"
    class_axis: int | None = None
    row_numbers: bool = False
    class_lists: bool = False
    row_option: str = ""

    def axes_of(self, name: str, shape: Shape) -> Shape:
        """Return the axes of a row, counted from the front."""
        if self.row_axes is None:
            return ()
        if isinstance(self.row_axes, EllipsisType):
            return tuple(range(len(shape)))
        axes = self.row_axes if isinstance(self.row_axes, tuple) else (self.row_axes,)
        for axis in axes:
            self._check_axis(name, shape, axis)
        places = tuple(sorted({axis % len(shape) for axis in axes}))
        if axes[1:] and len(places) < len(axes):
            msg = (
                f"`{self.keyword}`={axes} names an axis of {quoted(name)}, of shape {shape}, twice"
            )
            raise ValueError(msg)
        return places

    def _check_axis(self, name: str, shape: Shape, axis: int) -> None:
        if not -len(shape) <= axis < len(shape):
            msg = (
                f"{self._named(axis)} is no axis of {quoted(name)} of shape {shape}; an entry is a "
                f"row, which needs an axis of its own"
            )
            raise ValueError(msg)
        if shape[axis] == 0 and not self.coupled:
            msg = f"{quoted(name)} of shape {shape} has no element along {self._named(axis)}"
            raise ValueError(msg)

    def _named(self, axis: object) -> str:
        """Return the axis of a row as the caller gave it, or in words."""
        return f"`{self.keyword}`={axis}" if is_argument(self.keyword) else self.keyword

    def _class_axis_of(self, name: str, shape: Shape) -> int | None:
        """Return the axis of the classes of elements, counted from the front; None if not named."""
        axis = self.class_axis
        if axis is not None and not -len(shape) <= axis < len(shape):
            msg = f"`class_axis`={axis} is no axis of {quoted(name)} of shape {shape}"
            raise ValueError(msg)
        return None if axis is None else axis % len(shape)

    def bind(self, names: tuple[str, str], prediction: Shape, labels: Shape) -> BoundLayout:
        """Check the shapes of prediction and labels, and return the layout of the entries."""
        if self == ELEMENTS and labels == prediction:  # what most calls are: nothing to check
            return BoundLayout(prediction)
        axes = self.axes_of(names[0], prediction)
        class_axis = self._class_axis_of(names[0], prediction)
        bound = BoundLayout(
            prediction,
            axes,
            coupled=self.coupled,
            named_class_axis=class_axis,
            has_class_rows=bool(axes) and self.keyword in ("class_axis", CLASS_AXIS),
            row_option=self.row_option,
        )
        if self.row_numbers:
            return self._with_row_numbers(bound, names, labels)
        if labels == prediction and not self.indices:
            return bound
        if self.coupled and class_axis is not None:
            return self._with_class_indices(bound, names, labels, "one number per class")
        if not axes or self.coupled or self.same_shape or self.class_lists:
            advice = self._advice(prediction, labels)
            msg = (
                f"`{names[1]}` must have the shape of {quoted(names[0])}, {prediction}, got "
                f"{labels}; nothing is broadcast{': ' if advice else ''}{advice}"
            )
            raise ValueError(msg)
        return self._with_class_indices(bound, names, labels, "class probabilities")

    def _with_row_numbers(
        self, bound: BoundLayout, names: tuple[str, str], labels: Shape
    ) -> BoundLayout:
        bound = replace(bound, has_row_numbers=True)
        if labels != bound.labels:
            msg = (
                f"`{names[1]}` must have shape {bound.labels}, one number for each row along "
                f"{self._named(self.row_axes)} of {quoted(names[0])} of shape {bound.shape}, got "
                f"{labels}"
            )
            raise ValueError(msg)
        return bound

    def _advice(self, prediction: Shape, labels: Shape) -> str:
        if _without_ones(prediction) == _without_ones(labels):
            return "reshape one of them, for example (N, 1) to (N,)"
        if self.class_lists:
            return "pad the classes of each row with -1, or use a loss of one class per row"
        if lacked := _lacked(prediction, labels):
            return self._advice_on_classes(f"pass {_class_axes(lacked)}")
        if not fits(labels, prediction):
            return ""
        classes = self._advice_on_classes("pass `class_axis`, and labels without that axis")
        return f"repeat the labels along each axis of size 1{'; ' if classes else ''}{classes}"

    def _advice_on_classes(self, of_pixels: str) -> str:
        """Say how to pass class indices, where an entry may have classes."""
        advice = {
            "spatial_axes": of_pixels,
            "class_axis": (
                "make them one-hot, or take a loss of one class of several, such as cross_entropy"
            ),
        }.get(self.keyword)
        return f"if the labels are class indices, {advice}" if advice else ""

    def _with_class_indices(
        self, bound: BoundLayout, names: tuple[str, str], labels: Shape, otherwise: str
    ) -> BoundLayout:
        bound, shape = replace(bound, has_class_indices=True), bound.shape
        if labels != bound.labels:
            axis = f"`class_axis`={self.class_axis}" if self.coupled else self._named(self.row_axes)
            or_numbers = "" if self.indices else f" or {shape} ({otherwise})"
            takes_axis = self.coupled or is_argument(self.keyword)
            msg = (
                f"`{names[1]}` must have shape {bound.labels} (class indices){or_numbers} for "
                f"{quoted(names[0])} of shape {shape}{f' with {axis}' if takes_axis else ''}, got "
                f"{labels}"
            )
            advice = _advice_on_indices(bound, labels, only=self.indices, takes_axis=takes_axis)
            raise ValueError(msg + advice)
        return bound


def _lacked(prediction: Shape, labels: Shape) -> list[int]:
    """Return the axes without which the prediction would have the shape of the labels."""
    axes = range(len(prediction))
    return [axis for axis in axes if prediction[:axis] + prediction[axis + 1 :] == labels]


def _class_axes(axes: list[int]) -> str:
    return " or ".join(f"class_axis={axis}" for axis in axes)


def _without_ones(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)


def _advice_on_indices(bound: BoundLayout, labels: Shape, *, only: bool, takes_axis: bool) -> str:
    """Say which axis of the classes the labels fit, or the shape that they need."""
    fitting = [axis for axis in _lacked(bound.shape, labels) if bound.shape[axis] != 1]
    if fitting and takes_axis:
        return f"; the labels fit {_class_axes(fitting)}"
    for wanted in (bound.labels,) if only else (bound.labels, bound.shape):
        if _without_ones(labels) == _without_ones(wanted):
            return f"; reshape them to {wanted}"
    return ""


# The axis of the classes where it is no argument.
CLASS_AXIS = "the class axis"
ELEMENTS = EntryLayout()
