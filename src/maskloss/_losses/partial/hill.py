"""Hill loss: less gradient for negatives that look like missed positives."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms, mixture_by_label
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_number
from ..._loss import loss
from ..._math.arithmetic import subtraction_error
from ..._math.logistic import logistic
from ..binary.focal import focal_terms
from ..binary.wrong_answer import wrong_answer
from .annotation import UNMARKED_AS_0

# Below this `lam`, what follows from the excess cancels where p is close to 0.
_LOW = 1.25


@loss(labels=UNMARKED_AS_0)
def hill_loss(
    logits: Array,
    labels: Array,
    *,
    lam: float = 1.5,
    margin: float = 1.0,
    gamma: float = 2.0,
    **options: Unpack[Options],
) -> Call:
    r"""Hill loss: negatives with a high probability may be missed positives; their gradient fades.

    .. math::

        -y \, (1 - p_m)^\gamma \log p_m + (1 - y) \, (\lambda - p) \, p^2

    with :math:`p = \sigma(x)` and :math:`p_m = \sigma(x - m)`.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    labels : array
        Labels y of the same shape, in [0, 1], hard or soft; bool, integer or floating. The authors
        use 0 for unannotated labels; mark labels to leave out by `missing`.
    lam : float, default: 1.5
        Height :math:`\lambda` of the hill, 0 or more; at 1.5 the slope by p is 0 where p is 1.
    margin : float, default: 1.0
        The margin m, 0 or more, subtracted from the logits of positives.
    gamma : float, default: 2.0
        Focus of positives, 0 or more.
    **options

    See Also
    --------
    splc_loss : Treats such negatives as positives.

    Notes
    -----
    The gradient is the derivative of the value. For hard labels, value and slope are accurate to 7
    machine epsilons of their terms.

    Zhang et al., "Simple and Robust Loss Design for Multi-Label Learning with Missing Labels",
    2021. Their code returns the sum. For a soft label it applies the focus to the whole loss; here
    the two losses are mixed. The comment in their code, not the code, has the sign of the negatives
    wrong.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[0.0, 2.0], [np.nan, 4.0]])
    >>> labels = np.asarray([[1.0, 0.0], [-1.0, 0.0]])
    >>> ml.hill_loss(logits, labels, missing=-1, reduction="none").round(4)
    array([[0.7019, 0.4804],
           [0.    , 0.4995]])
    """
    lam, margin = check_number("lam", lam), check_number("margin", margin)
    terms = functools.partial(_hill, lam=lam, margin=margin, gamma=check_number("gamma", gamma))
    return Call(logits, labels, terms, options, held=Held(16.3 if lam < _LOW else 14.0))


def _hill(entries: Entries, *, lam: float, margin: float, gamma: float) -> Terms:
    xp, x, y = entries.xp, entries.prediction, entries.labels
    shifted = x - margin
    rounding = subtraction_error(xp, x, margin, shifted)
    positive = wrong_answer(xp, shifted, 1.0, rounding)
    return mixture_by_label(xp, y, focal_terms(positive, gamma), _negative_terms(entries, lam))


def _negative_terms(entries: Entries, lam: float) -> Terms:
    """Return (lam - p) p**2; for lam = 1.5, nothing cancels where p is close to 1."""
    xp, x = entries.xp, entries.prediction
    s = logistic(xp, x)
    p, q = s.sigmoid, s.sigmoid_of_negative
    excess = lam - 1.5
    is_low = lam < _LOW

    def choose(below: Callable[[], Array], above: Callable[[], Array]) -> Array:
        return xp.where(x <= 0, below(), above()) if is_low else above()

    def value() -> Array:
        if is_low:
            return choose(lambda: lam - p, lambda: lam - 1 + q) * p * p
        if xp.has_kernels:
            return (lam - p) * p * p
        # Unlike that, this has a slope by automatic differentiation that does not cancel.
        return xp.where(x <= 0, (lam - p) * p * p, excess * p * p + 0.5 - q * q * (1.5 - q))

    def slope() -> Array:
        above = 3 * q + 2 * excess if excess else 3 * q
        return p * q * p * choose(lambda: 2 * lam - 3 * p, lambda: above)

    def curvature() -> Array:
        bend = s.sigmoid_second_derivative
        factor = choose(
            lambda: lam * (q + bend) - p * (4.5 - 6 * p),
            lambda: excess * (q + bend) + 3 * q * bend,
        )
        return 2 * s.sigmoid_slope * p * factor

    return Terms(value=value, slope=slope, curvature=curvature)
