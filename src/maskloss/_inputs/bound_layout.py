"""The entries of the prediction of a call, and how other arrays line up with them.

Only axes of size 1 are broadcast; no axis is added.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape


@dataclass(slots=True, unsafe_hash=True)  # not frozen: a call would take 1 us more
class BoundLayout:
    """The layout of a prediction whose entries are its elements or its rows.

    Attributes
    ----------
    shape : tuple of int
        Shape of the prediction.
    row_axes : tuple of int
        The axes of a row, counted from the front; empty where an entry is an element.
    has_class_indices : bool
        Whether the labels are class indices, without the class axis; those of coupled rows are
        repeated along it.
    coupled : bool
        Whether the elements of a row are observed one by one.
    named_class_axis : int, optional
        The axis of the classes that the call named, where an entry is an element or a coupled row.
    has_row_numbers : bool
        Whether the labels are numbers, one for each row, without its axes.
    has_class_rows : bool
        Whether a row has an element for each class.
    row_option : str
        The option that makes rows along the class axis entries, where an entry is an element.
    """

    shape: Shape
    row_axes: Shape = ()
    has_class_indices: bool = False
    coupled: bool = False
    named_class_axis: int | None = None
    has_row_numbers: bool = False
    has_class_rows: bool = False
    row_option: str = ""

    @property
    def has_row_labels(self) -> bool:
        """Whether the labels lack the axes of a row: class indices, or numbers."""
        return self.has_class_indices or self.has_row_numbers

    @property
    def entries(self) -> Shape:
        """Shape of the entries."""
        if not self.row_axes:
            return self.shape
        return tuple(n for axis, n in enumerate(self.shape) if axis not in self.row_axes)

    @property
    def rows(self) -> Shape:
        """Shape of the entries with the axes of a row kept, of size 1."""
        if not self.row_axes:
            return self.shape
        return tuple(1 if axis in self.row_axes else n for axis, n in enumerate(self.shape))

    @property
    def labels(self) -> Shape:
        """Shape of the labels that the call gives."""
        if not self.has_row_labels:
            return self.shape
        lacks = (self.class_axis,) if self.coupled else self.row_axes
        return tuple(n for axis, n in enumerate(self.shape) if axis not in lacks)

    @property
    def _without_classes(self) -> Shape:
        return tuple(n for axis, n in enumerate(self.shape) if axis != self.class_axis)

    @property
    def class_axis(self) -> int:
        """The axis of the classes: the named one, else the axis of a row, else the last axis."""
        if self.named_class_axis is not None:
            return self.named_class_axis
        return self.row_axes[-1] if self.row_axes else len(self.shape) - 1

    @property
    def class_axis_of_entries(self) -> int:
        """The axis of the entries over which "macro" averages."""
        if self.class_axis in self.row_axes:
            return len(self.entries) - 1
        return self.class_axis - sum(axis < self.class_axis for axis in self.row_axes)

    def require_class_axis(self, name: str) -> None:
        """Refuse numbers per class of elements if it is not clear which axis has the classes."""
        if not self.row_axes and self.named_class_axis is None and len(self.shape) > 2:
            msg = (
                f"`class_axis` must name the axis of the classes for {name} of a prediction of "
                f"shape {self.shape}, which has more than two dimensions; for images (N, C, H, W) "
                f"pass class_axis=1"
            )
            raise ValueError(msg)

    def require_axis_of_macro(self) -> None:
        """Refuse "macro" if it is not clear over which axis of the entries it averages."""
        self.require_class_axis('reduction="macro"')
        if self.has_class_rows and len(self.entries) > 2:
            msg = (
                f'reduction="macro" averages over the last axis of entries (N, tasks), but the '
                f"entries, which are rows of classes, have shape {self.entries}; pass "
                f"`axis` for one mean per place along other axes"
            )
            if self.has_class_indices and not self.coupled:
                msg += (
                    '; for the mean of each class, pass reduction="weighted_mean" and '
                    "class_weight=inverse_frequency_weight(labels, classes=C)"
                )
            raise ValueError(msg)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.shape[self.class_axis] if self.shape else 1

    def expand(self, xp: Namespace, array: Array) -> Array:
        """Add the axes of a row to an array of the entries."""
        for axis in self.row_axes:
            array = xp.expand_dims(array, axis=axis)
        return array

    def expand_labels(self, xp: Namespace, labels: Array) -> Array:
        """Add the axes that labels of rows, or their mask, lack."""
        if not self.coupled:
            return self.expand(xp, labels)
        return xp.broadcast_to(xp.expand_dims(labels, axis=self.class_axis), self.shape)

    def squeeze(self, xp: Namespace, array: Array) -> Array:
        """Remove the axes of a row, of size 1, from an array of the entries."""
        return xp.squeeze(array, axis=self.row_axes) if self.row_axes else array

    def any_of_row(self, xp: Namespace, known: Array) -> Array:
        """Return True for the rows with a known element."""
        return xp.any(known, axis=self.row_axes, keepdims=True) if self.coupled else known

    def known_labels(self, xp: Namespace, known: Array) -> Array:
        """Return the mask of the observed entries, given the mask of the known labels."""
        if self.has_row_labels or self.coupled or not self.row_axes:
            return known
        return xp.all(known, axis=self.row_axes, keepdims=True)

    def line_up_mask(self, xp: Namespace, mask: Array, keywords: Collection[str] = ()) -> Array:
        """Broadcast a mask to the entries, or to the elements of coupled rows."""
        if not self.coupled:
            return self.line_up(xp, "mask", mask, keywords)
        given = xp.shape_of(mask)
        if self.named_class_axis is not None and len(given) == len(self.shape) - 1:
            mask = xp.expand_dims(mask, axis=self.named_class_axis)
        if given != () and not fits(xp.shape_of(mask), self.shape):
            msg = (
                f"`mask` must be a scalar or have {len(self.shape)} dimension(s) with sizes 1 or "
                f"those of the prediction, {self.shape}, got shape {given}; a mask of "
                f"whole rows needs their axes with size 1"
            )
            raise ValueError(msg)
        return xp.broadcast_to(mask, self.shape)

    def line_up(
        self, xp: Namespace, name: str, array: Array, keywords: Collection[str] = ()
    ) -> Array:
        """Broadcast a mask or weight to the rows: a scalar, or sizes 1 or equal.

        The error may recommend one of the `keywords`, the loss's other arrays.
        """
        given = xp.shape_of(array)
        # A size that is unknown until a graph runs may be 1.
        if given == self.shape and not self.row_axes and xp.knows_sizes(given):
            return array
        rows = self.rows
        if given == ():
            array = xp.reshape(array, (1,) * len(rows))
        elif len(given) == len(self.entries):
            array = self.expand(xp, array)
        if not fits(xp.shape_of(array), rows):
            msg = (
                f"`{name}` must be a scalar or have {len(self.entries)} dimension(s) with sizes 1 "
                f"or those of the entries, {self.entries}, got shape {given}"
                f"{self._advice(name, given, keywords)}"
            )
            raise ValueError(msg)
        is_alike = xp.knows_sizes(rows) and xp.shape_of(array) == rows
        return array if is_alike else xp.broadcast_to(array, rows)

    def _advice(self, name: str, given: Shape, keywords: Collection[str]) -> str:
        """Suggest a keyword or a shape that fits."""
        class_keyword = f"class_{name}"
        if self.row_axes and class_keyword in keywords and given == (self.classes,):
            return f"; an array with an element for each class goes to `{class_keyword}`"
        if self.row_option and given == self._without_classes:
            return f"; {self.row_option} makes each row along the class axis an entry"
        fitting = [
            tuple(size if k == axis else 1 for k in range(len(self.entries)))
            for axis, size in enumerate(self.entries)
            if given == (size,)
        ]
        if not fitting and math.prod(given) == math.prod(self.entries):
            fitting = [self.entries]
        return f"; reshape it to {' or '.join(map(str, fitting))}" if fitting else ""

    def line_up_classes(
        self, xp: Namespace, name: str, array: Array, *, of_each_row: bool = False
    ) -> Array:
        """Line up numbers per class, a scalar or (C,), with the prediction.

        An array may also have all dimensions of the prediction; where an entry is an element, or
        with `of_each_row`, one number per element.
        """
        given, ndim, axis = xp.shape_of(array), len(self.shape), self.class_axis
        per_class = tuple(self.classes if k == axis else 1 for k in range(ndim))
        if given == ():
            return xp.reshape(array, (1,) * ndim)
        if fits(given, per_class if self.row_axes and not of_each_row else self.shape):
            return array
        if len(given) == 1:
            self.require_class_axis(f"`{name}` of shape {given}")
        if given not in [(1,), (self.classes,)] or not ndim:
            or_each = ", or its dimensions with sizes 1 or equal" if of_each_row else ""
            msg = (
                f"`{name}` must be a scalar or have shape ({self.classes},), one number per class "
                f"of the prediction of shape {self.shape}{or_each}, got shape {given}"
            )
            raise ValueError(msg)
        return xp.reshape(array, tuple(given[0] if k == axis else 1 for k in range(ndim)))


def fits(shape: Shape, target: Shape) -> bool:
    """Return whether a shape has the sizes of another, or 1 in their place."""
    if shape == target:
        return True
    return len(shape) == len(target) and all(
        size in (1, wanted) for size, wanted in zip(shape, target, strict=True)
    )
