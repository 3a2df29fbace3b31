"""Losses of a softmax: the surprisal -log(p) of the classes that a label names, penalised."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

from maskloss._arrays.typing import Array
from maskloss._formula import Terms
from maskloss._inputs.entries import Entries
from maskloss._losses.categorical.classes import ClassMask, class_of, weight_of
from maskloss._math.softmax import ClassProbability, Softmax

# The penalty of a class, with its derivatives by the surprisal.
Penalty = Callable[[ClassProbability], Terms]


def surprisal(chance: ClassProbability) -> Terms:
    """Penalise a class by its surprisal itself, as the cross-entropy does."""
    return Terms(value=lambda: chance.surprisal, slope=lambda: 1.0, curvature=lambda: 0.0)


def softmax_terms(
    entries: Entries,
    penalty: Penalty,
    *,
    class_weight: Array | None = None,
    smoothing: float = 0.0,
    z_loss: float = 0.0,
    part: ClassMask | None = None,
) -> Terms:
    """Sum the penalties of a row's classes, weighted by label and class."""
    logits, within = (entries.prediction, None) if part is None else (part.logits, part.within)
    softmax = functools.partial(Softmax, entries.xp, logits, entries.layout.class_axis, within)
    if part is not None and class_weight is not None:
        class_weight = part.only(class_weight)
    if entries.layout.has_class_indices and not smoothing:
        terms = _of_classes(entries, softmax, penalty, class_weight, part)
    else:
        s = softmax()
        target = _probabilities(entries, s, part)
        evenly = 1 / entries.layout.classes if part is None else part.share
        share = (target * (1 - smoothing) + evenly * smoothing) if smoothing else target
        terms = _of_probabilities(s, penalty, target, share, class_weight)
    if z_loss:
        terms = _with_z_loss(softmax(), terms, z_loss)
    return terms if part is None else part.terms(terms)


def _class_of(entries: Entries, part: ClassMask | None) -> tuple[Array, Array]:
    """Return the class of each row and a factor of 1, NaN where the label is no class of it."""
    index, factor = class_of(entries)
    return index, factor if part is None else factor * part.factor_of_classes(index)


def _of_classes(
    entries: Entries,
    softmax: Callable[..., Softmax],
    penalty: Penalty,
    class_weight: Array | None,
    part: ClassMask | None,
) -> Terms:
    index, factor = _class_of(entries, part)
    weight = weight_of(entries, index, class_weight)
    if weight is not None:
        factor = factor * weight
    s = softmax(centre=index)
    label = s.centre
    f = penalty(label)

    def slope() -> Array:
        # The derivative of the surprisal by each logit is p, and p - 1 by that of the label.
        rise = factor * f.slope()
        return s.replace(s.each.times_probability(rise), index, -rise * label.complement)

    def curvature() -> Array:
        p, q, first, second = label.probability, label.complement, f.slope(), f.curvature()
        of_label = factor * q * (first * p + second * q)
        # About the largest class, whose 1 - p would cancel beside another centre.
        each = softmax().each
        p, q = each.probability, each.complement
        return s.replace(factor * p * (first * q + second * p), index, of_label)

    return Terms(
        value=lambda: factor * f.value(),
        slope=slope,
        curvature=curvature,
        weight=None if weight is None else lambda: weight,
    )


def _probabilities(entries: Entries, s: Softmax, part: ClassMask | None) -> Array:
    """Return the probabilities of the classes, of a label that names one too."""
    if not entries.layout.has_class_indices:
        return entries.labels if part is None else part.probabilities(entries.labels)
    index, factor = _class_of(entries, part)
    ones = entries.xp.ones_like(entries.prediction)
    return factor * entries.xp.where(s.is_class(index), ones, 0.0)


def _of_probabilities(
    s: Softmax, penalty: Penalty, target: Array, share: Array, class_weight: Array | None
) -> Terms:
    total, each = s.total, s.each
    f = penalty(each)
    if class_weight is not None:
        target, share = target * class_weight, share * class_weight

    def value() -> Array:
        values = f.value()
        is_impossible = s.xp.logical_and(share == 0, values == math.inf)  # 0 log 0 is 0
        return total(share * s.xp.where(is_impossible, 0.0, values))

    def slope() -> Array:
        rise = share * f.slope()
        return (total(rise) - rise) * each.probability - rise * each.complement

    def curvature() -> Array:
        p, q = each.probability, each.complement
        bend = share * f.curvature()
        squares = (total(bend) - bend) * p * p + bend * q * q
        return total(share * f.slope()) * p * q + squares

    return Terms(
        value=value,
        slope=slope,
        curvature=curvature,
        weight=None if class_weight is None else lambda: total(target),
    )


def _with_z_loss(s: Softmax, terms: Terms, factor: float) -> Terms:
    """Add the square of log(sum(exp(x))), times `factor`."""
    each = s.each

    def curvature() -> Array:
        p = each.probability
        return terms.curvature() + 2 * factor * p * (p + s.log_total * each.complement)

    return Terms(
        value=lambda: terms.value() + factor * s.log_total * s.log_total,
        slope=lambda: terms.slope() + 2 * factor * s.log_total * each.probability,
        curvature=curvature,
        weight=terms.weight,
    )
