"""ZLPR: the multi-label loss with a threshold at a logit of 0."""

from __future__ import annotations

from typing import Unpack

from ..._arrays.cached_property import cached_property
from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis
from ..._loss import loss
from ..._math.logsumexp import Along, SoftMaximum
from ..._math.sorting import part


@loss(labels=UNIT)
def zlpr_loss(
    logits: Array, labels: Array, *, class_axis: int = -1, **options: Unpack[Options]
) -> Call:
    r"""Zero-bounded log-sum-exp and pairwise rank-based loss (ZLPR) of a row, from logits x.

    .. math::
        \log \Bigl(1 + \sum_c (1 - y_c) \, e^{x_c}\Bigr) +
        \log \Bigl(1 + \sum_c y_c \, e^{-x_c}\Bigr)

    Parameters
    ----------
    logits : array, shape (..., C)
        Logits x, of real floating dtype; a logit above 0 predicts the label. Each row along
        `class_axis` is an entry.
    labels : array, shape (..., C)
        Labels y in [0, 1], hard or soft; bool, integer or floating. `mask` and `missing` apply to
        each label.
    class_axis : int, default: -1
        The axis of the classes.
    **options

    Notes
    -----
    Accurate to a few machine epsilons also for confident rows; for soft labels the gradient is a
    difference, accurate to a few epsilons of its larger term. `bert4keras` clips soft labels by an
    epsilon and marks missing labels by logits of -inf; use `mask` here.

    J. Su and others, ZLPR: A novel loss for multi-label classification, 2022.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0], [np.nan, -1.0]])
    >>> labels = np.asarray([[1, 0], [-1, 0]])
    >>> ml.zlpr_loss(logits, labels, missing=-1, reduction="none").round(4)
    array([2.8201, 0.3133])
    """
    layout = EntryLayout(check_axis("class_axis", class_axis), coupled=True)
    return Call(logits, labels, _zlpr, options, layout, held=Held(14.4, per_row=18.6))


def _zlpr(entries: Entries) -> Terms:
    x, y = entries.prediction, entries.labels
    negative, positive = _Threshold(entries, x, 1 - y), _Threshold(entries, -x, y)
    return Terms(
        value=lambda: negative.value + positive.value,
        slope=lambda: negative.slope - positive.slope,
        curvature=lambda: negative.curvature + positive.curvature,
    )


# The slope by a weight of 0 is clipped to exp(80): float32 overflows at exp(88.8).
_LARGEST_POWER = 80.0


class _Threshold:
    """log(1 + sum w exp(x))."""

    def __init__(self, entries: Entries, x: Array, weight: Array) -> None:
        self._entries, self._x, self._weight = entries, x, weight
        self._axis, self._size = entries.layout.class_axis, entries.layout.classes

    @cached_property
    def _maximum(self) -> SoftMaximum:
        xp, axis = self._entries.xp, self._axis
        # A weight below 0, by a rounding error, counts as 0; a NaN is let through. Not
        # ~(weight <= 0), which graphs of TensorFlow 2.21 rewrite to weight > 0, False for NaN.
        is_in = xp.logical_or(self._weight > 0, xp.isnan(self._weight))
        if self._entries.observed is not None:
            is_in = xp.logical_and(is_in, self._entries.observed)
        zero = xp.zeros_like(self._entries.total(self._x))
        logits = xp.concat([self._x, zero], axis=axis)
        weight = xp.concat([self._weight, zero + 1], axis=axis)
        is_in = xp.concat([is_in, zero == 0], axis=axis)
        return SoftMaximum(xp, logits, is_in, Along(xp, axis), weight=weight)

    @property
    def value(self) -> Array:
        xp, weight = self._entries.xp, self._weight
        value = self._maximum.peak + self._maximum.excess
        # `by_zero` is 0. It gives automatic differentiation the slope by a weight of 0.
        power = self._x - value
        power = xp.where(power <= _LARGEST_POWER, power, _LARGEST_POWER)
        by_zero = xp.where(weight == 0, weight * xp.exp(power), 0.0)
        return value + self._entries.total(by_zero)

    @property
    def slope(self) -> Array:
        return part(self._maximum.probability, self._axis, 0, self._size)

    @property
    def curvature(self) -> Array:
        return part(self._maximum.bend, self._axis, 0, self._size)
