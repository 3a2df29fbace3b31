"""Losses for single positive labels: most labels of a sample are unannotated."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Terms, mixture
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_fraction, check_number
from ..._loss import loss
from ..._math.arithmetic import clip_to_exp_range
from ..._math.logistic import logistic
from ..binary.cross_entropy import binary_terms, weighted_terms
from .annotation import ANNOTATED, Annotation, document_annotated_labels


@loss(labels=ANNOTATED)
@document_annotated_labels
def assume_negative_loss(
    logits: Array,
    labels: Array,
    *,
    label_smoothing: float = 0.0,
    unannotated_weight: float = 1.0,
    **options: Unpack[Options],
) -> Call:
    r"""Cross-entropy that treats unannotated labels as negative (AN).

    .. math:: w \, (y \log(1 + e^{-x}) + (1 - y) \log(1 + e^x))

    with y = 1 - s for a positive label and y = s for any other; the weight w applies to unannotated
    entries only.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    **labels
    label_smoothing : float, default: 0.0
        The share s of a label that counts as the opposite label, in [0, 1].
    unannotated_weight : float, default: 1.0
        Weight w of unannotated entries, 0 or more; not counted in any denominator.
    **options

    See Also
    --------
    binary_cross_entropy_with_logits : Assumes nothing with ``missing=-1``.

    Notes
    -----
    The gradient is the derivative of the value.

    Cole et al., "Multi-Label Learning from Single Positive Labels", CVPR 2021. ``label_smoothing``
    gives AN-LS; they use 0.1, which is 0.2 in the convention of Keras. ``unannotated_weight=1 / (C
    - 1)`` for C classes gives WAN. Their code adds 1e-5 to probabilities before it takes
    logarithms; this loss does not.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits, labels = np.asarray([1.0, 2.0, 2.0]), np.asarray([1, 0, -1])
    >>> ml.assume_negative_loss(logits, labels, unannotated_weight=0.5, reduction="none").round(4)
    array([0.3133, 2.1269, 1.0635])
    """
    terms = functools.partial(
        _assume_negative,
        smoothing=check_fraction("label_smoothing", label_smoothing),
        weight=check_number("unannotated_weight", unannotated_weight),
    )
    return Call(logits, labels, terms, options)


def _assume_negative(entries: Entries, *, smoothing: float, weight: float) -> Terms:
    kind = Annotation.from_entries(entries)
    y, share = kind.positive, kind.positive + kind.negative + weight * kind.unannotated
    positive, negative = (
        of_label * (1 - smoothing) + (1 - of_label) * smoothing for of_label in (y, 1 - y)
    )
    return mixture((share, weighted_terms(entries.xp, entries.prediction, positive, negative)))


@loss(labels=ANNOTATED)
@document_annotated_labels
def entropy_maximization_loss(
    logits: Array,
    labels: Array,
    *,
    alpha: float = 0.1,
    negative_weight: float = 1.0,
    **options: Unpack[Options],
) -> Call:
    r"""Cross-entropy of annotated labels, minus the entropy of unannotated ones (EM).

    .. math::

        \log(1 + e^{-x}), \quad \beta \log(1 + e^x), \quad
        -\alpha \, (p \log(1 + e^{-x}) + (1 - p) \log(1 + e^x))

    for a positive, a negative and an unannotated label, with :math:`p = \sigma(x)`.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    **labels
    alpha : float, default: 0.1
        Weight of the entropy, 0 or more; not counted in any denominator.
    negative_weight : float, default: 1.0
        Weight :math:`\beta` of negatives, 0 or more; not counted in any denominator.
    **options

    Notes
    -----
    The gradient is the derivative of the value. The value is negative for unannotated labels. Value
    and slope are accurate to 5.5 machine epsilons.

    Zhou et al., "Acknowledging the Unknown for Multi-label Learning with Single Positive Labels",
    ECCV 2022, who use `alpha` of 0.01 (CUB), 0.1 (COCO, NUS) and 0.2 (VOC), and :math:`\beta` from
    0.02 (VOC) to 0.9 (COCO) for negatives that they find by their predictions. Their code adds 1e-5
    to probabilities before it takes logarithms; this loss does not.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits, labels = np.asarray([1.0, 2.0, 0.0]), np.asarray([1, 0, -1])
    >>> ml.entropy_maximization_loss(logits, labels, reduction="none").round(4)
    array([ 0.3133,  2.1269, -0.0693])
    """
    terms = functools.partial(
        _entropy_maximization,
        alpha=check_number("alpha", alpha),
        beta=check_number("negative_weight", negative_weight),
    )
    return Call(logits, labels, terms, options)


def _entropy_maximization(entries: Entries, *, alpha: float, beta: float) -> Terms:
    xp, x = entries.xp, entries.prediction
    kind = Annotation.from_entries(entries)
    share = kind.positive + beta * kind.negative
    return mixture(
        (share, binary_terms(xp, x, kind.positive)), (-alpha * kind.unannotated, _entropy(xp, x))
    )


def _entropy(xp: Namespace, x: Array) -> Terms:
    """Return the entropy of a binary answer with logit x."""
    # In a derivative, the product of a large logit and a number could overflow.
    x = clip_to_exp_range(xp, x)
    s = logistic(xp, x)

    def value() -> Array:
        # The automatic derivative of `far` has terms that cancel as x goes to 0.
        is_near = (x <= 1) & (x >= -1)
        half = xp.where(is_near, x, 0.0) / 2
        tanh = xp.tanh(half)
        near = math.log(2) - xp.log1p(-tanh * tanh) / 2 - half * tanh
        far = s.sigmoid * s.softplus_of_negative + s.sigmoid_of_negative * s.softplus
        return xp.where(is_near, near, far)

    return Terms(
        value=value,
        slope=lambda: -x * s.sigmoid_slope,
        curvature=lambda: -s.sigmoid_slope * (1 + x * s.sigmoid_second_derivative),
    )
