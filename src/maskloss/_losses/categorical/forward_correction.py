"""Cross-entropy of labels that a known process has changed."""

from __future__ import annotations

import math
from typing import Any, Unpack

from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms
from ..._inputs.domain import UNIT
from ..._inputs.dtypes import as_number, cast
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.masked_labels import is_array_like
from ..._inputs.options import Options, check_axis
from ..._inputs.outliers import in_domain, refuse
from ..._loss import loss
from ..._math.logsumexp import Along, SoftMaximum
from ..._math.softmax import Softmax
from .classes import class_indices, document_rows_of_classes, gather_class_weight


@loss()
@document_rows_of_classes
def forward_corrected_cross_entropy(
    logits: Array,
    labels: Array,
    *,
    transition: Array,
    class_axis: int = -1,
    class_weight: Array | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Cross-entropy of labels that are wrong with known probabilities, from logits x.

    .. math:: -w_y \log \sum_c T_{c y} \, \mathrm{softmax}(x)_c

    The model learns the classes before they were changed: its softmax is compared with the labels
    only after the same change.

    Parameters
    ----------
    logits : array, shape (..., C)
        Logits x, of real floating dtype. Each row along `class_axis` is an entry.
    labels : array, shape (...)
        Class indices y as they were observed, integers in [0, C), in the shape of `logits` without
        `class_axis`.
    transition : array, shape (C, C)
        The probability :math:`T_{c y}` that an entry of class c has the label y; each row adds up
        to 1.
    class_axis : int, default: -1
        The axis of the classes in `logits`.
    **class_weight
    **options

    See Also
    --------
    candidate_cross_entropy : A label that is a set of classes.
    symmetric_cross_entropy : A loss for wrong labels of which nothing is known.

    Notes
    -----
    The forward correction of Patrini et al., "Making Deep Neural Networks Robust to Label Noise: a
    Loss Correction Approach", 2017. For the identity it is `cross_entropy`. To estimate T, train
    with plain cross-entropy first: its row c is the prediction of that model for an entry that is
    surely of class c, such as the one with the largest probability of c.

    A label that no class has by `transition` is an error, as the loss would be infinite. A learned
    `transition` gets its gradient too.

    Value and slope are accurate to a few machine epsilons of their largest term, also for confident
    rows. The loss is not convex.

    Examples
    --------
    Half of class 0 has the label 1:

    >>> import numpy as np
    >>> import maskloss as ml
    >>> transition = np.asarray([[0.5, 0.5], [0.0, 1.0]])
    >>> logits, labels = np.asarray([[4.0, 0.0], [4.0, 0.0]]), np.asarray([0, 1])
    >>> ml.forward_corrected_cross_entropy(
    ...     logits, labels, transition=transition, reduction="none"
    ... ).round(4)
    array([0.7113, 0.6753])
    """
    layout = EntryLayout(check_axis("class_axis", class_axis), indices=True)
    arrays = {"transition": transition, "class_weight": class_weight}
    held = Held(11.0, per_row=16.4)
    return Call(logits, labels, _forward_terms, options, layout, arrays, held=held)


def _forward_terms(entries: Entries) -> Terms:
    xp, axis = entries.xp, entries.layout.class_axis
    matrix, is_valid = _read_transition(entries)
    index, factor = class_indices(entries)
    weight = _columns(xp, matrix, index, axis)
    has_class = xp.any(weight > 0, axis=axis, keepdims=True)
    is_none = ~has_class
    if entries.observed is not None:
        is_none = xp.logical_and(is_none, entries.observed)
    advice = "; its probability by `transition` is 0 for every class"
    refuse(xp, entries.label_name, index, is_none, "labels that some class has", advice)
    # A label that no class has, or a bad matrix, is NaN where it cannot be read.
    factor = xp.where(xp.logical_and(has_class, is_valid), factor, math.nan)
    row = _Row(entries, xp.where(has_class, weight, 1.0))
    of_label = gather_class_weight(entries, index, entries.per_class("class_weight"))
    if of_label is not None:
        factor = factor * of_label
    return Terms(
        value=lambda: factor * row.value,
        slope=lambda: factor * row.slope,
        curvature=lambda: factor * row.curvature,
        weight=None if of_label is None else lambda: of_label,
        curvature_along=lambda direction: factor * row.curvature_along(direction),
    )


class _Row:
    """The loss -log S of each row, where S is the sum of w p, for p = softmax(x)."""

    def __init__(self, entries: Entries, weight: Array) -> None:
        xp, x, axis = entries.xp, entries.prediction, entries.layout.class_axis
        self._xp, self._weight = xp, weight
        self._softmax = Softmax(xp, x, axis)
        self._each = self._softmax.each
        # Its probabilities are w p / S.
        self._weighted = SoftMaximum(xp, x, weight > 0, Along(xp, axis), weight=weight)

    @property
    def value(self) -> Array:
        xp, s, weighted = self._xp, self._softmax, self._weighted
        total, rest = s.expectation(self._weight), s.expectation(1 - self._weight)
        # The logarithm close to 1 and close to 0, without cancellation and underflow.
        tiny = float(xp.finfo(total.dtype).smallest_normal) ** 0.5
        is_near, is_far = rest <= 0.5, total < tiny
        near = -xp.log1p(-xp.where(is_near, rest, 0.0))
        far = (s.peak - weighted.peak) + s.log_mass - weighted.excess
        middle = -xp.log(xp.where(is_far, 1.0, total))
        return xp.where(is_near, near, xp.where(is_far, far, middle))

    @property
    def slope(self) -> Array:
        p, q = self._each.probability, self._each.complement
        share, others = self._weighted.probability, self._weighted.complement
        is_top = self._xp.logical_and(p > 0.5, share > 0.5)
        return self._xp.where(is_top, others - q, p - share)

    @property
    def curvature(self) -> Array:
        own = self._each.probability * self._each.complement
        return own - self._weighted.bend

    def curvature_along(self, direction: Array) -> Array:
        """Return the product of the Hessian and a direction."""
        return self._softmax.gradient(direction) - self._weighted.bend_along(direction)


def _read_transition(entries: Entries) -> tuple[Array, Array]:
    """Return the matrix in the dtype of the computation, and whether its rows add up to 1."""
    xp, x, classes = entries.xp, entries.prediction, entries.layout.classes
    array: Any = entries.checked.arrays["transition"]
    shape = xp.shape_of(array) if is_array_like(array) else array
    if shape != (classes, classes):
        msg = (
            f"`transition` must have shape ({classes}, {classes}), a row for each class and a "
            f"column for each label, got {shape}"
        )
        raise ValueError(msg)
    matrix = cast(xp, as_number(xp, "transition", array, x.dtype, x), x.dtype)
    matrix = in_domain(xp, "transition", matrix, UNIT, refuse_nan=True)
    sums = xp.sum_along(matrix, (1,))
    is_off = ~(xp.abs(sums - 1) <= _ROUNDING)
    advice = "; a row is of a class, a column of a label: is it the transpose?"
    refuse(xp, "transition", sums, is_off, "rows that add up to 1", advice)
    return matrix, ~xp.any(is_off)


# Rows of estimated probabilities in half precision add up to 1 so far.
_ROUNDING = 0.01


def _columns(xp: Namespace, matrix: Array, index: Array, axis: int) -> Array:
    """Return the column of each row's class index along `axis`."""
    rows = xp.take_rows(xp.permute_dims(matrix, (1, 0)), xp.reshape(index, (-1,)))
    shape = xp.shape_of(index)
    rest = shape[:axis] + shape[axis + 1 :]
    last = xp.reshape(rows, (*rest, matrix.shape[0]))
    ndim = len(shape)
    return xp.permute_dims(last, (*range(axis), ndim - 1, *range(axis, ndim - 1)))
