"""Variants of the cross-entropy of softmax that weigh a class by how probable it is."""

from __future__ import annotations

import functools
from typing import Unpack

from maskloss._arrays.typing import Array
from maskloss._formula import Call, Terms
from maskloss._inputs.domain import UNIT
from maskloss._inputs.entries import Entries
from maskloss._inputs.layout import EntryLayout
from maskloss._inputs.options import Options, check_axis, check_number
from maskloss._loss import loss
from maskloss._losses.categorical.softmax_terms import softmax_terms
from maskloss._math.softmax import ClassProbability


@loss(labels=UNIT)
def softmax_focal_loss(
    logits: Array,
    labels: Array,
    *,
    class_axis: int = -1,
    alpha: Array | float | None = None,
    gamma: float = 2.0,
    **options: Unpack[Options],
) -> Call:
    r"""Focal loss of softmax: cross-entropy in which confident, correct rows count less.

    .. math:: -\sum_c \alpha_c \, t_c \, (1 - p_c)^\gamma \log p_c

    with :math:`p = \mathrm{softmax}(x)`.

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
    alpha : float or array, shape (C,), optional
        Weight of each class, 0 or more; in no denominator.
    gamma : float, default: 2.0
        Focus, 0 or more; 0 is the cross-entropy.
    **options

    See Also
    --------
    sigmoid_focal_loss : Of labels that are yes or no.

    Notes
    -----
    Lin et al., "Focal Loss for Dense Object Detection", 2017, for one softmax per row.
    `keras.losses.CategoricalFocalCrossentropy` has ``alpha=0.25``, clips probabilities, and is the
    sum over the classes of soft labels as here.

    Value and derivatives are finite at every finite logit and exact for confident rows. The loss
    is not convex: its second derivative is negative for rows that are far wrong.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, 0.0, 0.0], [0.0, 0.0, 2.0], [np.nan, 0.0, 0.0]])
    >>> labels = np.asarray([0, 1, -1])
    >>> ml.softmax_focal_loss(logits, labels, missing=-1, reduction="none").round(4)
    array([0.0109, 1.7879, 0.    ])
    """
    gamma = check_number("gamma", gamma)
    formula = functools.partial(_focal, gamma=gamma)
    layout = EntryLayout(check_axis("class_axis", class_axis))
    return Call(logits, labels, formula, options, layout=layout, arrays={"alpha": alpha})


def _focal(entries: Entries, *, gamma: float) -> Terms:
    weight = entries.per_class("alpha")
    terms = softmax_terms(entries, functools.partial(_focused, gamma=gamma), class_weight=weight)
    return Terms(terms.value, terms.slope, terms.curvature)


def _focused(chance: ClassProbability, *, gamma: float) -> Terms:
    """q^g s of the surprisal s, where q = 1 - p and p = exp(-s)."""
    where, p, s = chance.xp.where, chance.probability, chance.surprisal
    factor = chance.power_of_complement(gamma)
    # Where p is 0 the power is 1 and a product with it could overflow in a derivative.
    is_far = p == 0
    finite = where(is_far, 0.0, s)
    ratio = p * finite / chance.divisor

    return Terms(
        value=lambda: where(is_far, s, factor * finite),
        slope=lambda: factor * (1 + gamma * ratio),
        curvature=lambda: gamma * factor / chance.divisor * (2 * p + (gamma * p - 1) * ratio),
    )
