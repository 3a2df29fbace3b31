"""The risk of a binary classifier, of positive and unlabelled samples."""

from __future__ import annotations

import functools
from typing import Unpack

from maskloss._arrays.namespace import stop_gradient
from maskloss._arrays.typing import Array
from maskloss._formula import Call, Terms
from maskloss._inputs.domain import Domain
from maskloss._inputs.entries import Entries
from maskloss._inputs.layout import EntryLayout
from maskloss._inputs.options import Options, check_fraction, check_number
from maskloss._loss import loss
from maskloss._losses.partial.annotation import indicators
from maskloss._math.logistic import Logistic

_POSITIVE_OR_NOT = Domain(
    fill_value=1.0,
    values=(-1, 1),
    names=("unlabelled", "positive"),
    advice="; 1 is positive and -1 unlabelled: labels whose 0 means unlabelled become "
    "2 * labels - 1",
)


@loss(labels=_POSITIVE_OR_NOT)
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
    r"""Non-negative risk of positive and unlabelled samples (nnPU), with the sigmoid loss.

    .. math::

        R_+ = \frac \pi {n_+} \sum_{y = 1} \sigma(-x), \quad
        R_- = \frac 1 {n_u} \sum_{y = -1} \sigma(x) - \frac \pi {n_+} \sum_{y = 1} \sigma(x)

    The loss is :math:`R_+ + R_-`, and :math:`R_+ - \beta` where :math:`R_- < -\beta`.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. The one entry is the whole array; `mask`
        and `missing` tell of its elements.
    labels : array
        Labels y of the same shape: 1 positive, -1 unlabelled; integer or floating.
    prior : float
        The part :math:`\pi` of positives among the unlabelled, in [0, 1].
    beta : float, default: 0.0
        How far below 0 the risk of negatives may fall, 0 or more.
    gamma : float, default: 1.0
        Factor of the gradient where it falls further, 0 or more.
    non_negative : bool, default: True
        Whether to stop the risk of negatives there; otherwise this is the unbiased risk (uPU).
    **options

    Notes
    -----
    The gradient is not the derivative of the value: where :math:`R_- < -\beta` it is that of
    :math:`-\gamma R_-`, which raises the risk of negatives again. ``reduction="sums"``
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
        non_negative=non_negative,
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
    xp, s = entries.xp, Logistic(entries.xp, entries.prediction)
    positive, unlabelled = (_shares(entries, kind) for kind in indicators(entries, (1, -1)))
    positive = prior * positive
    of_positives = entries.total(positive * s.sigmoid_of_negative)
    of_negatives = entries.total((unlabelled - positive) * s.sigmoid)
    falls = stop_gradient(of_negatives) < -beta
    if not non_negative:
        falls = xp.zeros_like(falls)

    def value() -> Array:
        # Zero, with which automatic differentiation finds the gradient.
        step = of_negatives - stop_gradient(of_negatives)
        raised = stop_gradient(of_positives) - beta - gamma * step
        return xp.where(falls, raised, of_positives + of_negatives)

    # By the derivative of the sigmoid, positives enter both risks.
    factor = xp.where(falls, -gamma * (unlabelled - positive), unlabelled - 2 * positive)
    return Terms(
        value=value,
        slope=lambda: factor * s.sigmoid_slope,
        curvature=lambda: factor * (s.sigmoid_slope * s.sigmoid_second_derivative),
    )


def _shares(entries: Entries, indicator: Array) -> Array:
    """Divide an indicator by its sum, which is at least 1."""
    number = entries.total(indicator)
    return indicator / entries.xp.where(number <= 1, 1.0, number)
