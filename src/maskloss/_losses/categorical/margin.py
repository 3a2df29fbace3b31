"""Loss of one class among several, by the margin between its score and the others'."""

from __future__ import annotations

import functools
import math
from typing import Literal, Unpack

from maskloss._arrays.indexing import one_hot_mask, take
from maskloss._arrays.summation import total
from maskloss._arrays.typing import Array
from maskloss._formula import Call, Terms
from maskloss._inputs.entries import Entries
from maskloss._inputs.layout import EntryLayout
from maskloss._inputs.options import Options, check_axis, check_number
from maskloss._loss import loss
from maskloss._losses.categorical.classes import class_of, weight_of
from maskloss._math.arithmetic import sign, subtraction_error


@loss()
def multi_margin_loss(
    input: Array,
    target: Array,
    *,
    class_axis: int = -1,
    p: Literal[1, 2] = 1,
    margin: float = 1.0,
    class_weight: Array | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Hinge loss of several classes: each score but the label's y should lie a margin m below it.

    .. math:: \frac{w_y}{C} \sum_{c \ne y} \max(0, m - x_y + x_c)^p

    Parameters
    ----------
    input : array, shape (..., C)
        Scores x, of real floating dtype. An entry is a row along `class_axis`.
    target : array, shape (...)
        Class indices y, integers in [0, C), in the shape of `input` without `class_axis`.
    class_axis : int, default: -1
        The axis of the classes in `input`.
    p : int, default: 1
        The power of each term, 1 or 2.
    margin : float, default: 1.0
        The margin m, a finite number.
    class_weight : array, shape (C,), optional
        Weight w of each class. That of the label counts as weight of the entry:
        ``reduction="weighted_mean"`` divides by the sum of the weights of the labels.
    **options

    Notes
    -----
    `torch.nn.functional.multi_margin_loss`, which divides by the number of classes C, the label's
    among them, and has weights of classes in no denominator. The derivative is 0 at the margin.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([[2.0, 1.5, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    >>> ml.multi_margin_loss(scores, np.asarray([0, -1]), missing=-1, reduction="none")
    array([0.125, 0.   ])
    """
    if isinstance(p, bool) or p not in {1, 2}:
        msg = f"`p` must be 1 or 2, got {p!r}"
        raise ValueError(msg)
    formula = functools.partial(
        _multi_margin,
        is_squared=p == 2,
        margin=check_number("margin", margin, least=-math.inf),
    )
    layout = EntryLayout(check_axis("class_axis", class_axis), indices=True)
    arrays = {"class_weight": class_weight}
    return Call(input, target, formula, options, layout=layout, arrays=arrays)


def _multi_margin(entries: Entries, *, is_squared: bool, margin: float) -> Terms:
    xp, x, axis = entries.xp, entries.prediction, entries.layout.class_axis
    index, factor = class_of(entries)
    weight = weight_of(entries, index, entries.per_class("class_weight"))
    factor = (factor if weight is None else factor * weight) / entries.layout.classes
    is_label = one_hot_mask(xp, x, index, axis)
    gap = _shortfall(entries, take(xp, x, index, axis), margin, is_label)
    # 1, or 0 on the flat side and at the kink, also for automatic differentiation of the value.
    active = sign(xp, gap)

    def of_row(array: Array) -> Array:
        return total(xp, array, (axis,))

    def slope() -> Array:
        rise = 2 * gap if is_squared else active
        return factor * xp.where(is_label, -of_row(rise), rise)

    def curvature() -> Array:
        if not is_squared:
            return xp.zeros_like(x)
        return 2 * factor * xp.where(is_label, of_row(active), active)

    return Terms(
        value=lambda: factor * of_row((gap if is_squared else active) * gap),
        slope=slope,
        curvature=curvature,
        weight=None if weight is None else lambda: weight,
    )


def _shortfall(entries: Entries, score: Array, margin: float, is_label: Array) -> Array:
    """max(0, m - score + x), 0 for the label, to a few epsilons also where it is close to 0."""
    xp, x = entries.xp, entries.prediction
    difference = x - score
    gap = (margin + difference) + subtraction_error(xp, x, score, difference)
    return xp.where(xp.logical_or(is_label, gap <= 0), 0.0, gap)
