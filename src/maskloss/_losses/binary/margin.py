"""Losses of labels -1 and 1 that depend on the margin y x of label and score."""

from __future__ import annotations

from typing import Unpack

from ..._arrays.typing import Array
from ..._docstrings import document
from ..._formula import Call, Terms
from ..._inputs.domain import Domain
from ..._inputs.entries import Entries
from ..._inputs.options import Options
from ..._loss import loss
from ..._math.arithmetic import absolute, positive_part, sign
from ..._math.logistic import logistic

_SIGN = Domain(
    fill_value=1.0,
    values=(-1, 1),
    names=("negative", "positive"),
    advice="; labels of 0 and 1 become 2 * target - 1",
)
_document = document(
    input_and_target="""\
input : array
    Scores x, of any shape and real floating dtype. Each element is an entry.
target : array
    Labels y of the same shape, -1 or 1; integer or floating."""
)


@loss(labels=_SIGN)
@_document
def soft_margin_loss(input: Array, target: Array, **options: Unpack[Options]) -> Call:
    r"""Logistic loss for labels -1 and 1, :math:`\log(1 + e^{-y x})`.

    Parameters
    ----------
    **input_and_target
    **options

    Notes
    -----
    The same as `torch.nn.functional.soft_margin_loss`, but accurate to a few machine epsilons also
    where y x is far below 0: there torch 2.13 is infinite, and its gradient NaN. Equal to
    `binary_cross_entropy_with_logits` with the labels (y + 1) / 2.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([0.0, 2.0, np.nan])
    >>> labels = np.asarray([1, -1, 0])
    >>> ml.soft_margin_loss(scores, labels, missing=0, reduction="none").round(4)
    array([0.6931, 2.1269, 0.    ])
    """
    return Call(input, target, _soft_margin, options)


def _soft_margin(entries: Entries) -> Terms:
    y = entries.labels
    s = logistic(entries.xp, y * entries.prediction)
    return Terms(
        value=lambda: s.softplus_of_negative,
        slope=lambda: -y * s.sigmoid_of_negative,
        curvature=lambda: y * y * s.sigmoid_slope,
    )


@loss(labels=_SIGN)
@_document
def hinge_loss(input: Array, target: Array, **options: Unpack[Options]) -> Call:
    r"""Hinge loss for labels -1 and 1, :math:`\max(0, 1 - y x)`.

    Parameters
    ----------
    **input_and_target
    **options

    Notes
    -----
    The loss of Cortes and Vapnik, "Support-Vector Networks", 1995. Its derivative is 0 where
    y x = 1. `sklearn.metrics.hinge_loss` for two classes is its mean. `keras.losses.Hinge` also
    takes labels of 0 and 1; pass them as 2 * target - 1 here.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([0.5, 2.0, 2.0, np.nan])
    >>> labels = np.asarray([1, 1, -1, 0])
    >>> ml.hinge_loss(scores, labels, missing=0, reduction="none")
    array([0.5, 0. , 3. , 0. ])
    """
    return Call(input, target, _hinge, options)


def _hinge(entries: Entries) -> Terms:
    xp, y = entries.xp, entries.labels
    gap = _margin_gap(entries, y)
    # 1, or 0 on the flat side and at the kink, also for automatic differentiation of the value.
    active = sign(xp, gap)
    return Terms(
        value=lambda: absolute(xp, gap, active),
        slope=lambda: xp.where(active == 0, 0.0, -y * active),
        curvature=lambda: xp.zeros_like(gap),
    )


@loss(labels=_SIGN)
@_document
def squared_hinge_loss(input: Array, target: Array, **options: Unpack[Options]) -> Call:
    r"""Squared hinge loss for labels -1 and 1, :math:`\max(0, 1 - y x)^2`.

    Parameters
    ----------
    **input_and_target
    **options

    Notes
    -----
    The loss of `sklearn.svm.LinearSVC`. Its second derivative is 0 where y x = 1.
    `keras.losses.SquaredHinge` also takes labels of 0 and 1; pass them as 2 * target - 1 here.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.asarray([0.5, 2.0, 2.0, np.nan])
    >>> labels = np.asarray([1, 1, -1, 0])
    >>> ml.squared_hinge_loss(scores, labels, missing=0, reduction="none")
    array([0.25, 0.  , 9.  , 0.  ])
    """
    return Call(input, target, _squared_hinge, options)


def _squared_hinge(entries: Entries) -> Terms:
    xp, y = entries.xp, entries.labels
    gap = _margin_gap(entries, y)
    return Terms(
        value=lambda: gap * gap,
        slope=lambda: xp.where(gap == 0, 0.0, -2 * y * gap),
        curvature=lambda: 2 * y * y * sign(xp, gap),
    )


def _margin_gap(entries: Entries, y: Array) -> Array:
    """Return max(0, 1 - y x), with slope 0 at the kink."""
    return positive_part(entries.xp, 1 - y * entries.prediction)
