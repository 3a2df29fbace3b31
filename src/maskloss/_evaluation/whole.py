"""The traced evaluator: whole arrays, static shapes and no branch on a value."""

from __future__ import annotations

from maskloss._arrays.namespace import (
    ignore_fp_errors,
    is_compiled_by_torch,
    is_number,
    is_traced_by_jax,
)
from maskloss._arrays.typing import Array, Namespace
from maskloss._evaluation.reduction import Reduction, WholeTally, axes_to_sum, sum_along
from maskloss._evaluation.sums import Sums
from maskloss._formula import Formula, Part, Terms
from maskloss._inputs.entries import CheckedCall, Entries


def evaluate_whole(
    checked: CheckedCall, formula: Formula, parts: tuple[Part, ...]
) -> list[Array | Sums]:
    """Return the parts: the reduced value, derivatives of the sum of all it holds, its count."""
    with ignore_fp_errors(checked.prediction):
        whole = Whole(checked, formula)
        return [whole.part(part) for part in parts]


class Whole:
    """All entries of a call at once."""

    def __init__(self, checked: CheckedCall, formula: Formula) -> None:
        self._formula, self._entries = formula, checked.whole()
        self._terms = terms = formula(self._entries)
        self._counted = _rows(self._entries) if terms.counted is None else terms.counted()
        self.reduction = _reduction(self._entries, terms, self._counted)

    def part(self, part: Part) -> Array | Sums:
        """Return a part as the call gives it."""
        if part == "value":
            return self.value()
        if part == "count":
            return self.reduction.count()
        derivative = self._derivative(part)
        return self._entries.xp.astype(derivative, self._entries.checked.prediction.dtype)

    def value(self) -> Array | Sums:
        """Return the reduced value."""
        value = _differentiable(self._entries, self._formula, self._terms)
        return _value(self._entries, value, self._counted, self.reduction)

    def slope(self) -> Array:
        """Return the slope in the dtype of the computation."""
        return self._derivative("slope")

    def _derivative(self, part: Part) -> Array:
        return _derivative(self._entries, self._terms, self._counted, self.reduction, part)


def _rows(entries: Entries) -> Array | None:
    """Return which entries are counted; None where all are, and their number is known."""
    rows, xp, layout = entries.rows, entries.xp, entries.layout
    if rows is None and not all(map(is_number, layout.shape)):
        return layout.line_up(xp, "mask", xp.asarray(True))
    return rows


def _reduction(entries: Entries, terms: Terms, counted: Array | None) -> Reduction:
    xp, layout, weight = entries.xp, entries.layout, entries.weight
    settings, shape = entries.checked.settings, layout.entries
    if terms.weight is not None:
        weight = weighted(terms.weight(), weight)
    if weight is not None:
        # Beyond what is not observed, a formula may make bad weights, or leave rows uncounted.
        is_clean = terms.weight is None and terms.counted is None
        weight = layout.squeeze(xp, weight if is_clean else where_counted(xp, counted, weight))
    rows = None if counted is None else layout.squeeze(xp, counted)
    axes = axes_to_sum(settings, shape)
    tally = WholeTally(xp, shape, axes, rows, weight)
    return Reduction(xp, shape, entries.prediction, settings, axes, tally)


def _differentiable(entries: Entries, formula: Formula, terms: Terms) -> Array:
    """Return the value, of which a compiler differentiates by the slope in closed form.

    Not of rows that may not be counted, whose slopes need not be numbers.
    """
    if terms.counted is None and terms.spread is None:
        if is_compiled_by_torch(entries.prediction):
            from maskloss._evaluation import torch_compile as _compiled

            return _compiled.value_of(entries, formula)
        if is_traced_by_jax(entries.prediction):
            from maskloss._evaluation import jax_custom_jvp as _custom_jvp

            return _custom_jvp.value_of(entries, formula)
    return terms.value()


def _value(
    entries: Entries, value: Array, counted: Array | None, reduction: Reduction
) -> Array | Sums:
    xp = entries.xp
    values = where_counted(xp, counted, weighted(value, entries.weight))
    return reduction.result(sum_along(xp, entries.layout.squeeze(xp, values), reduction.axes))


def _derivative(
    entries: Entries, terms: Terms, counted: Array | None, reduction: Reduction, part: Part
) -> Array:
    scale = reduction.scale()
    if not isinstance(scale, float):
        scale = entries.layout.expand(entries.xp, scale)
    if terms.spread is not None:
        factor = weighted(entries.xp.ones_like(entries.prediction) * scale, entries.weight)
        factor = terms.spread(where_counted(entries.xp, counted, factor))
        # Bad values never leave an entry that is not counted.
        return entries.xp.where(factor == 0, 0.0, terms.derivative(part) * factor)
    # Bad values never leave: an infinite class weight of a class that no one has, for example.
    derivative = weighted(terms.derivative(part), entries.weight) * scale
    derivative = entries.guard(derivative, 0.0)
    return derivative if terms.counted is None else where_counted(entries.xp, counted, derivative)


def where_counted(xp: Namespace, counted: Array | None, array: Array) -> Array:
    """Put 0 into the entries that are not counted."""
    return array if counted is None else xp.where(counted, array, 0.0)


def weighted(array: Array, weight: Array | None) -> Array:
    """Return array * weight."""
    return array if weight is None else array * weight
