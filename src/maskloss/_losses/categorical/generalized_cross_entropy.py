"""Generalized cross-entropy: between cross-entropy and mean absolute error."""

from __future__ import annotations

import functools
from typing import Unpack

from maskloss._arrays.typing import Array
from maskloss._formula import Call, Terms
from maskloss._inputs.domain import UNIT
from maskloss._inputs.layout import EntryLayout
from maskloss._inputs.options import Options, check_axis, check_fraction, check_number
from maskloss._loss import loss
from maskloss._losses.categorical.softmax_terms import softmax_terms
from maskloss._math.softmax import ClassProbability


@loss(labels=UNIT)
def generalized_cross_entropy_loss(
    logits: Array,
    labels: Array,
    *,
    class_axis: int = -1,
    q: float = 0.7,
    **options: Unpack[Options],
) -> Call:
    r"""Generalized cross-entropy of softmax, bounded, and so robust to wrong labels.

    .. math:: \sum_c t_c \frac{1 - p_c^q}{q}

    with :math:`p = \mathrm{softmax}(x)`: for q = 1 the probability of the other classes, and as q
    goes to 0 the cross-entropy.

    Parameters
    ----------
    logits : array, shape (..., C)
        Logits x, of real floating dtype. An entry is a row along `class_axis`.
    labels : array, shape (...) or (..., C)
        Class indices, integers in [0, C), in the shape of `logits` without `class_axis`; or class
        probabilities t in the shape of `logits`, bool, integer or floating. A row with a missing
        probability is missing.
    class_axis : int, default: -1
        The axis of the classes in `logits`.
    q : float, default: 0.7
        How robust, above 0 and at most 1.
    **options

    See Also
    --------
    cross_entropy : The limit as `q` goes to 0.

    Notes
    -----
    Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy
    Labels", 2018, with its default. `keras.losses.CategoricalGeneralizedCrossEntropy` has
    ``q=0.5`` and takes probabilities. Exact to a few machine epsilons also for confident rows and
    small q. The loss is not convex: its second derivative is negative for rows that are far wrong.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, 0.0, 0.0], [0.0, 0.0, 2.0], [np.nan, 0.0, 0.0]])
    >>> labels = np.asarray([0, 1, -1])
    >>> loss = ml.generalized_cross_entropy_loss(logits, labels, missing=-1, reduction="none")
    >>> loss.round(4)
    array([0.2205, 1.1307, 0.    ])
    """
    q = check_fraction("q", check_number("q", q, above=True))
    # Smaller ones are the same to any logit, and float32 cannot hold their inverse.
    penalty = functools.partial(_bounded, q=max(q, 2.0**-100))
    formula = functools.partial(softmax_terms, penalty=penalty)
    return Call(
        logits, labels, formula, options, layout=EntryLayout(check_axis("class_axis", class_axis))
    )


def _bounded(chance: ClassProbability, *, q: float) -> Terms:
    """(1 - exp(-q s)) / q of the surprisal s."""
    xp = chance.xp
    decay = chance.power(q)

    def value() -> Array:
        s = chance.surprisal
        exponent = q * s
        is_tiny = exponent <= float(xp.finfo(s.dtype).eps) / 2
        # Of a large number this keeps no digit of the exponential, which is its derivative.
        is_small = exponent <= 0.5
        # 1 - exp(-z), for which inductor's expm1 is no better than that.
        half = xp.tanh(xp.where(is_small, exponent, 0.0) / 2)
        of_small = 2 * half / (1 + half)
        return xp.where(is_tiny, s, xp.where(is_small, of_small, 1 - decay) / q)

    return Terms(value=value, slope=lambda: decay, curvature=lambda: -q * decay)
