"""Binary cross-entropy, from logits or from probabilities."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_fraction
from ..._loss import loss
from ..._math.logistic import Logistic, logistic


@loss(labels=UNIT)
def binary_cross_entropy_with_logits(
    logits: Array,
    labels: Array,
    *,
    pos_weight: Array | float | None = None,
    label_smoothing: float = 0.0,
    **options: Unpack[Options],
) -> Call:
    r"""Binary cross-entropy of sigmoid(x), from logits x.

    .. math:: p \, y \log(1 + e^{-x}) + (1 - y) \log(1 + e^x)

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    labels : array
        Labels y of the same shape, in [0, 1], hard or soft; bool, integer or floating.
    pos_weight : float or array, optional
        Weight p of the positive term, not counted in any denominator: a scalar, one number per
        class (C,) along the last axis, or an array that broadcasts to `logits` with the same
        number of dimensions.
    label_smoothing : float, default: 0.0
        Moves labels towards 1/2: y (1 - s) + s / 2, with s in [0, 1].
    **options

    Notes
    -----
    The same as `torch.nn.functional.binary_cross_entropy_with_logits`, but for hard labels accurate
    to a few machine epsilons also where torch 2.13 returns 0: the value of confident negatives and
    the gradient of confident positives. For soft or smoothed labels the gradient is a difference,
    accurate to a few epsilons of its larger term. Labels are smoothed as in Keras.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0], [np.nan, -1.0]])
    >>> labels = np.asarray([[1.0, 0.0], [-1.0, 0.0]])
    >>> loss = ml.binary_cross_entropy_with_logits(logits, labels, missing=-1)
    >>> print(f"{loss:.4f}")
    1.0444
    """
    smoothing = check_fraction("label_smoothing", label_smoothing)
    terms = functools.partial(logistic_terms, smoothing=smoothing)
    return Call(logits, labels, terms, options, arrays={"pos_weight": pos_weight})


def logistic_terms(entries: Entries, *, smoothing: float) -> Terms:
    """Return the binary cross-entropy of each logit, with its options."""
    xp, x, y = entries.xp, entries.prediction, entries.labels
    pos_weight = entries.per_class("pos_weight", fill_value=1.0)
    if not smoothing and pos_weight is None:
        return binary_terms(xp, x, y)
    positive, negative = y, 1 - y
    if smoothing:
        # Each by itself: 1 less the smoothed label has lost the digits of a small smoothing.
        positive, negative = (
            share * (1 - smoothing) + smoothing / 2 for share in (positive, negative)
        )
    if pos_weight is not None:
        positive = positive * pos_weight
    return weighted_terms(xp, x, positive, negative)


def binary_terms(xp: Namespace, x: Array, y: Array, negative: Array | None = None) -> Terms:
    """Return the binary cross-entropy of logits x and labels y; `negative` is 1 - y by default."""
    s = logistic(xp, x)
    return _terms(s, s.share_against(y, negative))


def weighted_terms(xp: Namespace, x: Array, positive: Array, negative: Array) -> Terms:
    """Return -log(p) and -log(1 - p) of p = sigmoid(x), each times its weight."""
    s = logistic(xp, x)
    return _terms(s, s.share_against(positive, negative), positive + negative)


def _terms(s: Logistic, against: Array, total: Array | None = None) -> Terms:
    """Return the terms, given the share `against` of the label that contradicts the sign of x.

    For a hard label, value and slope have one term, or two of one sign: nothing cancels.
    """

    def times_total(array: Array) -> Array:
        return array if total is None else total * array

    return Terms(
        value=lambda: s.xp.multiply_add(s.x, against, times_total(s.log_sum)),
        slope=lambda: against - s.signed(times_total(s.least)),
        curvature=lambda: times_total(s.sigmoid_slope),
    )


_PROBABILITY = UNIT._replace(advice="; pass logits to binary_cross_entropy_with_logits")


@loss(prediction=_PROBABILITY, labels=UNIT)
def binary_cross_entropy(probabilities: Array, labels: Array, **options: Unpack[Options]) -> Call:
    r"""Binary cross-entropy of probabilities p; prefer logits if the model has them.

    .. math:: -y \log p - (1 - y) \log(1 - p)

    Parameters
    ----------
    probabilities : array
        Probabilities p in [0, 1], of any shape and real floating dtype. Each element is an entry.
    labels : array
        Labels y of the same shape, in [0, 1], hard or soft; bool, integer or floating.
    **options

    Notes
    -----
    The same as `torch.nn.functional.binary_cross_entropy`, but accurate to a few machine epsilons
    between 0 and 1. At p = 0 and p = 1 it follows torch: log(0) is -100, and the slope is
    (p - y) / 1e-12.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> probabilities = np.asarray([0.5, 0.0, np.nan])
    >>> labels = np.asarray([1, 1, 0])
    >>> known = np.asarray([True, True, False])
    >>> ml.binary_cross_entropy(probabilities, labels, mask=known, reduction="none").round(4)
    array([  0.6931, 100.    ,   0.    ])
    """
    return Call(probabilities, labels, _probability_terms, options)


# torch 2.13 clips log(p) to -100 and divides the slope by max(p (1 - p), 1e-12).
_LOG_OF_ZERO = -100.0
_SMALLEST_VARIANCE = 1e-12


def _probability_terms(entries: Entries) -> Terms:
    xp, p, y = entries.xp, entries.prediction, entries.labels
    is_edge = (p <= 0) | (p >= 1)  # a sum of probabilities may lie a rounding error outside
    q = xp.where(is_edge, 0.5, p)
    error = xp.where(p > 0.5, 1 - y, y)
    edge_slope = xp.where(p > 0.5, error, -error) / _SMALLEST_VARIANCE
    edge_curvature = error / _SMALLEST_VARIANCE / _SMALLEST_VARIANCE

    def edge_value() -> Array:
        # `step` is 0. It gives automatic differentiation the slope and curvature of the edge.
        step = p - xp.stop_gradient(p)
        return -_LOG_OF_ZERO * error + edge_slope * step + edge_curvature / 2 * step * step

    def value() -> Array:
        of_positive = of_negative = q
        if xp.mode(p) == "traced":
            # XLA (jax 0.10) multiplies 1 / q**2, infinite for a small q, by a label of 0.
            is_inside = (q >= 0) & (q <= 1)  # a NaN must stay visible elsewhere
            of_positive = xp.where((y == 0) & is_inside, 1.0, q)
            of_negative = xp.where((y == 1) & is_inside, 0.0, q)
        inner = -y * xp.log(of_positive) - (1 - y) * xp.log1p(-of_negative)
        return xp.where(is_edge, edge_value(), inner)

    def curvature() -> Array:
        # Not y / q / q, which XLA (jax 0.10) makes y / (q * q): 0 / 0 for a small q.
        positive, negative = (y / q) * (1 / q), ((1 - y) / (1 - q)) * (1 / (1 - q))
        return xp.where(is_edge, edge_curvature, positive + negative)

    return Terms(
        value=value,
        slope=lambda: xp.where(is_edge, edge_slope, (q - y) / (q * (1 - q))),
        curvature=curvature,
    )
