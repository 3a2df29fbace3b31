"""The evaluator: whole arrays, static shapes and no branch on a value."""

from __future__ import annotations

from typing import Literal

from maskloss._formula import Call, Terms
from maskloss._namespace import quiet
from maskloss._observation import Entries, Facts, observe
from maskloss._options import Settings
from maskloss._reduction import Reduction
from maskloss._sums import Sums
from maskloss._typing import Array

Part = Literal["value", "slope", "curvature"]


def evaluate(
    call: Call, facts: Facts, settings: Settings, parts: tuple[Part, ...]
) -> list[Array | Sums]:
    """Return the parts: the reduced value, or derivatives of the sum of all that it holds."""
    arrays = (call.prediction, call.labels, call.arrays)
    with quiet(call.prediction):
        entries = observe(facts, *arrays, settings, call.class_axis)
        terms = call.terms(entries)
        reduction = _reduction(entries, terms, settings)
        return [
            _value(entries, terms, reduction)
            if part == "value"
            else entries.xp.astype(
                _derivative(entries, terms, reduction, part), call.prediction.dtype
            )
            for part in parts
        ]


def _reduction(entries: Entries, terms: Terms, settings: Settings) -> Reduction:
    xp, grid, weight = entries.xp, entries.grid, entries.weight
    if terms.weight is not None:
        weight = _weighted(entries.guard(terms.weight(), 0.0), weight)
    observed, weight = (
        None if array is None else grid.squeeze(xp, array) for array in (entries.observed, weight)
    )
    return Reduction(xp, grid.entries, entries.prediction, observed, weight, settings)


def _value(entries: Entries, terms: Terms, reduction: Reduction) -> Array | Sums:
    values = entries.guard(_weighted(terms.value(), entries.weight), 0.0)
    return reduction.result(entries.grid.squeeze(entries.xp, values))


def _derivative(entries: Entries, terms: Terms, reduction: Reduction, part: Part) -> Array:
    derivative = terms.slope() if part == "slope" else terms.curvature()
    scale = reduction.scale()
    if not isinstance(scale, float):
        scale = entries.grid.expand(entries.xp, scale)
    # Bad values never leave: an infinite class weight of a class that no one has, for example.
    return entries.guard(_weighted(derivative, entries.weight) * scale, 0.0)


def _weighted(array: Array, weight: Array | None) -> Array:
    return array if weight is None else array * weight
