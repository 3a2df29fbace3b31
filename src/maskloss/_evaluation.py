"""The evaluator: whole arrays, static shapes and no branch on a value."""

from __future__ import annotations

from typing import Literal

from maskloss._formula import Call, Terms
from maskloss._namespace import quiet
from maskloss._observation import Entries, Facts, observe
from maskloss._options import Settings
from maskloss._reduction import Reduction
from maskloss._sums import Sums
from maskloss._typing import Array, Namespace

Part = Literal["value", "slope", "curvature"]


def evaluate(
    call: Call, facts: Facts, settings: Settings, parts: tuple[Part, ...]
) -> list[Array | Sums]:
    """Return the parts: the reduced value, or derivatives of the sum of all that it holds."""
    if settings.reduction == "sums" and call.unsplit:
        msg = f'reduction="sums" cannot be added up for this loss: {call.unsplit}; use "mean"'
        raise ValueError(msg)
    arrays = (call.prediction, call.labels, call.arrays)
    with quiet(call.prediction):
        entries = observe(facts, *arrays, settings, call.layout)
        terms = call.terms(entries)
        counted = entries.rows if terms.counted is None else terms.counted()
        reduction = _reduction(entries, terms, counted, settings)
        return [
            _value(entries, terms, counted, reduction)
            if part == "value"
            else entries.xp.astype(
                _derivative(entries, terms, counted, reduction, part), call.prediction.dtype
            )
            for part in parts
        ]


def _reduction(
    entries: Entries, terms: Terms, counted: Array | None, settings: Settings
) -> Reduction:
    xp, grid, weight = entries.xp, entries.grid, entries.weight
    if terms.weight is not None:
        weight = _weighted(terms.weight(), weight)
    if weight is not None:
        # Beyond what is not observed, a formula may make bad weights, or leave rows uncounted.
        is_clean = terms.weight is None and terms.counted is None
        weight = grid.squeeze(xp, weight if is_clean else _where(xp, counted, weight))
    rows = None if counted is None else grid.squeeze(xp, counted)
    return Reduction(xp, grid.entries, entries.prediction, rows, weight, settings)


def _value(
    entries: Entries, terms: Terms, counted: Array | None, reduction: Reduction
) -> Array | Sums:
    xp = entries.xp
    values = _where(xp, counted, _weighted(terms.value(), entries.weight))
    return reduction.result(entries.grid.squeeze(xp, values))


def _derivative(
    entries: Entries, terms: Terms, counted: Array | None, reduction: Reduction, part: Part
) -> Array:
    derivative = terms.slope() if part == "slope" else terms.curvature()
    scale = reduction.scale()
    if not isinstance(scale, float):
        scale = entries.grid.expand(entries.xp, scale)
    # Bad values never leave: an infinite class weight of a class that no one has, for example.
    derivative = entries.guard(_weighted(derivative, entries.weight) * scale, 0.0)
    return derivative if terms.counted is None else _where(entries.xp, counted, derivative)


def _where(xp: Namespace, counted: Array | None, array: Array) -> Array:
    return array if counted is None else xp.where(counted, array, 0.0)


def _weighted(array: Array, weight: Array | None) -> Array:
    return array if weight is None else array * weight
