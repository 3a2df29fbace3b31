"""Multi-label hinge loss: the margin between positive and negative classes of a row."""

from __future__ import annotations

import math
from typing import Unpack

from ..._arrays.cached_property import cached_property
from ..._arrays.kinds import scalar
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms
from ..._inputs.checked_call import CheckedCall
from ..._inputs.domain import Domain, classes_of
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.missing import as_tuple, refuse_meanings
from ..._inputs.options import Options, check_axis, check_flag
from ..._inputs.outliers import check_domain, in_domain
from ..._loss import loss
from ..._math.arithmetic import subtraction_error
from ..._math.sorting import Order, part

_BINARY = Domain(values=(0, 1), names=("negative", "positive"), missing=())
_END = -1


@loss()
def multilabel_margin_loss(
    input: Array,
    target: Array,
    *,
    multi_hot: bool = False,
    class_axis: int = -1,
    **options: Unpack[Options],
) -> Call:
    r"""Multi-label hinge loss over every pair of a positive and a negative class of a row.

    .. math:: \frac 1 n \sum_{j \in Y} \sum_{i \notin Y} \max(0, 1 - x_j + x_i)

    Parameters
    ----------
    input : array, shape (..., C)
        Scores x, of real floating dtype. Each row along `class_axis` is an entry, of n = C classes.
    target : array, shape (..., C)
        The positive classes Y of the row: integers in [0, C) up to the first -1. A class counts as
        often as it is listed. `missing` must not contain -1; a row with a missing number is
        missing. With `multi_hot`, 1 for positive and 0 for negative classes; bool, integer or
        floating.
    multi_hot : bool, default: False
        Take labels of 0 and 1. `mask` and `missing` then apply to each label: a pair counts only if
        both of its classes are observed, and n is the number of observed classes.
    class_axis : int, default: -1
        The axis of the classes.
    **options

    Notes
    -----
    The same as `torch.nn.functional.multilabel_margin_loss`, with any number of leading dimensions.
    A row without a pair has the loss 0 and counts, as in torch. The derivative of a pair is 0 at
    the kink.

    Sorting the scores takes O(C log C) time and O(C) memory per row. The loss is the sum of the
    gaps between neighbours, each times the number of pairs that it separates: nothing cancels.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([[0.1, 0.2, 0.4, 0.8]])
    >>> float(ml.multilabel_margin_loss(scores, np.asarray([[3, 0, -1, 1]])).round(4))
    0.85

    The same labels, the last but one unknown:

    >>> labels = np.asarray([[1, 0, -1, 1]])
    >>> float(ml.multilabel_margin_loss(scores, labels, multi_hot=True, missing=-1).round(4))
    0.5
    """
    check_flag("multi_hot", multi_hot)
    missing = [scalar(value) for value in as_tuple(options.get("missing"))]
    if not multi_hot and _END in missing:
        msg = (
            "`missing`=-1 ends the classes of a row of labels; mark missing rows by another "
            "number or `mask`, or pass labels of 0 and 1 with multi_hot=True"
        )
        raise ValueError(msg)
    if multi_hot:
        refuse_meanings("the labels", _BINARY, options.get("missing"))
    axis = check_axis("class_axis", class_axis)
    layout = EntryLayout(axis, coupled=multi_hot, class_lists=not multi_hot)
    formula = _multi_hot if multi_hot else _indices
    return Call(input, target, formula, options, layout, held=Held(17.4))


def _multi_hot(entries: Entries) -> Terms:
    xp = entries.xp
    y = in_domain(xp, entries.label_name, entries.labels, _BINARY)
    # A NaN label makes the weight NaN, and so the value.
    positive = entries.guard(xp.where(y == 1, 1.0, 0.0 * y), 0.0)
    negative = entries.guard(xp.where(y == 0, 1.0, 0.0 * y), 0.0)
    return _terms(entries, positive, negative, 1 / entries.number)


def _indices(entries: Entries) -> Terms:
    xp, y, layout = entries.xp, entries.labels, entries.layout
    _check_integers(entries.checked)
    classes = classes_of(layout.classes, "classes ", low=_END, missing=())
    check_domain(xp, entries.label_name, y, classes)
    is_class = xp.all((y >= _END) & (y < layout.classes), axis=layout.class_axis, keepdims=True)
    positive = _multiplicity(xp, y, layout.class_axis)
    negative = xp.where(positive == 0, xp.ones_like(y), 0.0)
    number = xp.where(is_class, entries.number, math.nan)
    return _terms(entries, positive, negative, 1 / number)


def _check_integers(checked: CheckedCall) -> None:
    dtype, name = checked.labels.values.dtype, checked.spec.names[1]
    if not checked.xp.isdtype(dtype, "integral"):
        msg = (
            f"`{name}` holds class indices and must be integers, got {dtype}; pass labels of 0 and "
            f"1 with multi_hot=True"
        )
        raise TypeError(msg)


def _multiplicity(xp: Namespace, listed: Array, axis: int) -> Array:
    """Count how often each class is listed in a row before its first -1."""
    size = listed.shape[axis]
    classes = xp.astype(xp.positions_along(listed, axis), listed.dtype)
    is_end = xp.where(listed < 0, xp.ones_like(listed), 0.0)
    is_before = xp.cumulative_sum(is_end, axis) == 0
    # Sorted together with the labels, a class comes after all smaller labels.
    both = xp.concat([classes, xp.where(is_before, listed, size)], axis=axis)
    ranks = xp.astype(Order(xp, [both], axis).ranks, listed.dtype)
    less = part(ranks, axis, 0, size) - classes
    number = xp.sum(xp.astype(is_before, listed.dtype), axis=axis, keepdims=True)
    return xp.concat([part(less, axis, 1, size), number], axis=axis) - less


def _terms(entries: Entries, positive: Array, negative: Array, factor: Array) -> Terms:
    pairs = _Pairs(entries, positive, negative)

    def value() -> Array:
        sums = entries.xp.stop_gradient(pairs.value)
        # `step` is 0. It gives automatic differentiation the slope, and a curvature of 0.
        x = entries.prediction
        step = entries.xp.where(entries.xp.isinf(x), 0.0, x - entries.xp.stop_gradient(x))
        steps = (entries.xp.stop_gradient(pairs.slope) + 0.0 * step) * step
        return factor * (sums + entries.total(steps))

    return Terms(
        value=value,
        slope=lambda: factor * pairs.slope,
        curvature=lambda: entries.xp.zeros_like(entries.prediction),
    )


class _Pairs:
    """The sum of max(0, v_i - v_j) over pairs, where v_j = x_j and v_i = x_i + 1.

    It equals the integral over t of the number of v_j below t times the number of v_i above t.
    """

    def __init__(self, entries: Entries, positive: Array, negative: Array) -> None:
        self._xp, self._axis = entries.xp, entries.layout.class_axis
        self._entries = entries
        x = self._xp.stop_gradient(entries.prediction)
        self._x, self._positive, self._negative = x, positive, negative
        self._shift = self._xp.where(negative == 0, 0.0, self._xp.ones_like(x))

    @cached_property
    def _order(self) -> Order:
        """The order by v, exactly; ties are sorted so that no pair spans a gap of 0."""
        xp, x, shift = self._xp, self._x, self._shift
        v = x + shift
        return Order(xp, [-shift, subtraction_error(xp, x, -shift, v), v], self._axis)

    @cached_property
    def _below(self) -> Array:
        """The number of v_j below each gap."""
        return self._xp.cumulative_sum(self._order.sort(self._positive), self._axis)

    @cached_property
    def _above(self) -> Array:
        """The number of v_i above each gap."""
        below = self._xp.cumulative_sum(self._order.sort(self._negative), self._axis)
        return self._entries.total(self._negative) - below

    @property
    def value(self) -> Array:
        xp, size = self._xp, self._x.shape[self._axis]
        x, shift = self._order.sort(self._x), self._order.sort(self._shift)

        def lower(array: Array) -> Array:
            return part(array, self._axis, 0, max(size - 1, 0))

        def upper(array: Array) -> Array:
            return part(array, self._axis, 1, size)

        difference = upper(x) - lower(x)
        error = subtraction_error(xp, upper(x), lower(x), difference)
        gap = (difference + (upper(shift) - lower(shift))) + error
        pairs = lower(self._below) * lower(self._above)
        # No pair spans the infinite gap next to a score of -inf or inf.
        gaps = xp.where(pairs == 0, 0.0, gap * pairs)
        return xp.sum(gaps, axis=self._axis, keepdims=True)

    @cached_property
    def slope(self) -> Array:
        positive = -self._order.unsort(self._above) * self._positive
        return positive + self._order.unsort(self._below) * self._negative
