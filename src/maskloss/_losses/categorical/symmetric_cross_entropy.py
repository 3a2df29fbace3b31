"""Cross-entropy, plain or normalised, plus reverse cross-entropy, which is bounded."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms, mixture
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_number
from ..._loss import loss
from ..._math.softmax import ClassProbability
from .classes import call_of_rows, document_rows_of_classes
from .normalized_cross_entropy import normalized_terms
from .softmax_terms import surprisal, weighted_softmax_terms


@loss(labels=UNIT)
@document_rows_of_classes
def symmetric_cross_entropy(
    logits: Array,
    labels: Array,
    *,
    class_axis: int = -1,
    alpha: float = 0.1,
    beta: float = 1.0,
    log_of_zero: float = -4.0,
    class_weight: Array | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Symmetric cross-entropy of softmax, for labels of which some are wrong.

    .. math:: \sum_c w_c \, t_c \, \bigl(-\alpha \log p_c - \beta A \, (1 - p_c)\bigr)

    with :math:`p = \mathrm{softmax}(x)`. The second term of a class is its reverse cross-entropy:
    that of the label by p, with A in place of log(0). It is bounded, so that wrong labels have less
    effect.

    Parameters
    ----------
    **logits_labels_and_class_axis
    alpha : float, default: 0.1
        Factor of the cross-entropy, 0 or more.
    beta : float, default: 1.0
        Factor of the reverse cross-entropy, 0 or more.
    log_of_zero : float, default: -4.0
        The number A, 0 or less.
    **class_weight
    **options

    See Also
    --------
    active_passive_loss : The same with the normalised cross-entropy, which is bounded too.
    generalized_cross_entropy_loss : Between cross-entropy and the bounded term.

    Notes
    -----
    Wang et al., "Symmetric Cross Entropy for Robust Learning with Noisy Labels", 2019, with A = -4
    and the factors for CIFAR-10; for CIFAR-100 it takes ``alpha=6, beta=0.1``. The authors' code
    clips labels to 1e-4, which is ``log_of_zero=math.log(1e-4)``. For class probabilities t, the
    loss is the sum over their classes, as in the other losses here. The code takes log(t) instead.

    For hard labels, value and slope are accurate to a few machine epsilons, also for confident
    rows. For soft labels, the slope is a difference, accurate to a few epsilons of its larger term.
    The loss is not convex.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, 0.0, 0.0], [0.0, 0.0, 2.0], [np.nan, 0.0, 0.0]])
    >>> labels = np.asarray([0, 1, -1])
    >>> ml.symmetric_cross_entropy(logits, labels, missing=-1, reduction="none").round(4)
    array([0.876 , 3.7979, 0.    ])
    """
    formula = functools.partial(_symmetric, factors=_factors(alpha, beta, log_of_zero))
    return call_of_rows(logits, labels, formula, options, class_axis, class_weight)


@loss(labels=UNIT)
@document_rows_of_classes
def active_passive_loss(
    logits: Array,
    labels: Array,
    *,
    class_axis: int = -1,
    alpha: float = 1.0,
    beta: float = 1.0,
    log_of_zero: float = -4.0,
    class_weight: Array | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Active passive loss of softmax: normalised cross-entropy plus reverse cross-entropy.

    .. math::
        \alpha \, \frac{\sum_c w_c \, t_c \log p_c}{\sum_c \log p_c}
        - \beta A \sum_c w_c \, t_c (1 - p_c)

    with :math:`p = \mathrm{softmax}(x)`. Both terms are bounded: wrong labels have little effect.
    The first raises the probability of the label, the second lowers those of the other classes.

    Parameters
    ----------
    **logits_labels_and_class_axis
    alpha : float, default: 1.0
        Factor of the normalised cross-entropy, 0 or more.
    beta : float, default: 1.0
        Factor of the reverse cross-entropy, 0 or more.
    log_of_zero : float, default: -4.0
        The number A in place of log(0), 0 or less. With -2 the second term is the mean absolute
        error: the sum of abs(p - t) for a hard label.
    **class_weight
    **options

    See Also
    --------
    symmetric_cross_entropy : The same with the cross-entropy itself.

    Notes
    -----
    Ma et al., "Normalized Loss Functions for Deep Learning with Noisy Labels", 2020: its NCE + RCE
    and, by ``log_of_zero=-2``, NCE + MAE. The authors' code clips labels to 1e-4, which is
    ``log_of_zero=math.log(1e-4)``, and halves the mean absolute error, ``log_of_zero=-1``. For
    CIFAR-100 it takes ``alpha=10, beta=0.1``.

    The value is accurate to a few machine epsilons, also for confident rows. The slope is a
    difference, accurate to a few epsilons of its larger term: a logit can pull on the label's share
    of the logarithms and on their sum. The loss is not convex. Rows of one class have the loss 0.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, 0.0, 0.0], [0.0, 0.0, 2.0], [np.nan, 0.0, 0.0]])
    >>> labels = np.asarray([0, 1, -1])
    >>> ml.active_passive_loss(logits, labels, missing=-1, reduction="none").round(4)
    array([0.9028, 4.0486, 0.    ])
    """
    formula = functools.partial(_active_passive, factors=_factors(alpha, beta, log_of_zero))
    held = Held(14.5, per_row=19.6, of_indices=Held(10.3, per_row=26.6))
    return call_of_rows(logits, labels, formula, options, class_axis, class_weight, held)


def _factors(alpha: float, beta: float, log_of_zero: float) -> tuple[float, float]:
    """Return the factors of the first term and of the bounded penalty, which -A multiplies."""
    number = check_number("log_of_zero", log_of_zero, least=-math.inf)
    if number > 0:
        msg = f"`log_of_zero` must be 0 or less, such as -4, got {number:g}"
        raise ValueError(msg)
    return check_number("alpha", alpha), check_number("beta", beta) * -number


def _symmetric(entries: Entries, *, factors: tuple[float, float]) -> Terms:
    return weighted_softmax_terms(entries, functools.partial(_symmetric_penalty, factors=factors))


def _symmetric_penalty(of: ClassProbability, *, factors: tuple[float, float]) -> Terms:
    """Return alpha s + beta (1 - exp(-s)) for the surprisal s."""
    alpha, beta = factors
    return mixture((alpha, surprisal(of)), (beta, _bounded_penalty(of)))


def _bounded_penalty(of: ClassProbability) -> Terms:
    """Return 1 - exp(-s) for the surprisal s."""

    def value() -> Array:
        # Where p is close to 0, automatic differentiation of the complement would cancel.
        p = of.probability
        return of.xp.where(p <= 0.5, 1 - p, of.complement)

    return Terms(
        value=value,
        slope=lambda: of.probability,
        curvature=lambda: -of.probability,
    )


def _active_passive(entries: Entries, *, factors: tuple[float, float]) -> Terms:
    alpha, beta = factors
    bounded = weighted_softmax_terms(entries, _bounded_penalty)
    terms = mixture((alpha, normalized_terms(entries)), (beta, bounded))
    return dataclasses.replace(terms, weight=bounded.weight)
