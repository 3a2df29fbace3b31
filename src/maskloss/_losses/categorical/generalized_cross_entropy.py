"""Generalized cross-entropy: between cross-entropy and mean absolute error."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms
from ..._inputs.domain import UNIT
from ..._inputs.options import Options, check_fraction, check_number
from ..._loss import loss
from ..._math.exponential import bounded_surprisal
from ..._math.softmax import ClassProbability
from .classes import call_of_rows, document_rows_of_classes
from .softmax_terms import weighted_softmax_terms


@loss(labels=UNIT)
@document_rows_of_classes
def generalized_cross_entropy_loss(
    logits: Array,
    labels: Array,
    *,
    class_axis: int = -1,
    q: float = 0.7,
    class_weight: Array | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Generalized cross-entropy of softmax: bounded, so that wrong labels have less effect.

    .. math:: \sum_c w_c \, t_c \frac{1 - p_c^q}{q}

    with :math:`p = \mathrm{softmax}(x)`. For q = 1 this is the probability of the other classes;
    as q goes to 0 it becomes the cross-entropy.

    Parameters
    ----------
    **logits_labels_and_class_axis
    q : float, default: 0.7
        The exponent, above 0 and at most 1; a larger one is more robust.
    **class_weight
    **options

    See Also
    --------
    cross_entropy : The limit as `q` goes to 0.

    Notes
    -----
    Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy
    Labels", 2018, with its default. `keras.losses.CategoricalGeneralizedCrossEntropy` has
    ``q=0.5`` and takes probabilities. For hard labels, value and slope are accurate to 6 machine
    epsilons, also for confident rows and small q. For soft labels, the slope is a difference,
    accurate to 6 epsilons of its larger term. The loss is not convex: its second derivative is
    negative where the prediction is far wrong.

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
    # Smaller q give the same loss for every logit, and 1 / q overflows in float32.
    penalty = functools.partial(_generalized_penalty, q=max(q, 2.0**-100))
    formula = functools.partial(weighted_softmax_terms, penalty=penalty)
    held = Held(13.3, per_row=9.3, of_indices=Held(2.3, per_row=22.0))
    return call_of_rows(logits, labels, formula, options, class_axis, class_weight, held)


def _generalized_penalty(of: ClassProbability, *, q: float) -> Terms:
    """Return (1 - exp(-q s)) / q for the surprisal s."""
    decay = of.power(q)
    return Terms(
        value=lambda: bounded_surprisal(of.xp, of.surprisal, lambda: decay, q),
        slope=lambda: decay,
        curvature=lambda: -q * decay,
    )
