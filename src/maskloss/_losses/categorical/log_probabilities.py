"""Losses that take log-probabilities."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import LOG_PROBABILITIES, UNIT, Domain
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis, check_flag
from ..._inputs.outliers import in_domain
from ..._loss import loss
from .classes import class_indices, gather_class_weight


@loss(prediction=LOG_PROBABILITIES)
def nll_loss(
    input: Array,
    target: Array,
    *,
    class_axis: int = -1,
    class_weight: Array | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Negative log-likelihood of class indices y, from log-probabilities x: :math:`-w_y x_y`.

    Parameters
    ----------
    input : array, shape (..., C)
        Log-probabilities x, of real floating dtype. Each row along `class_axis` is an entry.
    target : array, shape (...)
        Class indices y, integers in [0, C), in the shape of `input` without `class_axis`.
    class_axis : int, default: -1
        The axis of the classes in `input`.
    class_weight : array, shape (C,), optional
        Weight w of each class. The weight of the label's class counts as weight of the entry:
        ``reduction="weighted_mean"`` divides by the sum of these weights.
    **options

    See Also
    --------
    cross_entropy : The same for softmax(x), from logits; prefer it if the model has logits.

    Notes
    -----
    The same as `torch.nn.functional.nll_loss`, whose ``ignore_index=-100`` is ``missing=-100``
    here, and whose ``"mean"`` is ``reduction="weighted_mean"`` here if classes have weights. Only
    the number at the label of a row is read: a NaN elsewhere has no effect.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x = np.log(np.asarray([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]))
    >>> print(f"{ml.nll_loss(x, np.asarray([1, -100]), missing=-100):.4f}")
    1.3863
    """
    layout = EntryLayout(check_axis("class_axis", class_axis), indices=True)
    arrays = {"class_weight": class_weight}
    return Call(input, target, _nll, options, layout=layout, arrays=arrays)


def _nll(entries: Entries) -> Terms:
    xp, x, axis = entries.xp, entries.prediction, entries.layout.class_axis
    index, factor = class_indices(entries)
    weight = gather_class_weight(entries, index, entries.per_class("class_weight"))
    if weight is not None:
        factor = factor * weight
    return Terms(
        value=lambda: factor * -xp.take_along_axis(x, index, axis),
        slope=lambda: xp.where(xp.one_hot_mask(x, index, axis), -factor, 0.0),
        curvature=lambda: xp.zeros_like(x),
        weight=None if weight is None else lambda: weight,
    )


_TARGET = Domain(fill_value=0.5)
_PROBABILITY = UNIT._replace(advice="; of log-probabilities, log_target=True", missing=())


@loss(prediction=LOG_PROBABILITIES, labels=_TARGET)
def kl_div(
    input: Array,
    target: Array,
    *,
    log_target: bool = False,
    rows: bool = False,
    **options: Unpack[Options],
) -> Call:
    r"""Kullback-Leibler divergence of probabilities t from log-probabilities x, entry by entry.

    .. math:: t \, (\log t - x)

    Parameters
    ----------
    input : array
        Log-probabilities x, of any shape and real floating dtype. Each element is an entry; with
        `rows`, each row along `class_axis`.
    target : array
        Probabilities t in [0, 1] of the same shape, or, with `log_target`, their logarithms.
    log_target : bool, default: False
        Whether `target` holds log-probabilities.
    rows : bool, default: False
        Whether an entry is a row: the divergence of a distribution, the sum over its classes. A row
        with a missing number is missing; `mask` and `weight` have one number per row. `class_axis`
        is the last by default. `class_weight` w multiplies the terms of the sum, and the sum of
        w t counts as weight of the row, as in `cross_entropy`.
    **options

    Notes
    -----
    The same as `torch.nn.functional.kl_div`, whose ``reduction="mean"`` averages over elements.
    Torch's ``reduction="batchmean"`` is the mean of distributions: ``rows=True`` here.

    Where t = 0 the loss is 0, also at x = -inf, where torch 2.13 returns NaN. Elsewhere it is a
    difference, accurate to a few machine epsilons of its larger term; that of a row, of its largest
    term. An element can be negative.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x = np.log(np.asarray([[0.5, 0.5], [0.9, 0.1]]))
    >>> t = np.asarray([[1.0, 0.0], [np.nan, np.nan]])
    >>> print(f"{ml.kl_div(x, t, missing=np.nan):.4f}")
    0.3466
    >>> print(f"{ml.kl_div(x, t, missing=np.nan, rows=True):.4f}")
    0.6931
    """
    is_row = check_flag("rows", rows)
    of_entries = _kl_div_of_rows if is_row else _kl_div
    terms = functools.partial(of_entries, log_target=check_flag("log_target", log_target))
    layout = EntryLayout(-1, same_shape=True) if is_row else EntryLayout(row_option="rows=True")
    return Call(input, target, terms, options, layout=layout)


def _kl_div_of_rows(entries: Entries, *, log_target: bool) -> Terms:
    terms, axes = _kl_div(entries, log_target=log_target), entries.layout.row_axes
    has_weight = "class_weight" in entries.checked.arrays
    factor = entries.per_class("class_weight") if has_weight else None

    def total(array: Array) -> Array:
        return entries.xp.sum_along(array, axes)

    if factor is None:
        return replace(terms, value=lambda: total(terms.value()))
    return replace(
        terms,
        value=lambda: total(factor * terms.value()),
        slope=lambda: factor * terms.slope(),
        weight=lambda: total(factor * -terms.slope()),
    )


def _kl_div(entries: Entries, *, log_target: bool) -> Terms:
    xp, x, y = entries.xp, entries.prediction, entries.labels
    if log_target:
        target = xp.exp(y)
    else:
        y = target = in_domain(xp, entries.label_name, y, _PROBABILITY)
    # 0 log 0 is 0, also if x = -inf makes both terms so; the tests by `==` let a NaN through.
    is_zero = target == 0
    log = xp.where(is_zero, 0.0, y if log_target else xp.log(xp.where(is_zero, 1.0, y)))
    finite = xp.where(xp.logical_and(is_zero, x == -math.inf), 0.0, x)
    return Terms(
        value=lambda: target * (log - finite),
        slope=lambda: -target,
        curvature=lambda: xp.zeros_like(x),
    )
