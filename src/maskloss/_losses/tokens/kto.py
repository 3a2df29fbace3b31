"""The loss of answers that are good or bad, from log-probabilities of whole sequences."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms
from ..._inputs.domain import REAL, Domain
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_number
from ..._loss import loss
from ..._math.arithmetic import subtraction_error
from .preference import scaled_logistic

_DESIRABLE = Domain(
    fill_value=1.0,
    values=(0, 1),
    names=("undesirable", "desirable"),
    advice="; if these are scores, compare them first: scores > 0",
)


@loss(labels=_DESIRABLE)
def kto_loss(
    log_ratios: Array,
    desirable: Array,
    *,
    kl: Array | float = 0.0,
    beta: float = 0.1,
    **options: Unpack[Options],
) -> Call:
    r"""Loss of desirable and undesirable sequences without pairs (KTO).

    .. math:: 1 - \sigma\bigl(\pm \beta (x - k)\bigr)

    with + for desirable sequences and - for undesirable ones.

    Parameters
    ----------
    log_ratios : array
        Log-probabilities x of sequences under the policy minus those under the reference model, of
        any shape and real floating dtype. Each element is an entry.
    desirable : array
        Labels of the same shape: 1 for desirable, 0 for undesirable; bool, integer or floating.
    kl : float or array, default: 0.0
        The divergence k from the reference model: a scalar, or an array with the entries' number of
        dimensions and sizes 1 or equal. A constant for derivatives; the paper takes the mean ratio
        of unrelated answers in the batch, or 0 where that is negative.
    beta : float, default: 0.1
        The factor of the ratios, more than 0.
    **options

    See Also
    --------
    preference_loss : Losses of pairs of answers.
    sequence_log_probability : The log-probabilities of sequences, from logits.

    Notes
    -----
    Ethayarajh et al., KTO: Model Alignment as Prospect Theoretic Optimization, 2024. The weights
    of desirable and undesirable sequences are the `weight` of each. Value and
    derivatives are accurate to a few machine epsilons. The second derivative is 0 at x = k.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> ratios, labels = np.asarray([10.0, 10.0, np.nan]), np.asarray([1, 0, -1])
    >>> ml.kto_loss(ratios, labels, missing=-1, reduction="none").round(4)
    array([0.2689, 0.7311, 0.    ])
    """
    terms = functools.partial(_kto, beta=check_number("beta", beta, above=True))
    return Call(log_ratios, desirable, terms, options, arrays={"kl": kl}, held=Held(14.3))


def _kto(entries: Entries, *, beta: float) -> Terms:
    xp = entries.xp
    kl = xp.stop_gradient(entries.per_entry("kl", domain=REAL))
    # A label that is no label is NaN, which makes the sign NaN.
    sign = 2 * entries.labels - 1
    rate, x = beta * sign, entries.prediction
    difference = x - kl
    lost = sign * subtraction_error(xp, x, kl, difference)
    s = scaled_logistic(xp, sign * difference, lost, beta)
    return Terms(
        value=lambda: s.sigmoid_of_negative,
        slope=lambda: -rate * s.sigmoid_slope,
        curvature=lambda: -rate * rate * s.sigmoid_slope * s.sigmoid_second_derivative,
    )
