"""Poisson negative log-likelihood of counts."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import NON_NEGATIVE, Domain
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_flag, check_number
from ..._inputs.outliers import in_domain
from ..._loss import loss
from ..._math.arithmetic import subtraction_error

# 1 is a valid rate as well as a valid logarithm of a rate.
_LOG_RATE_OR_RATE = Domain(fill_value=1.0)
_RATE = NON_NEGATIVE._replace(advice="; for logarithms of rates, pass log_input=True")


@loss(prediction=_LOG_RATE_OR_RATE, labels=NON_NEGATIVE)
def poisson_nll_loss(
    input: Array,
    target: Array,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    **options: Unpack[Options],
) -> Call:
    r"""Negative log-likelihood of counts y under a Poisson distribution.

    .. math:: e^x - y x \quad \text{or, without `log_input`,} \quad x - y \log(x + \epsilon)

    Parameters
    ----------
    input : array
        Logarithms x of the rates, or, without `log_input`, rates x of 0 or more; of any shape and
        real floating dtype. Each element is an entry.
    target : array
        Counts y of the same shape, 0 or more, not necessarily integers.
    log_input : bool, default: True
        Whether `input` holds the logarithms of the rates.
    full : bool, default: False
        Whether to add Stirling's approximation of log(y!) to the losses of counts y above 1,
        :math:`y \log y - y + \log(2 \pi y) / 2`. It does not change derivatives by `input`.
    eps : float, default: 1e-8
        A number, 0 or more, added to the rate inside the logarithm. Not used with `log_input`, as
        in torch.
    **options

    Notes
    -----
    The same as `torch.nn.functional.poisson_nll_loss`. Value and slope are differences of two
    terms: the slope goes to 0 as y goes to the rate. They are accurate to a few machine epsilons of
    the larger term.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([0.0, 1.0, 2.0]), np.asarray([3, 0, -1])
    >>> ml.poisson_nll_loss(x, y, missing=-1, reduction="none").round(3)
    array([1.   , 2.718, 0.   ])
    """
    shift = check_number("eps", eps)
    is_log = check_flag("log_input", log_input)
    formula = _log_rate_terms if is_log else functools.partial(_rate_terms, eps=shift)
    terms = functools.partial(formula, full=check_flag("full", full))
    return Call(input, target, terms, options, link="log" if is_log else "identity")


def _log_rate_terms(entries: Entries, *, full: bool) -> Terms:
    xp, x, y = entries.xp, entries.prediction, entries.labels
    rate = xp.exp(x)

    def value() -> Array:
        # Beside an infinite rate, y * x can be infinite too.
        finite = xp.where(rate == math.inf, 0.0, x)
        return _with_stirling(entries, xp.multiply_add(y, finite, rate, -1.0), full=full)

    return Terms(
        value=value,
        slope=lambda: rate - y,
        curvature=lambda: rate,
    )


def _rate_terms(entries: Entries, *, full: bool, eps: float) -> Terms:
    xp, y = entries.xp, entries.labels
    x = in_domain(xp, "input", entries.prediction, _RATE, is_differentiated=True)
    shifted = x + eps

    def value() -> Array:
        log = xp.log(shifted)
        if eps:
            # Where the logarithm is close to 0, what the sum has lost counts.
            lost = eps - (shifted - x) if eps <= 0.5 else subtraction_error(xp, x, -eps, shifted)
            log = log + lost / shifted
        return _with_stirling(entries, xp.multiply_add(y, log, x, -1.0), full=full)

    return Terms(
        value=value,
        slope=lambda: (x - y + eps) / shifted,
        curvature=lambda: y / shifted / shifted,
    )


def _with_stirling(entries: Entries, value: Array, *, full: bool) -> Array:
    """Add Stirling's approximation of log(y!) where y > 1, a constant, and 0 elsewhere."""
    if not full:
        return value
    xp, y = entries.xp, entries.labels
    is_large = y > 1
    y = xp.where(is_large, y, 1.0)
    stirling = (y + 0.5) * xp.log(y) - y + math.log(2 * math.pi) / 2
    return value + xp.where(is_large, stirling, 0.0)
