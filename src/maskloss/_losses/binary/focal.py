"""Focal loss: binary cross-entropy weighted by a power of the wrong answer's probability."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.kinds import scalar
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_fraction, check_number
from ..._loss import loss
from ..._math.arithmetic import times_constant
from .wrong_answer import WrongAnswer, wrong_answer


@loss(labels=UNIT)
def sigmoid_focal_loss(
    logits: Array,
    labels: Array,
    *,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    **options: Unpack[Options],
) -> Call:
    r"""Focal loss: binary cross-entropy that gives less weight to confident, correct entries.

    .. math::

        (\alpha y + (1 - \alpha)(1 - y)) \, q^\gamma \, (y \log(1 + e^{-x}) + (1 - y) \log(1 + e^x))

    with :math:`q = 1 - p_t = y (1 - \sigma(x)) + (1 - y) \sigma(x)`, the probability of the
    wrong answer.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    labels : array
        Labels y of the same shape, in [0, 1], hard or soft; bool, integer or floating.
    alpha : float or None, default: 0.25
        Weight of positives, in [0, 1]; negatives have the weight 1 - alpha. Neither counts in any
        denominator. None, or a negative number as in torchvision, gives both the weight 1.
    gamma : float, default: 2.0
        Focus, a finite number of 0 or more; 0 gives the cross-entropy.
    **options

    Notes
    -----
    Lin et al., "Focal Loss for Dense Object Detection", 2017. Defaults and soft labels are those
    of `torchvision.ops.sigmoid_focal_loss`, which has ``reduction="none"`` by default.
    `keras.losses.BinaryFocalCrossentropy` is ``alpha=None`` here, and ``alpha=0.25`` with
    ``apply_class_balancing=True``.

    Value and derivatives are finite at every finite logit; in Keras 3.15 the slope of q^gamma is
    NaN for confident entries and a gamma below 1. For hard labels, value and slope
    are accurate to about 2.5 + gamma machine epsilons. The loss is not convex: its second
    derivative is negative where the prediction is far wrong.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0], [np.nan, -1.0]])
    >>> labels = np.asarray([[1.0, 0.0], [-1.0, 0.0]])
    >>> ml.sigmoid_focal_loss(logits, labels, missing=-1, reduction="none").round(4)
    array([[0.0433, 1.2376],
           [0.    , 0.017 ]])
    """
    alpha = _check_alpha(alpha)
    gamma = check_number("gamma", gamma)
    terms = functools.partial(_focal, alpha=alpha, gamma=gamma)
    return Call(logits, labels, terms, options)


def _check_alpha(alpha: float | None) -> float | None:
    number = scalar(alpha)
    if alpha is None or (number is not None and number < 0):
        return None
    return check_fraction("alpha", alpha)


def _focal(entries: Entries, *, alpha: float | None, gamma: float) -> Terms:
    y = entries.labels
    s = wrong_answer(entries.xp, entries.prediction, y)
    if alpha is None:
        return focal_terms(s, gamma)
    return focal_terms(s, gamma, entries.xp.add_times((1 - alpha) * (1 - y), y, alpha))


def focal_terms(s: WrongAnswer, gamma: float, balance: Array | None = None) -> Terms:
    """Return q**gamma times the surprisal."""
    factor = s.power(gamma)
    if balance is not None:
        factor = factor * balance
    surprisal = s.surprisal

    def slope() -> Array:
        # For a hard label the slopes of surprisal and power have the same sign: nothing cancels.
        # A multiple of the surprisal could overflow.
        return factor * s.xp.multiply_add(surprisal, gamma * s.log_slope, s.surprisal_slope)

    def curvature() -> Array:
        log_slope = s.log_slope
        relative = s.sigmoid_of_negative - s.sigmoid + (gamma - 1) * log_slope
        power_part = gamma * (2 * s.surprisal_slope * log_slope + surprisal * log_slope * relative)
        return factor * (s.surprisal_curvature + power_part)

    return Terms(value=lambda: factor * surprisal, slope=slope, curvature=curvature)


def constant_focus_terms(s: WrongAnswer, gamma: float) -> Terms:
    """Return q**gamma times the surprisal; the slope treats q**gamma as a constant.

    The curvature is the derivative of this slope, in which q**gamma changes.
    """
    power = s.power(gamma)

    def curvature() -> Array:
        power_part = gamma * (s.surprisal_slope * s.log_slope)
        return power * (s.surprisal_curvature + power_part)

    return Terms(
        value=lambda: times_constant(s.xp, power, s.surprisal),
        slope=lambda: power * s.surprisal_slope,
        curvature=curvature,
    )
