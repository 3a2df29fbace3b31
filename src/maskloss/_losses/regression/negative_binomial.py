"""Negative binomial negative log-likelihood of counts."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.kinds import scalar
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import NON_NEGATIVE, Domain
from ..._inputs.entries import Entries
from ..._inputs.options import Options
from ..._inputs.outliers import positive
from ..._loss import loss
from ..._math.arithmetic import subtraction_error
from ..._math.constants import split
from ..._math.logistic import logistic

# Below, the mean times the dispersion could be 0 in float32 where the mean is not.
_ADVICE = "; for a dispersion of 0, use poisson_nll_loss"
_DISPERSION = Domain(low=1e-30, advice=_ADVICE)


@loss(labels=NON_NEGATIVE)
def negative_binomial_nll_loss(
    input: Array, target: Array, *, dispersion: Array | float = 1.0, **options: Unpack[Options]
) -> Call:
    r"""Negative log-likelihood of counts y that vary more than Poisson counts do.

    .. math::
        \frac 1 \alpha \log(1 + \alpha \mu) + y \log\Bigl(1 + \frac 1 {\alpha \mu}\Bigr),
        \quad \mu = e^x

    Parameters
    ----------
    input : array
        Logarithms x of the means, of any shape and real floating dtype. Each element is an entry.
    target : array
        Counts y of the same shape, 0 or more, not necessarily integers.
    dispersion : float or array, default: 1.0
        The dispersion :math:`\alpha`, more than 0, of counts with variance
        :math:`\mu + \alpha \mu^2`: a scalar, one number per class (C,) along the last axis, or an
        array that broadcasts to `input` with the same number of dimensions.
    **options

    See Also
    --------
    poisson_nll_loss : The likelihood of counts whose variance is their mean.

    Notes
    -----
    This is the logarithm of `torch.distributions.NegativeBinomial`, with ``total_count`` of
    :math:`1 / \alpha` and ``logits`` of :math:`x + \log \alpha`, without its terms of the count and
    the dispersion alone. They have no derivative by `input`; without them, the loss is no measure
    to choose a dispersion by. Two terms of the slope cancel where the mean is y: it is accurate to
    a few machine epsilons of the larger term. For an array of dispersions,
    :math:`|\log \alpha| / 2` epsilons add to that.

    J. M. Hilbe, Negative binomial regression, 2nd edition, 2011, section 8.2.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([0.0, 1.0, 2.0]), np.asarray([3, 0, -1])
    >>> ml.negative_binomial_nll_loss(x, y, dispersion=0.5, missing=-1, reduction="none").round(3)
    array([4.107, 1.717, 0.   ])
    """
    if dispersion is None:
        msg = "`dispersion` must be a number or an array, got None; leave it out for 1"
        raise TypeError(msg)
    terms = functools.partial(_negative_binomial, number=scalar(dispersion))
    arrays = {"dispersion": dispersion}
    return Call(input, target, terms, options, arrays=arrays, link="log")


def _negative_binomial(entries: Entries, *, number: float | None) -> Terms:
    xp, x, y = entries.xp, entries.prediction, entries.labels
    dispersion = entries.per_class("dispersion", domain=_DISPERSION, fill_value=1.0)
    assert dispersion is not None
    dispersion = positive(xp, "dispersion", dispersion, _ADVICE)
    log: Array | float = xp.log(dispersion)
    lost = 0.0
    if number is not None:
        log, lost = split(math.log(number), 0.0, float(xp.finfo(x.dtype).eps))
    logit = x + log
    s = logistic(xp, logit, subtraction_error(xp, x, -log, logit) + lost)
    return Terms(
        value=lambda: s.softplus / dispersion + y * s.softplus_of_negative,
        slope=lambda: s.sigmoid / dispersion - y * s.sigmoid_of_negative,
        curvature=lambda: s.sigmoid_slope * (1 / dispersion + y),
    )
