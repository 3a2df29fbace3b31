"""Losses of one class among several."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from maskloss._domain import UNIT
from maskloss._formula import Call, Terms
from maskloss._grid import Layout
from maskloss._loss import loss
from maskloss._observation import Entries
from maskloss._options import Options, check_axis, check_fraction
from maskloss._typing import Array
from maskloss._vocabulary import Softmax


@loss(labels=UNIT)
def cross_entropy(
    logits: Array,
    labels: Array,
    *,
    class_axis: int = -1,
    class_weight: Array | None = None,
    label_smoothing: float = 0.0,
    **options: Unpack[Options],
) -> Call:
    r"""Cross-entropy of softmax(x), from logits x, for class indices or class probabilities.

    .. math:: -\sum_c w_c \, t_c \log \mathrm{softmax}(x)_c

    Parameters
    ----------
    logits : array, shape (..., C)
        Logits x, of real floating dtype. An entry is a row along `class_axis`.
    labels : array, shape (...) or (..., C)
        Class indices, integers in [0, C), in the shape of `logits` without `class_axis`; or class
        probabilities t in the shape of `logits`, bool, integer or floating. A row with a missing
        probability is missing.
    class_axis : int, default: -1
        The axis of the classes in `logits`.
    class_weight : array, shape (C,), optional
        Weight w of each class. That of the label counts as weight of the entry:
        ``reduction="weighted_mean"`` divides by the sum of the weights of the labels, as torch
        does for class indices.
    label_smoothing : float, default: 0.0
        Moves labels towards 1 / C: t (1 - s) + s / C, with s in [0, 1].
    **options

    Returns
    -------
    array or Sums
        The reduced loss, in the dtype of `logits`, float32 at least.

    Raises
    ------
    TypeError
        If an argument is no array of the common library, or has the wrong dtype.
    ValueError
        If shapes differ, a keyword has an unknown value, or, where values can be read, an observed
        label is no class, an observed probability lies outside [0, 1] or a weight is negative.
        Where they cannot be read, the loss of a label that is no class is NaN.

    Notes
    -----
    `torch.nn.functional.cross_entropy`, whose ``ignore_index=-100`` is ``missing=-100`` here, and
    exact to a few machine epsilons also for confident rows, for which torch returns 0.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, 0.0, 0.0], [np.nan, np.nan, np.nan]])
    >>> print(f"{ml.cross_entropy(logits, np.asarray([0, -100]), missing=-100):.4f}")
    0.2395
    """
    smoothing = check_fraction("label_smoothing", label_smoothing)
    layout = Layout(check_axis("class_axis", class_axis))
    terms = functools.partial(_cross_entropy, smoothing=smoothing)
    return Call(
        logits,
        labels,
        terms,
        options,
        layout=layout,
        arrays={"class_weight": class_weight},
    )


def _cross_entropy(entries: Entries, *, smoothing: float) -> Terms:
    class_weight = entries.per_class("class_weight")
    if entries.grid.indexed and not smoothing:
        return _of_indices(entries, class_weight)
    return _of_probabilities(entries, class_weight, smoothing)


def _of_indices(entries: Entries, class_weight: Array | None) -> Terms:
    s = _softmax(entries)
    index, factor = _class_of(entries, s)
    weight = None
    if class_weight is not None:
        weight = entries.guard(s.at(s.broadcast(class_weight), index), 1.0)
        factor = factor * weight

    def slope() -> Array:
        return factor * s.replace(s.probability, index, -s.complement_at(index))

    return Terms(
        value=lambda: factor * s.surprise_at(index),
        slope=slope,
        curvature=lambda: factor * s.probability * s.complement,
        weight=None if weight is None else lambda: weight,
    )


def _of_probabilities(entries: Entries, class_weight: Array | None, smoothing: float) -> Terms:
    xp, s = entries.xp, _softmax(entries)
    total = s.total
    target = entries.labels
    if entries.grid.indexed:
        index, factor = _class_of(entries, s)
        target = factor * xp.where(s.is_class(index), xp.ones_like(entries.prediction), 0.0)
    share = target * (1 - smoothing) + smoothing / s.number
    if class_weight is not None:
        target, share = target * class_weight, share * class_weight

    def value() -> Array:
        surprise = s.surprise
        is_impossible = (share == 0) & (surprise == math.inf)  # 0 log 0 is 0
        return total(share * xp.where(is_impossible, 0.0, surprise))

    return Terms(
        value=value,
        slope=lambda: (total(share) - share) * s.probability - share * s.complement,
        curvature=lambda: total(share) * s.probability * s.complement,
        weight=None if class_weight is None else lambda: total(target),
    )


def _softmax(entries: Entries) -> Softmax:
    return Softmax(entries.xp, entries.prediction, entries.grid.class_axis)


def _class_of(entries: Entries, s: Softmax) -> tuple[Array, Array]:
    """Return the class of each row and a factor of 1, NaN where the label is no class."""
    xp, x = entries.xp, entries.prediction
    index = xp.astype(entries.labels, s.top.dtype)
    is_class = (index >= 0) & (index < s.number)
    ones = xp.ones_like(xp.astype(index, x.dtype))
    return xp.where(is_class, index, 0), xp.where(is_class, ones, math.nan)
