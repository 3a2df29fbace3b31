"""Rows of classes: the one that a label names, and which of them take part."""

from __future__ import annotations

import math

from maskloss._arrays.indexing import take
from maskloss._arrays.namespace import index_dtype
from maskloss._arrays.summation import total
from maskloss._arrays.typing import Array
from maskloss._formula import Terms
from maskloss._inputs.domain import refuse
from maskloss._inputs.entries import Entries


def class_of(entries: Entries) -> tuple[Array, Array]:
    """Return the class of each row and a factor of 1, NaN where the label is no class."""
    xp, x = entries.xp, entries.prediction
    index = xp.astype(entries.labels, index_dtype(xp))
    is_class = (index >= 0) & (index < entries.layout.classes)
    ones = xp.ones_like(xp.astype(index, x.dtype))
    return xp.where(is_class, index, 0), xp.where(is_class, ones, math.nan)


def weight_of(entries: Entries, index: Array, weights: Array | None) -> Array | None:
    """Return the weight of each row's class, and 1 where nothing is observed."""
    if weights is None:
        return None
    weights = entries.xp.broadcast_to(weights, entries.layout.shape)
    return entries.guard(take(entries.xp, weights, index, entries.layout.class_axis), 1.0)


class ClassMask:
    """Which classes of each row take part in its softmax.

    Attributes
    ----------
    logits : array
        The logits, 0 in a row of which no class takes part.
    within : bool array
        Whether a class takes part; all of a row of which none does.
    share : array
        The share of each class where those that take part share 1 evenly.
    counted : bool array
        Whether a row is observed and has a class.
    """

    @classmethod
    def of(cls, entries: Entries) -> ClassMask | None:
        """Return which classes take part, or None where all do."""
        is_in = entries.class_mask("class_mask")
        return None if is_in is None else cls(entries, is_in)

    def __init__(self, entries: Entries, is_in: Array) -> None:
        xp, x = entries.xp, entries.prediction
        self._xp, self._axis, self._is_in = xp, entries.layout.class_axis, is_in
        members = xp.astype(is_in, x.dtype)
        number = total(xp, members, (self._axis,))
        self._ones = xp.ones_like(number)
        has_any = number > 0
        # Not `&`, which MLX gets wrong under vmap where only one of two arrays is mapped.
        self.counted = (
            has_any if entries.observed is None else xp.logical_and(has_any, entries.observed)
        )
        self.share = members / xp.where(has_any, number, 1.0)
        self.logits, self.within = xp.where(has_any, x, 0.0), is_in | ~has_any

    def only(self, array: Array) -> Array:
        """Put 0 where a class does not take part."""
        return self._xp.where(self._is_in, array, 0.0)

    def factor_of_classes(self, index: Array) -> Array:
        """Refuse a label whose class does not take part; its factor is NaN, and else 1."""
        xp = self._xp
        is_out = xp.logical_and(take(xp, self.share, index, self._axis) == 0, self.counted)
        expected = "a class that takes part by `class_mask`"
        advice = "; if it means missing, pass missing={outlier}"
        refuse(xp, "labels", index, is_out, expected, advice)
        return xp.where(is_out, math.nan, self._ones)

    def probabilities(self, labels: Array) -> Array:
        """Refuse a probability of a class that does not take part; its row becomes NaN."""
        xp = self._xp
        is_out = xp.logical_and(~self._is_in, self.counted)
        expected = "0 where a class takes no part by `class_mask`"
        advice = "; let the class take part, or share its probability among the others"
        is_some = labels > 0
        refuse(xp, "labels", labels, xp.logical_and(is_out, is_some), expected, advice)
        # Not ~(labels <= 0), which TensorFlow's graphs take for labels > 0, of which NaN is none.
        is_some = xp.logical_or(is_some, xp.isnan(labels))
        is_wrong = xp.any(xp.logical_and(is_out, is_some), axis=self._axis, keepdims=True)
        return xp.where(is_wrong, math.nan, self.only(labels))

    def terms(self, terms: Terms) -> Terms:
        """Take the classes that do not take part, and rows without any, out of a formula."""
        return Terms(
            value=terms.value,
            slope=lambda: self.only(terms.slope()),
            curvature=lambda: self.only(terms.curvature()),
            weight=terms.weight,
            counted=lambda: self.counted,
        )
