"""How entries lie in a prediction, and what lines up with them.

Nothing is broadcast but sizes of 1 that the caller wrote down.
"""

from __future__ import annotations

from dataclasses import dataclass

from maskloss._typing import Array, Namespace, Shape


@dataclass(frozen=True, slots=True)
class Grid:
    """The shape of a prediction, in which an entry is an element or a row along a class axis.

    Attributes
    ----------
    shape : tuple of int
        Shape of the prediction.
    class_axis : int or None
        The axis of the classes, counted from the front; None where an entry is an element.
    indexed : bool
        Whether the labels are class indices, without the class axis.
    """

    shape: Shape
    class_axis: int | None
    indexed: bool

    @classmethod
    def of(
        cls, names: tuple[str, str], prediction: Shape, labels: Shape, class_axis: int | None
    ) -> Grid:
        """Check the shapes of prediction and labels."""
        if class_axis is not None:
            class_axis = _from_the_front(names[0], prediction, class_axis)
        if labels == prediction:
            return cls(prediction, class_axis, indexed=False)
        grid = cls(prediction, class_axis, indexed=True)
        if class_axis is None:
            msg = (
                f"`{names[1]}` must have the shape of `{names[0]}`, {prediction}, got {labels}; "
                f"nothing is broadcast: reshape one of them, for example (N, 1) to (N,)"
            )
            raise ValueError(msg)
        if labels != grid.entries:
            msg = (
                f"`{names[1]}` must have shape {grid.entries} (class indices) or {prediction} "
                f"(class probabilities) for `{names[0]}` of shape {prediction} with "
                f"`class_axis`={class_axis}, got {labels}"
            )
            raise ValueError(msg)
        return grid

    @property
    def entries(self) -> Shape:
        """Shape of the entries."""
        return tuple(n for axis, n in enumerate(self.shape) if axis != self.class_axis)

    @property
    def rows(self) -> Shape:
        """Shape of the entries with the class axis kept, of size 1."""
        return tuple(1 if axis == self.class_axis else n for axis, n in enumerate(self.shape))

    @property
    def classes(self) -> int:
        """Number of classes, along the last axis where an entry is an element."""
        axis = -1 if self.class_axis is None else self.class_axis
        return self.shape[axis] if self.shape else 1

    def expand(self, xp: Namespace, array: Array) -> Array:
        """Give an array of the entries the class axis."""
        return array if self.class_axis is None else xp.expand_dims(array, axis=self.class_axis)

    def squeeze(self, xp: Namespace, array: Array) -> Array:
        """Take the class axis, of size 1, from an array of the entries."""
        return array if self.class_axis is None else xp.squeeze(array, axis=self.class_axis)

    def whole_rows(self, xp: Namespace, known: Array) -> Array:
        """Return which entries are known: of a row of class probabilities, all must be."""
        if self.class_axis is None or self.indexed:
            return self.expand(xp, known)
        return xp.all(known, axis=self.class_axis, keepdims=True)

    def line_up(self, xp: Namespace, name: str, array: Array) -> Array:
        """Spread a mask or weight over the rows: a scalar, or sizes 1 or equal."""
        given, rows = tuple(array.shape), self.rows
        if given == ():
            array = xp.reshape(array, (1,) * len(rows))
        elif len(given) == len(self.entries):
            array = self.expand(xp, array)
        if not _fits(tuple(array.shape), rows):
            msg = (
                f"`{name}` must be a scalar or have {len(self.entries)} dimension(s) with sizes 1 "
                f"or those of the entries, {self.entries}, got shape {given}; reshape it, for "
                f"example (N,) to (N, 1)"
            )
            raise ValueError(msg)
        return xp.broadcast_to(array, rows)

    def line_up_classes(self, xp: Namespace, name: str, array: Array) -> Array:
        """Give one number per class the prediction's dimensions: a scalar, (C,), or all of them.

        Where an entry is an element, an array of all dimensions may have one number per entry.
        """
        given, ndim = tuple(array.shape), len(self.shape)
        axis = ndim - 1 if self.class_axis is None else self.class_axis
        per_class = tuple(self.classes if k == axis else 1 for k in range(ndim))
        if given == ():
            return xp.reshape(array, (1,) * ndim)
        if _fits(given, self.shape if self.class_axis is None else per_class):
            return array
        if given not in {(1,), (self.classes,)} or not ndim:
            msg = (
                f"`{name}` must be a scalar or have shape ({self.classes},), one number per class "
                f"of the prediction of shape {self.shape}, got shape {given}"
            )
            raise ValueError(msg)
        return xp.reshape(array, tuple(given[0] if k == axis else 1 for k in range(ndim)))


def _from_the_front(name: str, shape: Shape, class_axis: int) -> int:
    if not -len(shape) <= class_axis < len(shape):
        msg = (
            f"`class_axis`={class_axis} is no axis of `{name}` of shape {shape}; the classes need "
            f"an axis of their own"
        )
        raise ValueError(msg)
    if shape[class_axis] == 0:
        msg = f"`{name}` of shape {shape} has no class along `class_axis`={class_axis}"
        raise ValueError(msg)
    return class_axis % len(shape)


def _fits(shape: Shape, target: Shape) -> bool:
    return len(shape) == len(target) and all(
        size in (1, wanted) for size, wanted in zip(shape, target, strict=True)
    )
