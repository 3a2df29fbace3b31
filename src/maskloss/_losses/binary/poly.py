"""Poly-1 loss: binary cross-entropy plus a multiple of the wrong answer's probability."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_number
from ..._loss import loss
from ..._math.logistic import logistic


@loss(labels=UNIT)
def poly_loss(
    logits: Array, labels: Array, *, epsilon: float = 1.0, **options: Unpack[Options]
) -> Call:
    r"""Poly-1 loss: binary cross-entropy plus a multiple of the probability of the wrong answer.

    .. math::

        y \log(1 + e^{-x}) + (1 - y) \log(1 + e^x)
        + \epsilon \, (y (1 - \sigma(x)) + (1 - y) \sigma(x))

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    labels : array
        Labels y of the same shape, in [0, 1], hard or soft; bool, integer or floating.
    epsilon : float, default: 1.0
        A finite number of -1 or more. It is added to the first coefficient, which is 1, of the
        cross-entropy as a polynomial in the probability of the wrong answer.
    **options

    Notes
    -----
    Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions",
    2022, for one sigmoid per entry. The slope is at least 0 for negatives and at most 0 for
    positives. For hard labels, value and slope are accurate to 4 machine epsilons, to 6 for an
    `epsilon` close to -1. The softmax form in optax has ``epsilon=2.0``.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0], [np.nan, -1.0]])
    >>> labels = np.asarray([[1.0, 0.0], [-1.0, 0.0]])
    >>> ml.poly_loss(logits, labels, missing=-1, reduction="none").round(4)
    array([[1.1931, 3.0077],
           [0.    , 0.5822]])
    """
    epsilon = check_number("epsilon", epsilon, least=-1)
    return Call(logits, labels, functools.partial(_poly, epsilon=epsilon), options)


def _poly(entries: Entries, *, epsilon: float) -> Terms:
    xp, y = entries.xp, entries.labels
    s = logistic(xp, entries.prediction)
    first = 1 + epsilon

    def term(surprisal: Array, wrong: Array) -> Array:
        if epsilon >= 0:
            return surprisal + epsilon * wrong
        return first * wrong + _second_order_rest(xp, surprisal, wrong)

    def slope() -> Array:
        p, q = s.sigmoid, s.sigmoid_of_negative
        return (1 - y) * p * (p + first * q) - y * q * (q + first * p)

    def curvature() -> Array:
        p, q = s.sigmoid, s.sigmoid_of_negative
        other = 1 - epsilon
        factor = (1 - y) * (first * q + other * p) + y * (first * p + other * q)
        return s.sigmoid_slope * factor

    return Terms(
        value=lambda: (
            y * term(s.softplus_of_negative, s.sigmoid_of_negative)
            + (1 - y) * term(s.softplus, s.sigmoid)
        ),
        slope=slope,
        curvature=curvature,
    )


def _second_order_rest(xp: Namespace, surprisal: Array, wrong: Array) -> Array:
    """Return -log(1 - q) - q = q**2 / 2 + q**3 / 3 + ..., given -log(1 - q) and q.

    For q <= 1/2 the difference cancels. There the sum is 2 artanh(w) - q with w = q / (2 - q),
    which is at most 1/3; its series has powers up to 35.
    """
    is_small = wrong <= 0.5
    small = xp.where(is_small, wrong, 0.0)
    w = small / (2 - small)
    square = w * w
    series = 0 * w
    for odd in range(35, 1, -2):
        series = series * square + 1 / odd
    return xp.where(is_small, w * (small + 2 * square * series), surprisal - wrong)
