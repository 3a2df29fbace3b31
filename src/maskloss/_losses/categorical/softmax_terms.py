"""Losses of a softmax: a penalty of the surprisal -log(p) of each class, weighted by the label."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from ..._arrays.typing import Array
from ..._formula import Terms
from ..._inputs.entries import Entries
from ..._math.softmax import ClassProbability, Softmax
from .classes import ClassMask, class_indices, gather_class_weight

# Maps a class to its penalty, with the derivatives by the surprisal.
Penalty = Callable[[ClassProbability], Terms]


def surprisal(of: ClassProbability) -> Terms:
    """Return the surprisal itself: the penalty of the cross-entropy."""
    return Terms(value=lambda: of.surprisal, slope=lambda: 1.0, curvature=lambda: 0.0)


def softmax_terms(
    entries: Entries,
    penalty: Penalty,
    *,
    class_weight: Array | None = None,
    smoothing: float = 0.0,
    z_loss: float = 0.0,
    class_mask: ClassMask | None = None,
) -> Terms:
    """Sum the penalties of the classes of a row, weighted by label and class weight."""
    logits, within = entries.prediction, None
    if class_mask is not None:
        logits, within = class_mask.logits, class_mask.within
    softmax = functools.partial(Softmax, entries.xp, logits, entries.layout.class_axis, within)
    if class_mask is not None and class_weight is not None:
        class_weight = class_mask.zero_outside(class_weight)
    if entries.layout.has_class_indices and not smoothing:
        terms = _index_terms(entries, softmax, penalty, class_weight, class_mask)
        s = None  # that of the terms has another centre
    else:
        s = softmax()
        target = class_probabilities(entries, s, class_mask)
        uniform = 1 / entries.layout.classes if class_mask is None else class_mask.uniform
        share = (target * (1 - smoothing) + uniform * smoothing) if smoothing else target
        terms = _probability_terms(s, penalty, target, share, class_weight)
    if z_loss:
        terms = _with_z_loss(s or softmax(), terms, z_loss)
    return terms if class_mask is None else class_mask.apply(terms)


def weighted_softmax_terms(entries: Entries, penalty: Penalty) -> Terms:
    """Sum the penalties of the classes of a row, with the `class_weight` of the call."""
    return softmax_terms(entries, penalty, class_weight=entries.per_class("class_weight"))


def weight_of_labels(entries: Entries, class_weight: Array) -> Array:
    """Return the class weight of each row's label, averaged if it is soft."""
    if not entries.layout.has_class_indices:
        return entries.total(entries.labels * class_weight)
    index, _ = class_indices(entries)
    return gather_class_weight(entries, index, class_weight)


def _class_indices(entries: Entries, class_mask: ClassMask | None) -> tuple[Array, Array]:
    """Return the class index of each row and a factor: 1, or NaN if no class has that index."""
    index, factor = class_indices(entries)
    return index, factor if class_mask is None else factor * class_mask.check_indices(index)


def _index_terms(
    entries: Entries,
    softmax: Callable[..., Softmax],
    penalty: Penalty,
    class_weight: Array | None,
    class_mask: ClassMask | None,
) -> Terms:
    """Return the penalty of the class that each row's label names."""
    index, factor = _class_indices(entries, class_mask)
    weight = gather_class_weight(entries, index, class_weight)
    if weight is not None:
        factor = factor * weight
    s = softmax(centre=index)
    label = s.centre
    f = penalty(label)

    def slope() -> Array:
        # The derivative of the surprisal is p by each logit, and p - 1 by the label's logit.
        first = factor * f.slope()
        return s.replace(s.each.times_probability(first), index, -first * label.complement)

    def curvature() -> Array:
        p, q, first, second = label.probability, label.complement, f.slope(), f.curvature()
        own = factor * q * (first * p + second * q)
        # Centred at the largest class: with another centre its 1 - p would cancel.
        each = softmax().each
        p, q = each.probability, each.complement
        return s.replace(factor * p * (first * q + second * p), index, own)

    def curvature_along(direction: Array) -> Array:
        # The diagonal of the curvature has q in place of the change by the class's own logit.
        top = softmax()
        p, change = top.each.probability, top.log_along(direction)
        first, second, of_label = f.slope(), f.curvature(), top.at(change, index)
        own = factor * of_label * (first * label.probability + second * label.complement)
        return s.replace(factor * p * (first * change - second * of_label), index, own)

    return Terms(
        value=lambda: factor * f.value(),
        slope=slope,
        curvature=curvature,
        weight=None if weight is None else lambda: weight,
        curvature_along=curvature_along,
    )


def class_probabilities(entries: Entries, s: Softmax, class_mask: ClassMask | None = None) -> Array:
    """Return the labels as class probabilities; a class index becomes one-hot."""
    if not entries.layout.has_class_indices:
        y = entries.labels
        return y if class_mask is None else class_mask.check_probabilities(y)
    index, factor = _class_indices(entries, class_mask)
    ones = entries.xp.ones_like(entries.prediction)
    return factor * entries.xp.where(s.is_class(index), ones, 0.0)


def weighted_probabilities(entries: Entries, s: Softmax) -> Array:
    """Return the labels as class probabilities, each times its `class_weight`.

    As elsewhere, an infinite or NaN weight has no effect if no class index names its class.
    """
    target, weight = class_probabilities(entries, s), entries.per_class("class_weight")
    if weight is None:
        return target
    if entries.layout.has_class_indices:
        weight = weight_of_labels(entries, weight)
    return target * weight


def _probability_terms(
    s: Softmax, penalty: Penalty, target: Array, share: Array, class_weight: Array | None
) -> Terms:
    """Return the penalties of all classes, weighted by `share`: the target, smoothed or not."""
    total, each = s.total, s.each
    f = penalty(each)
    if class_weight is not None:
        target, share = target * class_weight, share * class_weight

    def slope() -> Array:
        first = share * f.slope()
        return s.total_of_others(first) * each.probability - first * each.complement

    def curvature() -> Array:
        p, q = each.probability, each.complement
        second = share * f.curvature()
        squares = s.total_of_others(second) * p * p + second * q * q
        return total(share * f.slope()) * p * q + squares

    def curvature_along(direction: Array) -> Array:
        p, q, change = each.probability, each.complement, s.log_along(direction)
        second = share * f.curvature() * change
        squares = second * q - s.total_of_others(second) * p
        return total(share * f.slope()) * p * change + squares

    return Terms(
        value=lambda: weighted_total(s, share, f.value()),
        slope=slope,
        curvature=curvature,
        weight=None if class_weight is None else lambda: total(target),
        curvature_along=curvature_along,
    )


def weighted_total(s: Softmax, share: Array, values: Array) -> Array:
    """Sum the values of the classes of each row, weighted; 0 log 0 is 0."""
    is_impossible = s.xp.logical_and(share == 0, values == math.inf)
    return s.total(share * s.xp.where(is_impossible, 0.0, values))


def _with_z_loss(s: Softmax, terms: Terms, factor: float) -> Terms:
    """Add the square of log(sum(exp(x))), times `factor`."""
    each = s.each
    along: Any = terms.curvature_along

    def curvature() -> Array:
        p = each.probability
        return terms.curvature() + 2 * factor * p * (p + s.log_total * each.complement)

    def curvature_along(direction: Array) -> Array:
        change = s.expectation(direction) + s.log_total * s.log_along(direction)
        return along(direction) + 2 * factor * each.probability * change

    return Terms(
        value=lambda: terms.value() + factor * s.log_total * s.log_total,
        slope=lambda: terms.slope() + 2 * factor * s.log_total * each.probability,
        curvature=curvature,
        weight=terms.weight,
        curvature_along=curvature_along,
    )
