"""The loss of preferences by odds ratios, from mean log-probabilities of whole sequences."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import LOG_PROBABILITIES
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis, check_number
from ..._inputs.outliers import nan_where, refuse
from ..._loss import loss
from ..._math.logistic import logistic
from .preference import signs_of_pair

_BELOW_0 = LOG_PROBABILITIES._replace(fill_value=-1.0)


@loss(prediction=_BELOW_0)
def orpo_loss(
    log_probs: Array,
    labels: Array | None = None,
    *,
    beta: float = 0.1,
    pair_axis: int = -1,
    **options: Unpack[Options],
) -> Call:
    r"""Loss of preferences by odds ratios (ORPO), added to that of the chosen sequence.

    .. math::
        -x_0 - \beta \log \sigma\left(\log \frac{p_0}{1 - p_0} - \log \frac{p_1}{1 - p_1}\right),
        \quad p = e^x

    Parameters
    ----------
    log_probs : array, shape (..., 2)
        Means over the tokens of the log-probabilities x, below 0, of the chosen sequence (0) and
        the rejected one (1), of real floating dtype. Each pair along `pair_axis` is an entry.
    labels : array, shape (..., 2), optional
        Numbers in which `missing` is looked for; by default the log-probabilities. A pair with a
        missing number is missing.
    beta : float, default: 0.1
        The factor of the second term, 0 or more.
    pair_axis : int, default: -1
        The axis of the two sequences.
    **options

    See Also
    --------
    preference_loss : Losses that compare with a reference model.
    sequence_log_probability : The scores of sequences, from logits.

    Notes
    -----
    Hong et al., ORPO: Monolithic Preference Optimization without Reference Model, 2024, with the
    default of TRL, which averages the first term over all tokens of a batch instead. Value
    and derivatives are accurate to a few machine epsilons and those of the logarithms of the odds.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> print(f"{ml.orpo_loss(np.asarray([[-0.5, -1.5]])):.4f}")
    0.5171
    """
    terms = functools.partial(_odds_ratio, beta=check_number("beta", beta))
    axis = check_axis("pair_axis", pair_axis)
    layout = EntryLayout(axis, same_shape=True, keyword="pair_axis")
    return Call(log_probs, labels, terms, options, layout=layout, may_lack_labels=True)


def _below_0(xp: Namespace, x: Array) -> Array:
    """Refuse log-probabilities of 0 and more; those that cannot be read become NaN."""
    is_wrong = xp.stop_gradient(x) >= 0
    advice = "; the odds of a probability of 1 are infinite"
    refuse(xp, "log_probs", x, is_wrong, "less than 0, means over the tokens", advice)
    return nan_where(xp, is_wrong, x)


def _odds_ratio(entries: Entries, *, beta: float) -> Terms:
    xp, signs = entries.xp, signs_of_pair(entries)
    x = _below_0(xp, entries.prediction)
    p = xp.exp(x)
    is_likely = x > -0.5
    # This is 1 - exp(x). Not expm1, which inductor of torch 2.13 computes no better than that.
    half = xp.tanh(xp.where(is_likely, -x, 0.0) / 2)
    complement = xp.where(is_likely, 2 * half / (1 + half), 1 - p)
    log_complement = xp.where(
        is_likely,
        xp.log(xp.where(is_likely, complement, 1.0)),
        xp.log1p(-xp.where(is_likely, 0.0, p)),
    )
    is_chosen = xp.where(signs > 0, xp.ones_like(x), 0.0)

    def total(array: Array) -> Array:
        return xp.sum_along(array, entries.layout.row_axes)

    s = logistic(xp, total(signs * (x - log_complement)))
    return Terms(
        value=lambda: beta * s.softplus_of_negative - total(xp.where(signs > 0, x, 0.0)),
        slope=lambda: -beta * signs * s.sigmoid_of_negative / complement - is_chosen,
        curvature=lambda: (
            beta * (s.sigmoid_slope - signs * s.sigmoid_of_negative * p) / complement / complement
        ),
    )
