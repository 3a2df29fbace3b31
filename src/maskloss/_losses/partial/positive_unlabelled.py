"""nnPU: the risk of a binary classifier from positive and unlabelled samples."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import Domain
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_flag, check_fraction, check_number
from ..._inputs.unused import refuses_unused
from ..._loss import loss
from ..._math.logistic import logistic
from .annotation import indicators

_POSITIVE_OR_NOT = Domain(
    fill_value=1.0,
    values=(-1, 1),
    names=("unlabelled", "positive"),
    advice="; 1 is positive and -1 unlabelled: labels whose 0 means unlabelled become "
    "2 * labels - 1",
)


@loss(labels=_POSITIVE_OR_NOT, has_classes=False)
@refuses_unused(non_negative={False: ["beta", "gamma"]})
def nnpu_loss(
    logits: Array,
    labels: Array,
    *,
    prior: float,
    beta: float = 0.0,
    gamma: float = 1.0,
    non_negative: bool = True,
    **options: Unpack[Options],
) -> Call:
    r"""Non-negative risk from positive and unlabelled samples (nnPU), with the sigmoid loss.

    .. math::

        R_+ = \frac \pi {n_+} \sum_{y = 1} \sigma(-x), \quad
        R_- = \frac 1 {n_u} \sum_{y = -1} \sigma(x) - \frac \pi {n_+} \sum_{y = 1} \sigma(x)

    The loss is :math:`R_+ + R_-`, and :math:`R_+ - \beta` where :math:`R_- < -\beta`.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. The whole array is one entry; `mask` and
        `missing` apply to its elements.
    labels : array
        Labels y of the same shape: 1 positive, -1 unlabelled; integer or floating.
    prior : float
        The share :math:`\pi` of positives among the unlabelled samples, in [0, 1].
    beta : float, default: 0.0
        The risk of negatives is bounded below by :math:`-\beta`; 0 or more.
    gamma : float, default: 1.0
        Factor of the gradient where the risk of negatives is below the bound, 0 or more.
    non_negative : bool, default: True
        Whether to bound the risk of negatives; False gives the unbiased risk (uPU).
    **options

    Notes
    -----
    The gradient is not the derivative of the value: where :math:`R_- < -\beta` it is the
    gradient of :math:`-\gamma R_-`, which raises the risk of negatives again. ``reduction="sums"``
    raises a `ValueError`: the loss has means over the positive and over the unlabelled samples of
    a whole batch. Either mean is 0 where there is no such sample.

    Kiryo et al., "Positive-Unlabeled Learning with Non-Negative Risk Estimator", NIPS 2017.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([2.0, -1.0, 0.5, -3.0])
    >>> labels = np.asarray([1, -1, -1, -1])
    >>> value, grad = ml.value_and_grad(ml.nnpu_loss)(logits, labels, prior=0.5)
    >>> print(f"{value:.4f}", grad.round(4))
    0.0596 [ 0.0525 -0.0655 -0.0783 -0.0151]
    """
    terms = functools.partial(
        _risk,
        prior=check_fraction("prior", prior),
        beta=check_number("beta", beta),
        gamma=check_number("gamma", gamma),
        non_negative=check_flag("non_negative", non_negative),
    )
    not_summable_because = (
        "it is made of means over the positive and over the unlabelled samples of a batch"
    )
    return Call(
        logits,
        labels,
        terms,
        options,
        layout=EntryLayout(..., coupled=True),
        not_summable_because=not_summable_because,
    )


def _risk(
    entries: Entries, *, prior: float, beta: float, gamma: float, non_negative: bool
) -> Terms:
    xp, s = entries.xp, logistic(entries.xp, entries.prediction)
    positive, unlabelled = (_normalised(entries, kind) for kind in indicators(entries, (1, -1)))
    positive = prior * positive
    positive_risk = entries.total(positive * s.sigmoid_of_negative)
    negative_risk = entries.total((unlabelled - positive) * s.sigmoid)
    is_bounded = xp.stop_gradient(negative_risk) < -beta
    if not non_negative:
        is_bounded = xp.zeros_like(is_bounded)

    def value() -> Array:
        # `step` is 0. It gives automatic differentiation the gradient.
        step = negative_risk - xp.stop_gradient(negative_risk)
        bounded = xp.stop_gradient(positive_risk) - beta - gamma * step
        return xp.where(is_bounded, bounded, positive_risk + negative_risk)

    # Positives are in both risks, each with the derivative of the sigmoid.
    factor = xp.where(is_bounded, -gamma * (unlabelled - positive), unlabelled - 2 * positive)
    return Terms(
        value=value,
        slope=lambda: factor * s.sigmoid_slope,
        curvature=lambda: factor * (s.sigmoid_slope * s.sigmoid_second_derivative),
    )


def _normalised(entries: Entries, indicator: Array) -> Array:
    """Divide an indicator by its sum, or by 1 if it has no element."""
    number = entries.total(indicator)
    return indicator / entries.xp.where(number <= 1, 1.0, number)
