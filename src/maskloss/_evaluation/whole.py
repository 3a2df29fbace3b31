"""The evaluator of whole arrays: static shapes and no branch on a value."""

from __future__ import annotations

from maskloss._arrays.kinds import is_number
from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array
from maskloss._evaluation.axes import axes_to_sum, count_along, size_along, sum_along
from maskloss._evaluation.reduction import Reduction, Tally, needs_count, needs_weight
from maskloss._evaluation.sums import Sums
from maskloss._formula import Derivative, Formula, Results, Terms, Wanted
from maskloss._inputs.entries import CheckedCall, Entries


def evaluate_whole(checked: CheckedCall, formula: Formula, wanted: Wanted) -> Results:
    """Return the wanted results: the reduced value, derivatives of its sum, and the count."""
    with checked.xp.ignore_fp_errors():
        whole = WholeArrays(checked, formula, wanted)
        return Results(
            value=whole.value() if wanted.value else None,
            slope=whole.derivative("slope") if wanted.slope else None,
            curvature=whole.derivative("curvature") if wanted.curvature else None,
            count=whole.reduction.count() if wanted.count else None,
        )


class WholeArrays:
    """All entries of a call at once."""

    def __init__(self, checked: CheckedCall, formula: Formula, wanted: Wanted) -> None:
        self._formula, self._checked = formula, checked
        self._entries = entries = checked.whole()
        self._terms = terms = formula(entries)
        self._counted = _rows(entries) if terms.counted is None else terms.counted()
        self.reduction = _reduction(checked, entries, terms, self._counted, wanted)

    def value(self) -> Array | Sums:
        """Return the reduced value."""
        entries, reduction = self._entries, self.reduction
        value = weighted(_differentiable(entries, self._formula, self._terms), entries.weight)
        values = where_counted(entries.xp, self._counted, value)
        values = entries.layout.squeeze(entries.xp, values)
        return reduction.result(sum_along(entries.xp, values, reduction.axes))

    def derivative(self, name: Derivative) -> Array:
        """Return a derivative in the dtype of the prediction."""
        return self._entries.xp.astype(self.wide_derivative(name), self._checked.prediction.dtype)

    def wide_derivative(self, name: Derivative) -> Array:
        """Return a derivative in the dtype of the computation."""
        entries, terms, xp = self._entries, self._terms, self._entries.xp
        scale = self.reduction.scale()
        if not isinstance(scale, float):
            scale = entries.layout.expand(xp, scale)
        if terms.spread is not None:
            factor = weighted(xp.ones_like(entries.prediction) * scale, entries.weight)
            factor = terms.spread(where_counted(xp, self._counted, factor))
            # NaN of an uncounted entry must not reach the derivatives.
            return xp.where(factor == 0, 0.0, terms.derivative(name) * factor)
        # `guard` drops, for example, an infinite class weight of a class without labels.
        derivative = weighted(terms.derivative(name), entries.weight) * scale
        derivative = entries.guard(derivative, 0.0)
        if terms.counted is None:
            return derivative
        return where_counted(xp, self._counted, derivative)


def _rows(entries: Entries) -> Array | None:
    """Return the mask of the counted entries; None if all are counted and their number is known."""
    rows, xp, layout = entries.rows, entries.xp, entries.layout
    if rows is None and xp.has_unknown_sizes and not all(map(is_number, layout.shape)):
        return layout.line_up(xp, "mask", xp.asarray(True))
    return rows


def _reduction(
    checked: CheckedCall, entries: Entries, terms: Terms, counted: Array | None, wanted: Wanted
) -> Reduction:
    settings, shape = checked.settings, entries.layout.entries
    axes = axes_to_sum(settings, entries.layout)
    count: Array | int = 0
    weight = _weight(entries, terms, counted) if needs_weight(settings) else None
    if weight is not None:
        weight = sum_along(entries.xp, weight, axes)
    if needs_count(settings, wanted, has_weight=weight is not None):
        count = _count(entries, counted, axes)
    tally = Tally(count, weight)
    return Reduction(entries.xp, shape, entries.prediction, settings, axes, tally)


def _count(entries: Entries, counted: Array | None, axes: tuple[int, ...]) -> Array | int:
    if counted is None:
        return size_along(entries.layout.entries, axes)
    return count_along(entries.xp, entries.layout.squeeze(entries.xp, counted), axes)


def _weight(entries: Entries, terms: Terms, counted: Array | None) -> Array | None:
    """Return the weights of the counted entries; None where all are 1."""
    weight = entries.weight
    if terms.weight is not None:
        weight = weighted(terms.weight(), weight)
    if weight is None:
        return None
    # A formula may compute bad weights where nothing is observed, or leave rows uncounted.
    if terms.weight is not None or terms.counted is not None:
        weight = where_counted(entries.xp, counted, weight)
    return entries.layout.squeeze(entries.xp, weight)


def _differentiable(entries: Entries, formula: Formula, terms: Terms) -> Array:
    """Return the value; under a compiler, its derivative is the slope in closed form.

    Rows that may be uncounted keep the composition: their slopes need not be finite.
    """
    if terms.counted is None and terms.spread is None:
        mode = entries.xp.mode(entries.prediction)
        if mode == "compiled":
            from maskloss._evaluation import torch_compile

            return torch_compile.value_of(entries, formula)
        if mode == "traced":
            from maskloss._evaluation import jax_custom_jvp

            return jax_custom_jvp.value_of(entries, formula)
    return terms.value()


def where_counted(xp: Namespace, counted: Array | None, array: Array) -> Array:
    """Return `array` with 0 at the entries that are not counted."""
    return array if counted is None else xp.where(counted, array, 0.0)


def weighted(array: Array, weight: Array | None) -> Array:
    """Return array * weight."""
    return array if weight is None else array * weight
