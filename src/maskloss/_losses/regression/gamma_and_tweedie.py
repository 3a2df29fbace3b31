"""Negative log-likelihoods of positive amounts, and of amounts that may be 0."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.kinds import if_traced, scalar, shown
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import NON_NEGATIVE
from ..._inputs.entries import Entries
from ..._inputs.options import Options
from ..._inputs.outliers import positive
from ..._loss import loss
from ..._math.arithmetic import exp_of_product


@loss(labels=NON_NEGATIVE._replace(fill_value=0.5))
def gamma_nll_loss(input: Array, target: Array, **options: Unpack[Options]) -> Call:
    r"""Negative log-likelihood of positive amounts y whose error grows with them.

    .. math:: x + y e^{-x}

    Parameters
    ----------
    input : array
        Logarithms x of the means, of any shape and real floating dtype. Each element is an entry.
    target : array
        Amounts y of the same shape, more than 0.
    **options

    See Also
    --------
    tweedie_nll_loss : Amounts that may be 0.

    Notes
    -----
    The likelihood of a gamma distribution with mean :math:`e^x` and any fixed shape, by that shape,
    without its terms of y alone. The minimum is at :math:`x = \log y`. Half of
    `sklearn.metrics.mean_gamma_deviance` is the loss minus :math:`1 + \log y`; it has the same
    derivatives, as has ``reg:gamma`` of XGBoost. Value and slope are sums of two terms, accurate to
    a few machine epsilons of the larger one.

    P. McCullagh, J. A. Nelder, Generalized linear models, 2nd edition, 1989, chapter 8.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([0.0, 1.0, 2.0]), np.asarray([3.0, 0.5, np.nan])
    >>> ml.gamma_nll_loss(x, y, missing=np.nan, reduction="none").round(3)
    array([3.   , 1.184, 0.   ])
    """
    return Call(input, target, _gamma, options, link="log")


def _gamma(entries: Entries) -> Terms:
    xp, x, y = entries.xp, entries.prediction, entries.labels
    advice = ", whose logarithm is infinite; for amounts of 0, use tweedie_nll_loss"
    y = positive(xp, entries.label_name, entries.guard(y, 1.0), advice)
    ratio = y * xp.exp(-x)
    return Terms(value=lambda: x + ratio, slope=lambda: 1 - ratio, curvature=lambda: ratio)


@loss(labels=NON_NEGATIVE)
def tweedie_nll_loss(
    input: Array, target: Array, *, power: float = 1.5, **options: Unpack[Options]
) -> Call:
    r"""Negative log-likelihood of amounts y that are 0 or more, such as claims or rainfall.

    .. math:: \frac{\mu^{2 - p}}{2 - p} + \frac{y \mu^{1 - p}}{p - 1}, \quad \mu = e^x

    Parameters
    ----------
    input : array
        Logarithms x of the means, of any shape and real floating dtype. Each element is an entry.
    target : array
        Amounts y of the same shape, 0 or more.
    power : float, default: 1.5
        The power p of the mean to which the variance is proportional, between 1, where counts have
        `poisson_nll_loss`, and 2, where positive amounts have `gamma_nll_loss`.
    **options

    See Also
    --------
    poisson_nll_loss, gamma_nll_loss : The losses at both ends.

    Notes
    -----
    The likelihood of a compound Poisson distribution: a number of events, each with an amount that
    has a gamma distribution. It is multiplied by the fixed dispersion, without the terms of y
    alone: the metric ``tweedie-nloglik`` of XGBoost. The minimum is at :math:`x = \log y`. Half of
    `sklearn.metrics.mean_tweedie_deviance` is the loss minus its minimum. The value is accurate to
    a few machine epsilons, the slope to a few of the larger of its two terms.

    B. Jorgensen, The theory of dispersion models, 1997, chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([0.0, 1.0, 2.0]), np.asarray([3.0, 0.0, np.nan])
    >>> ml.tweedie_nll_loss(x, y, missing=np.nan, reduction="none").round(3)
    array([8.   , 3.297, 0.   ])
    """
    terms = functools.partial(_tweedie, power=_check_power(power))
    return Call(input, target, terms, options, link="log")


def _check_power(power: float) -> float:
    number = scalar(power)
    if number is None or isinstance(power, bool):
        got = f"{shown(power)}{if_traced('power', power)}"
        msg = f"`power` must be a number between 1 and 2, got {got}"
        raise TypeError(msg)
    if not 1 < number < 2:
        ends = {1.0: "; use poisson_nll_loss", 2.0: "; use gamma_nll_loss"}
        at_end = ends.get(float(number), "")
        msg = f"`power` must lie between 1 and 2, got {shown(power)}{at_end}"
        raise ValueError(msg)
    return float(number)


def _tweedie(entries: Entries, *, power: float) -> Terms:
    xp, x, y = entries.xp, entries.prediction, entries.labels
    mean = exp_of_product(xp, x, 2 - power)
    # An amount of 0 must remove its term, also where the exponential is infinite.
    pull = y * exp_of_product(xp, xp.where(y == 0, 0.0, x), 1 - power)
    return Terms(
        value=lambda: mean / (2 - power) + pull / (power - 1),
        slope=lambda: mean - pull,
        curvature=lambda: (2 - power) * mean + (power - 1) * pull,
    )
