"""From labels, mask, missing and weight to the observed entries, the same for every loss."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array
from maskloss._inputs.bound_layout import BoundLayout
from maskloss._inputs.domain import (
    NON_NEGATIVE,
    WEIGHT,
    Domain,
    check_domain,
    classes_of,
    in_domain,
)
from maskloss._inputs.dtypes import (
    as_index,
    as_mask,
    as_number,
    safe_cast,
    unread_not_a_mask,
)
from maskloss._inputs.masked_labels import MaskedLabels, Select, is_array_like, what_is_observed
from maskloss._inputs.missing import as_tuple
from maskloss._inputs.options import Settings


@dataclass(frozen=True, slots=True)
class InputSpec:
    """The names and domains of a loss's two arrays, and whether a call has the second."""

    names: tuple[str, str]
    domains: tuple[Domain, Domain]
    has_labels: bool = True

    def of_prediction(self) -> InputSpec:
        """Return the spec of a call without labels: `missing` applies to the prediction."""
        return InputSpec((self.names[0], self.names[0]), self.domains, has_labels=False)


class Classes(Protocol):
    """The classes of the entries."""

    def line_up_classes(self, xp: Namespace, name: str, array: Array) -> Array:
        """Line up one number per class with the entries."""


class Places(Classes, Protocol):
    """The positions in the prediction of `Observed` labels, which are stored with their indices.

    Attributes
    ----------
    is_placed : bool array or None
        True where an index lies in the prediction; None if all are known to lie in it.
    """

    @property
    def is_placed(self) -> Array | None: ...


class CheckedCall(NamedTuple):
    """The arguments of a call, lined up; shapes and dtypes are checked, values are not."""

    xp: Namespace
    layout: BoundLayout
    spec: InputSpec
    settings: Settings
    dtype: object
    prediction: Array
    labels: MaskedLabels
    weight: Array | None
    arrays: Mapping[str, object]
    classes: Classes
    is_placed: Array | None = None

    @property
    def has_gaps(self) -> bool:
        """Whether a mask or `missing` may leave entries unobserved."""
        labels, missing = self.labels, self.settings.missing
        return not (labels.mask is None and labels.own_mask is None and missing is None)

    def savable(self) -> CheckedCall:
        """Return the call with arrays that automatic differentiation may save."""

        def savable(value: Any) -> Any:
            return self.xp.savable(value) if is_array_like(value) else value

        return self._replace(
            prediction=savable(self.prediction),
            labels=self.labels.map(savable),
            weight=savable(self.weight),
            settings=self.settings._replace(divisor=savable(self.settings.divisor)),
            arrays={name: savable(value) for name, value in self.arrays.items()},
        )

    def whole(self) -> Entries:
        """Return all entries, with static shapes."""
        observed = self.observed(self.layout)
        return self.entries(
            self.layout, self.prediction, self.labels.values, observed, self.weight, _all
        )

    def observed(self, layout: BoundLayout, select: Select | None = None) -> Array | None:
        """Return the mask of some entries of the call; None if neither mask nor `missing` is given.

        `select` takes those entries from an array; `layout` is their layout.
        """
        labels, missing = self.labels, self.settings.missing
        if select is not None:
            # Labels are only read to find the values that mean missing.
            labels = labels if missing is None else labels._replace(values=select(labels.values))
            masks = MaskedLabels(None, *labels[1:]).map(select)
            labels = masks._replace(values=labels.values)
        return what_is_observed(self.xp, layout, self.spec.names[1], labels, missing)

    def entries(
        self,
        layout: BoundLayout,
        prediction: Array,
        labels: Array,
        observed: Array | None,
        weight: Array | None,
        select: Select,
        *,
        is_filled: bool = True,
    ) -> Entries:
        """Check the values of some entries, and return them with safe values.

        Unless `is_filled`, only class indices are safe where nothing is observed: for formulas that
        treat each entry by itself, and that nothing differentiates.
        """
        xp, dtype = self.xp, self.dtype
        input_name, label_name = self.spec.names
        input_domain, label_domain = self.spec.domains
        if observed is None and layout.coupled and 0 in prediction.shape:
            observed = prediction > 0  # of no element: an empty row has nothing observed
        # Where values can be read, bad ones raise; so fill those of unobserved entries.
        is_filled = is_filled or xp.is_readable(prediction)
        safe = observed if is_filled else None
        if weight is not None:
            rows = None if safe is None else layout.any_of_row(xp, safe)
            weight = safe_cast(xp, rows, weight, 0, dtype)
            weight = in_domain(xp, "weight", weight, WEIGHT)
        prediction = safe_cast(xp, safe, prediction, input_domain.fill_value, dtype)
        if not input_domain.is_unbounded:
            prediction = in_domain(xp, input_name, prediction, input_domain)
        if not self.spec.has_labels:
            labels = xp.stop_gradient(prediction)  # in which a NaN may be observed
        elif layout.has_class_indices:
            labels = safe_cast(xp, observed, as_index(xp, labels), 0, xp.index_dtype)
            meaning = f"class indices of `{input_name}` of shape {self.layout.shape}, "
            label_domain = classes_of(self.layout.classes, meaning)
            check_domain(xp, label_name, labels, label_domain, self._with_advice)
        else:
            labels = safe_cast(xp, safe, labels, label_domain.fill_value, dtype)
            labels = in_domain(
                xp, label_name, labels, label_domain, self._with_advice, refuse_nan=True
            )
            if self.is_placed is not None:
                labels = xp.where(self.is_placed, labels, math.nan)
        return Entries(self, xp, layout, prediction, labels, observed, weight, select, is_filled)

    def _with_advice(self, labels: Domain) -> Domain:
        """Return the domain with advice about `missing` and `mask` for a label out of range."""
        question = "; is `mask` True where observed, and not where missing?"
        return labels._replace(
            missing=as_tuple(self.settings.missing),
            question="" if self.labels.mask is None else question,
        )


def _all(array: Array) -> Array:
    return array


@dataclass(frozen=True, slots=True)
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
        is_in = as_mask(self.xp, mask, self.prediction, name, "a class takes part")
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
