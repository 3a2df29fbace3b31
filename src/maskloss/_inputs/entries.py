"""The observed entries of a call, as a formula takes them, the same for every loss."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .bound_layout import BoundLayout
from .checked_call import CheckedCall
from .domain import NON_NEGATIVE, Domain
from .dtypes import as_mask, as_number, safe_cast, unread_not_a_mask
from .masked_labels import Select, is_array_like
from .outliers import in_domain


@dataclass(slots=True)  # not frozen: a call would take 1 us more
class Entries:
    """The input of a formula: values, safe everywhere if `is_filled`, and the mask of the observed.

    All arrays have the number of dimensions of `prediction`. Where an entry is a row, `observed`,
    `weight` and class indices keep its axes with size 1; for coupled rows, `observed` has the shape
    of `prediction`. The entries may be a batch of the call's: `select` takes the same batch from an
    array that is lined up with the whole prediction.
    """

    checked: CheckedCall
    xp: Namespace
    layout: BoundLayout
    prediction: Array
    labels: Array
    observed: Array | None
    weight: Array | None
    select: Select
    is_filled: bool = True

    @property
    def label_name(self) -> str:
        """The name of the labels in errors."""
        return self.checked.spec.names[1]

    @property
    def rows(self) -> Array | None:
        """Which entries have an observed element; None if all have one."""
        observed = self.observed
        return None if observed is None else self.layout.any_of_row(self.xp, observed)

    def arrays(self) -> list[Any]:
        """Return all arrays that a formula may compute with, the prediction first."""
        return [
            self.prediction,
            self.labels,
            self.observed,
            self.weight,
            *self.checked.arrays.values(),
        ]

    def with_arrays(self, arrays: Iterable[Any]) -> Entries:
        """Return the same entries with other arrays, in the order of `arrays`."""
        prediction, labels, observed, weight, *others = arrays
        given = dict(zip(self.checked.arrays, others, strict=True))
        return replace(
            self,
            checked=self.checked._replace(arrays=given),
            prediction=prediction,
            labels=labels,
            observed=observed,
            weight=weight,
        )

    def guard(self, array: Array, fill_value: float) -> Array:
        """Put `fill_value` where nothing is observed, so that values there have no effect."""
        return array if self.observed is None else self.xp.where(self.observed, array, fill_value)

    def total(self, array: Array) -> Array:
        """Sum the observed elements of each row, keeping its axes."""
        return self.xp.sum_along(self.guard(array, 0.0), self.layout.row_axes)

    @property
    def number(self) -> Array:
        """The number of observed elements of each row, as a float; 1 where none is observed."""
        xp = self.xp
        number = self.total(xp.ones_like(self.prediction))
        return xp.where(number == 0, 1.0, number)

    def per_entry(
        self, name: str, *, domain: Domain = NON_NEGATIVE, fill_value: float = 0.0
    ) -> Array:
        """Line up the call's array `name`, one number per entry, as a weight is.

        Entries that are not observed get `fill_value`.
        """
        xp, x = self.xp, self.prediction
        array: Any = self.checked.arrays[name]
        if array is None:
            msg = f"`{name}` must be a number or an array of numbers per entry, got None"
            raise TypeError(msg)
        array = as_number(xp, name, array, x.dtype, x, domain)
        array = self.select(self.checked.layout.line_up(xp, name, array))
        array = safe_cast(xp, self.rows, array, fill_value, x.dtype)
        return in_domain(xp, name, array, domain)

    def per_class(
        self, name: str, *, domain: Domain = NON_NEGATIVE, fill_value: float | None = None
    ) -> Array | None:
        """Line up the call's array `name`, one number per class, with the prediction.

        With a `fill_value`, elements that are not observed get it.
        """
        xp, x = self.xp, self.prediction
        numbers = self.checked.arrays[name]
        if numbers is None:
            return None
        array = as_number(xp, name, numbers, x.dtype, x, domain)
        array = self.select(self.checked.classes.line_up_classes(xp, name, array))
        array = xp.astype(array, x.dtype)
        if fill_value is not None:
            array = self.guard(array, fill_value)
        return in_domain(xp, name, array, domain)

    def class_mask(self, name: str) -> tuple[Array, Array | None] | None:
        """Broadcast the call's mask of classes `name` to the prediction.

        Return a second mask with it, which is True where a number is neither 0 nor 1. It is None
        if the given mask is known to hold bools, or 0 and 1 alone.
        """
        mask = self.checked.arrays.get(name)
        if mask is None:
            return None
        others = "; compare other numbers first"
        if "class_weight" in self.checked.arrays:
            others = "; pass other numbers as `class_weight`, or compare them"
        is_in = as_mask(self.xp, mask, self.prediction, name, "a class takes part", others)
        is_wrong = unread_not_a_mask(self.xp, mask)
        return (
            self._of_each_class(name, is_in),
            None if is_wrong is None else self._of_each_class(name, is_wrong),
        )

    def _of_each_class(self, name: str, mask: Array) -> Array:
        layout = self.checked.layout
        mask = self.select(layout.line_up_classes(self.xp, name, mask, of_each_row=True))
        return self.xp.broadcast_to(mask, self.layout.shape)

    def alongside(self, name: str) -> Array:
        """Return the call's array `name`, which must have the prediction's shape.

        Elements that are not observed are 0.
        """
        xp, x, shape = self.xp, self.prediction, self.checked.layout.shape
        array: Array = self.checked.arrays[name]
        got = xp.shape_of(array) if is_array_like(array) else array
        if got != shape:
            msg = f"`{name}` must be an array of the shape of the prediction, {shape}, got {got}"
            raise ValueError(msg)
        array = self.select(as_number(xp, name, array, x.dtype, x))
        return safe_cast(xp, self.observed, array, 0, x.dtype)
