"""Class indices, class weights and class masks of rows of logits."""

from __future__ import annotations

import math

from ..._arrays.typing import Array
from ..._docstrings import document
from ..._formula import LITTLE, Call, Formula, Held, Terms
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis
from ..._inputs.outliers import nan_where, refuse

# Puts the first parameters of a loss of class indices or probabilities into its docstring.
document_rows_of_classes = document(
    logits_labels_and_class_axis="""\
logits : array, shape (..., C)
    Logits x, of real floating dtype. Each row along `class_axis` is an entry.
labels : array, shape (...) or (..., C)
    Class indices, integers in [0, C), in the shape of `logits` without `class_axis`; or class
    probabilities t in [0, 1] in the shape of `logits`, bool, integer or floating. A row with a
    missing probability is missing.
class_axis : int, default: -1
    The axis of the classes in `logits`.""",
    class_weight="""\
class_weight : array, shape (C,), optional
    Weight w of each class. The weight of the label's class counts as weight of the entry:
    ``reduction="weighted_mean"`` divides by the sum of these weights.""",
)


def call_of_rows(
    logits: Array,
    labels: Array,
    formula: Formula,
    options: Options,
    class_axis: int,
    class_weight: Array | None,
    held: Held = LITTLE,
) -> Call:
    """Return the call of a loss of class indices or probabilities, with weights of classes."""
    layout = EntryLayout(check_axis("class_axis", class_axis))
    arrays = {"class_weight": class_weight}
    return Call(logits, labels, formula, options, layout, arrays, held=held)


def class_indices(entries: Entries) -> tuple[Array, Array]:
    """Return the class index of each row, and a factor: 1, or NaN where the label is no class."""
    xp, x = entries.xp, entries.prediction
    index = xp.astype(entries.labels, xp.index_dtype)
    is_class = (index >= 0) & (index < entries.layout.classes)
    ones = xp.ones_like(xp.astype(index, x.dtype))
    return xp.where(is_class, index, 0), xp.where(is_class, ones, math.nan)


def gather_class_weight(entries: Entries, index: Array, weights: Array | None) -> Array | None:
    """Gather the class weights at each row's class index; 1 where the row is missing."""
    if weights is None:
        return None
    weights = entries.xp.broadcast_to(weights, entries.layout.shape)
    return entries.guard(entries.xp.take_along_axis(weights, index, entries.layout.class_axis), 1.0)


class ClassMask:
    """The mask of the classes that take part in the softmax of each row.

    Attributes
    ----------
    logits : array
        The logits; 0 in rows without a class, NaN in rows whose mask is none.
    within : bool array
        True where a class takes part; True for all classes of rows without a class.
    uniform : array
        The uniform distribution over the classes that take part.
    counted : bool array
        Whether a row is observed and has a class.
    """

    @classmethod
    def from_entries(cls, entries: Entries) -> ClassMask | None:
        """Read the argument `class_mask`; return None if it is not given."""
        masks = entries.class_mask("class_mask")
        return None if masks is None else cls(entries, *masks)

    def __init__(self, entries: Entries, is_in: Array, is_wrong: Array | None) -> None:
        xp, x = entries.xp, entries.prediction
        self._xp, self._axis, self._is_in = xp, entries.layout.class_axis, is_in
        members = xp.astype(is_in, x.dtype)
        number = xp.sum_along(members, (self._axis,))
        self._ones = xp.ones_like(number)
        has_any = number > 0
        # Not `&`, which is wrong under vmap of MLX 0.32.4 if only one of the arrays is mapped.
        self.counted = (
            has_any if entries.observed is None else xp.logical_and(has_any, entries.observed)
        )
        self.uniform = members / xp.where(has_any, number, 1.0)
        if is_wrong is not None:
            x = nan_where(xp, xp.any(is_wrong, axis=self._axis, keepdims=True), x)
        self.logits, self.within = xp.where(has_any, x, 0.0), is_in | ~has_any

    def zero_outside(self, array: Array) -> Array:
        """Put 0 where a class does not take part."""
        return self._xp.where(self._is_in, array, 0.0)

    def check_indices(self, index: Array) -> Array:
        """Refuse labels whose class does not take part; return a factor: 1, or NaN for these."""
        xp = self._xp
        is_out = xp.logical_and(
            xp.take_along_axis(self.uniform, index, self._axis) == 0, self.counted
        )
        expected = "a class that takes part by `class_mask`"
        advice = "; if it means missing, pass missing={outlier}"
        refuse(xp, "labels", index, is_out, expected, advice)
        return xp.where(is_out, math.nan, self._ones)

    def check_probabilities(self, labels: Array) -> Array:
        """Refuse probabilities of classes that do not take part; return labels, NaN for these."""
        xp = self._xp
        is_out = xp.logical_and(~self._is_in, self.counted)
        expected = "0 where a class takes no part by `class_mask`"
        advice = "; let the class take part, or share its probability among the others"
        is_some = labels > 0
        refuse(xp, "labels", labels, xp.logical_and(is_out, is_some), expected, advice)
        # Not ~(labels <= 0), which graphs of TensorFlow 2.21 rewrite to labels > 0, False for NaN.
        is_some = xp.logical_or(is_some, xp.isnan(labels))
        is_wrong = xp.any(xp.logical_and(is_out, is_some), axis=self._axis, keepdims=True)
        return xp.where(is_wrong, math.nan, self.zero_outside(labels))

    def apply(self, terms: Terms) -> Terms:
        """Zero the derivatives by masked logits, and do not count rows without a class."""
        along = terms.curvature_along
        return Terms(
            value=terms.value,
            slope=lambda: self.zero_outside(terms.slope()),
            curvature=lambda: self.zero_outside(terms.curvature()),
            weight=terms.weight,
            counted=lambda: self.counted,
            curvature_along=along and (lambda v: self.zero_outside(along(self.zero_outside(v)))),
        )
