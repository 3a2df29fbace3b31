"""From labels, mask, missing and weight to what is observed: once, the same for every loss."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass

from maskloss._domain import NON_NEGATIVE, Domain, check_domain
from maskloss._dtypes import (
    as_mask,
    as_number,
    check_labels,
    compute_dtype,
    safe_cast,
)
from maskloss._grid import Grid, Layout
from maskloss._missing import as_tuple, is_missing
from maskloss._namespace import (
    array_namespace,
    index_dtype,
    refuse_masked_array,
    scalar,
    split_masked_array,
    total,
)
from maskloss._options import Settings
from maskloss._typing import Array, Namespace


@dataclass(frozen=True, slots=True)
class Facts:
    """What a loss says of its two arrays: their names and where their values may lie."""

    names: tuple[str, str]
    domains: tuple[Domain, Domain]


@dataclass(frozen=True, slots=True)
class Entries:
    """What a formula sees: safe values everywhere, and which of them are observed.

    All arrays have the number of dimensions of the prediction. Where an entry is a row, `observed`,
    `weight` and class indices keep its axes with size 1; only of coupled rows, `observed` tells of
    each element.
    """

    xp: Namespace
    grid: Grid
    prediction: Array
    labels: Array
    observed: Array | None
    weight: Array | None

    @property
    def rows(self) -> Array | None:
        """Which entries have anything observed; None where all have."""
        return None if self.observed is None else self.grid.any_of_row(self.xp, self.observed)

    def guard(self, array: Array, filler: float) -> Array:
        """Put `filler` where nothing is observed, so that what stands there has no effect."""
        return array if self.observed is None else self.xp.where(self.observed, array, filler)

    def total(self, array: Array) -> Array:
        """Sum the observed elements of each row, keeping its axes."""
        return total(self.xp, self.guard(array, 0.0), self.grid.row_axes)

    @property
    def number(self) -> Array:
        """How many elements of each row are observed, as a float, and 1 where none is."""
        xp = self.xp
        number = self.total(xp.ones_like(self.prediction))
        return number if self.observed is None else xp.where(number == 0, 1.0, number)

    def per_class(
        self,
        name: str,
        numbers: Array | float,
        *,
        domain: Domain = NON_NEGATIVE,
        filler: float | None = None,
    ) -> Array:
        """Line up one number per class with the prediction.

        With a `filler`, the numbers of what is not observed have no effect.
        """
        xp, x = self.xp, self.prediction
        array = xp.astype(as_number(xp, name, numbers, x.dtype, x, domain), x.dtype)
        array = self.grid.line_up_classes(xp, name, array)
        if filler is not None:
            array = self.guard(array, filler)
        check_domain(xp, name, array, domain)
        return array


def observe(
    facts: Facts,
    prediction: Array,
    labels: Array,
    others: Mapping[str, object],
    settings: Settings,
    layout: Layout,
) -> Entries:
    """Check the arguments of a loss and make its entries."""
    (input_name, label_name), (input_domain, label_domain) = facts.names, facts.domains
    options = {"mask": settings.mask, "weight": settings.weight, "divisor": settings.divisor}
    arrays = {name: array for name, array in {**others, **options}.items() if _is_array(array)}
    arrays = {input_name: prediction, **arrays}
    xp = array_namespace({**arrays, label_name: labels})
    for name, array in arrays.items():
        refuse_masked_array(name, array)
    labels, mask_of_labels = split_masked_array(labels)
    dtype = compute_dtype(xp, input_name, prediction)
    grid = Grid.of(facts.names, tuple(prediction.shape), tuple(labels.shape), layout)
    check_labels(xp, label_name, labels, indexed=grid.indexed)

    known = [] if mask_of_labels is None else [grid.known_labels(xp, mask_of_labels)]
    if settings.missing is not None:
        missing = is_missing(xp, label_name, labels, settings.missing)
        known.append(grid.known_labels(xp, ~missing))
    if settings.mask is not None:
        mask = as_mask(xp, settings.mask, prediction)
        known.append(grid.line_up_mask(xp, mask))
    observed = functools.reduce(operator.and_, known) if known else None

    weight = None
    if settings.weight is not None:
        weight = as_number(xp, "weight", settings.weight, dtype, prediction)
        rows = None if observed is None else grid.any_of_row(xp, observed)
        weight = safe_cast(xp, rows, grid.line_up(xp, "weight", weight), 0, dtype)
        check_domain(xp, "weight", weight, NON_NEGATIVE)
    prediction = safe_cast(xp, observed, prediction, input_domain.filler, dtype)
    check_domain(xp, input_name, prediction, input_domain)
    if grid.indexed:
        labels = safe_cast(xp, observed, grid.expand(xp, labels), 0, index_dtype(xp))
        meaning = f"class indices of `{input_name}` of shape {grid.shape}, "
        label_domain = Domain(0, grid.classes - 1, meaning=meaning)
    else:
        labels = safe_cast(xp, observed, labels, label_domain.filler, dtype)
    check_domain(xp, label_name, labels, _with_advice(label_domain, settings))
    return Entries(xp, grid, prediction, labels, observed, weight)


def _is_array(value: object) -> bool:
    return value is not None and scalar(value) is None


def _with_advice(labels: Domain, settings: Settings) -> Domain:
    """Let the error of a label out of range say how it would mean missing."""
    known = "".join(f"{value:g}, " for value in as_tuple(settings.missing))
    value = f"({known}{{outlier}})" if known else "{outlier}"
    advice = f"; if it means missing, pass missing={value}{labels.advice}"
    return labels._replace(advice=advice)
