"""Multi-class hinge loss: the margin between the score of the label and the other scores."""

from __future__ import annotations

import functools
import math
from typing import Literal, Unpack

from ..._arrays.kinds import scalar, shown
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis, check_number
from ..._loss import loss
from ..._math.arithmetic import sign, subtraction_error
from ..._math.constants import split
from .classes import class_indices, gather_class_weight


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
    r"""Multi-class hinge loss: every other score should be a margin m below the label's score.

    .. math:: \frac{w_y}{C} \sum_{c \ne y} \max(0, m - x_y + x_c)^p

    Parameters
    ----------
    input : array, shape (..., C)
        Scores x, of real floating dtype. Each row along `class_axis` is an entry.
    target : array, shape (...)
        Class indices y, integers in [0, C), in the shape of `input` without `class_axis`.
    class_axis : int, default: -1
        The axis of the classes in `input`.
    p : int, default: 1
        The power of each term, 1 or 2.
    margin : float, default: 1.0
        The margin m, a finite number.
    class_weight : array, shape (C,), optional
        Weight w of each class. The weight of the label's class counts as weight of the entry:
        ``reduction="weighted_mean"`` divides by the sum of these weights.
    **options

    Notes
    -----
    The same as `torch.nn.functional.multi_margin_loss`. It divides by the number of classes C,
    the label's class included. torch does not count class weights in a denominator. The derivative
    is 0 at the margin.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([[2.0, 1.5, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    >>> ml.multi_margin_loss(scores, np.asarray([0, -1]), missing=-1, reduction="none")
    array([0.125, 0.   ])
    """
    if isinstance(p, bool) or scalar(p) not in (1, 2):
        msg = f"`p` must be 1 or 2, got {shown(p)}"
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
    index, factor = class_indices(entries)
    weight = gather_class_weight(entries, index, entries.per_class("class_weight"))
    factor = (factor if weight is None else factor * weight) / entries.layout.classes
    is_label = xp.one_hot_mask(x, index, axis)
    gap = _margin_gap(entries, xp.take_along_axis(x, index, axis), margin, is_label)
    # 1, or 0 on the flat side and at the kink, also for automatic differentiation of the value.
    active = sign(xp, gap)

    def row_sum(array: Array) -> Array:
        return xp.sum_along(array, (axis,))

    def slope() -> Array:
        other = 2 * gap if is_squared else active
        return factor * xp.where(is_label, -row_sum(other), other)

    def curvature() -> Array:
        if not is_squared:
            return xp.zeros_like(x)
        return 2 * factor * xp.where(is_label, row_sum(active), active)

    return Terms(
        value=lambda: factor * row_sum((gap if is_squared else active) * gap),
        slope=slope,
        curvature=curvature,
        weight=None if weight is None else lambda: weight,
    )


def _margin_gap(entries: Entries, score: Array, margin: float, is_label: Array) -> Array:
    """Return max(0, m - score + x), or 0 for the label, also to a few epsilons close to 0."""
    xp, x = entries.xp, entries.prediction
    difference = x - score
    # What a float32 of a margin of 0.3 leaves out counts as much as a gap of that size.
    number, rest = split(margin, 0.0, float(xp.finfo(x.dtype).eps))
    lost = subtraction_error(xp, x, score, difference)
    gap = (number + difference) + (lost + rest if rest else lost)
    return xp.where(xp.logical_or(is_label, gap <= 0), 0.0, gap)
