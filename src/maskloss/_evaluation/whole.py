"""The evaluator of whole arrays: static shapes and no branch on a value."""

from __future__ import annotations

from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .._formula import Derivative, Formula, Results, Terms, Wanted
from .._inputs.checked_call import CheckedCall
from .._inputs.entries import Entries
from .._inputs.options import Settings
from .._inputs.safe_entries import all_entries
from .axes import axes_to_sum, count_along, size_along, sum_along
from .reduction import Reduction, Tally, needs_count, needs_weight
from .sums import Sums


def evaluate_whole(checked: CheckedCall, formula: Formula, wanted: Wanted) -> Results:
    """Return the wanted results: the reduced value, derivatives of its sum, and the count."""
    with checked.xp.ignore_fp_errors():
        savable = checked if checked.xp.is_host else checked.savable()
        return WholeArrays(savable, formula, wanted).results()


class Part:
    """Some entries of a call, computed at once: their sums, and their derivatives."""

    def __init__(self, entries: Entries, formula: Formula, wanted: Wanted) -> None:
        settings = entries.checked.settings
        self.entries, self._formula = entries, formula
        self.terms = formula(entries)  # first, as its errors advise on more
        self.axes = axes_to_sum(settings, entries.layout)
        counted = self.terms.counted
        self.counted = _rows(entries) if counted is None else counted()
        self.tally = self._tally(settings, wanted)

    def _tally(self, settings: Settings, wanted: Wanted) -> Tally:
        entries, weight = self.entries, None
        if needs_weight(settings):
            weight = weight_of(entries, self.terms, self.counted)
        if weight is not None:
            weight = sum_along(entries.xp, entries.layout.squeeze(entries.xp, weight), self.axes)
        count: Array | int = 0
        if needs_count(settings, wanted, has_weight=weight is not None):
            count = _count(entries, self.counted, self.axes)
        return Tally(count, weight)

    def total(self) -> Array:
        """Return the sums of the weighted losses, keeping the summed axes."""
        entries = self.entries
        value = weighted(_differentiable(entries, self._formula, self.terms), entries.weight)
        values = where_counted(entries.xp, self.counted, value)
        return sum_along(entries.xp, entries.layout.squeeze(entries.xp, values), self.axes)

    def derivative(
        self, name: Derivative, scale: Array | float = 1.0, *, guarded: bool = True
    ) -> Array:
        """Return a derivative times `scale`, one number per entry, in the computation's dtype.

        Unless `guarded`, it is arbitrary where nothing is observed.
        """
        entries, terms, xp = self.entries, self.terms, self.entries.xp
        if terms.of_sum is not None:
            factor = weighted(xp.ones_like(entries.prediction) * scale, entries.weight)
            return terms.of_sum(name, where_counted(xp, self.counted, factor))
        # `guard` drops, for example, an infinite class weight of a class without labels.
        derivative = scaled(weighted(terms.derivative(name), entries.weight), scale)
        if guarded:
            derivative = entries.guard(derivative, 0.0)
        return derivative if terms.counted is None else where_counted(xp, self.counted, derivative)


class WholeArrays:
    """All entries of a call at once."""

    def __init__(self, checked: CheckedCall, formula: Formula, wanted: Wanted) -> None:
        self._checked, self._wanted = checked, wanted
        self._part = Part(all_entries(checked), formula, wanted)
        entries, axes, tally = self._part.entries, self._part.axes, self._part.tally
        shape, settings = checked.layout.entries, checked.settings
        self.reduction = Reduction(entries.xp, shape, entries.prediction, settings, axes, tally)

    def results(self) -> Results:
        """Return the wanted results."""
        wanted = self._wanted
        return Results(
            value=self.value() if wanted.value else None,
            slope=self.derivative("slope") if wanted.slope else None,
            curvature=self.derivative("curvature") if wanted.curvature else None,
            count=self.reduction.count() if wanted.count else None,
        )

    def value(self) -> Array | Sums:
        """Return the reduced value."""
        return self.reduction.result(self._part.total())

    def derivative(self, name: Derivative) -> Array:
        """Return a derivative in the dtype of the prediction."""
        return self._checked.xp.astype(self.wide_derivative(name), self._checked.prediction.dtype)

    def wide_derivative(self, name: Derivative) -> Array:
        """Return a derivative in the dtype of the computation."""
        return self.scaled(name, self.reduction.scale())

    def scaled(self, name: Derivative, scale: Array | float) -> Array:
        """Return a derivative of each loss, times a factor for each entry."""
        if not isinstance(scale, float):
            scale = self._checked.layout.expand(self._checked.xp, scale)
        return self._part.derivative(name, scale)


def _rows(entries: Entries) -> Array | None:
    """Return the mask of the counted entries; None if all are counted and their number is known."""
    rows, xp, layout = entries.rows, entries.xp, entries.layout
    if rows is None and not xp.knows_sizes(layout.shape):
        return layout.line_up(xp, "mask", xp.asarray(True))
    return rows


def _count(entries: Entries, counted: Array | None, axes: tuple[int, ...]) -> Array | int:
    if counted is None:
        return size_along(entries.layout.entries, axes)
    counted = entries.layout.squeeze(entries.xp, counted)
    if entries.xp.is_host and len(axes) == counted.ndim:
        # A number, as blocks count: a mean divides by it in fewer steps than by an array.
        return int(entries.xp.count_nonzero(counted))
    return count_along(entries.xp, counted, axes)


def weight_of(entries: Entries, terms: Terms, counted: Array | None) -> Array | None:
    """Return the weights of the counted entries; None where all are 1."""
    weight = entries.weight
    if terms.weight is not None:
        weight = weighted(terms.weight(), weight)
    if weight is None:
        return None
    # A formula may compute bad weights where nothing is observed, or leave rows uncounted.
    if terms.weight is not None or terms.counted is not None or not entries.is_filled:
        weight = where_counted(entries.xp, counted, weight)
    return weight


def _differentiable(entries: Entries, formula: Formula, terms: Terms) -> Array:
    """Return the value per entry, for automatic differentiation.

    Its derivative is the slope of the formula under `torch.compile`, in a trace of JAX, and in
    eager torch where a second derivative may be needed. The derivative of the slope is the
    curvature, except under `torch.compile`. If the loss of some rows is not defined (`counted`), or
    depends on other entries (`of_sum`), each operation of the formula is differentiated instead:
    slopes of rows without a loss may be infinite or NaN.
    """
    is_defined = terms.counted is None or terms.curvature_along is not None
    if is_defined and terms.of_sum is None and not entries.xp.is_host:
        mode = entries.xp.mode(entries.prediction)
        if mode == "compiled":
            from . import torch_compile

            return torch_compile.value_of(entries, formula)
        if mode == "traced":
            from . import jax_custom_jvp

            return jax_custom_jvp.value_of(entries, formula)
        if mode in {"tensor", "device", "transformed"}:
            from . import torch_second_derivatives

            return torch_second_derivatives.value_of(entries, formula, terms)
    return terms.value()


def where_counted(xp: Namespace, counted: Array | None, array: Array) -> Array:
    """Return `array` with 0 at the entries that are not counted."""
    return array if counted is None else xp.where(counted, array, 0.0)


def scaled(array: Array, scale: Array | float) -> Array:
    """Return array * scale."""
    is_one = isinstance(scale, float) and scale == 1
    return array if is_one else array * scale


def weighted(array: Array, weight: Array | None) -> Array:
    """Return array * weight."""
    return array if weight is None else array * weight
