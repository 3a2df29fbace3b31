"""Gaussian negative log-likelihood."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_flag, check_number
from ..._loss import loss


@loss()
def gaussian_nll_loss(
    input: Array,
    target: Array,
    var: Array | float,
    *,
    full: bool = False,
    eps: float = 1e-6,
    **options: Unpack[Options],
) -> Call:
    r"""Negative log-likelihood of numbers y under normal distributions with mean x.

    .. math:: \frac{1}{2} \left(\log v + \frac{(x - y)^2}{v}\right),
        \quad v = \max(\mathrm{var}, \epsilon)

    Parameters
    ----------
    input : array
        Means x, of any shape and real floating dtype. Each element is an entry.
    target : array
        Numbers y of the same shape.
    var : float or array
        Variances, 0 or more: a scalar, or an array that broadcasts to `input` with the same number
        of dimensions.
    full : bool, default: False
        Whether to add the constant :math:`\log(2 \pi) / 2`.
    eps : float, default: 1e-6
        The smallest variance, 0 or more; smaller variances are clipped to it. With the variance 0
        the loss is infinite, below 0 where prediction and number are equal.
    **options

    Notes
    -----
    The same as `torch.nn.functional.gaussian_nll_loss`. torch also takes variances without the last
    axis: here, give them that axis, with size 1. Automatic differentiation by `var` gives the
    derivative by v also where a variance is clipped, so that a small variance can grow again. The
    value is a sum of two terms, accurate to a few machine epsilons of the larger one.

    D. A. Nix, A. S. Weigend, Estimating the mean and variance of the target probability
    distribution, ICNN 1994.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([0.0, 1.0, 2.0]), np.asarray([1.0, 1.0, np.nan])
    >>> var = np.asarray([2.0, 0.5, np.nan])
    >>> ml.gaussian_nll_loss(x, y, var, missing=np.nan, reduction="none").round(3)
    array([ 0.597, -0.347,  0.   ])
    """
    refuse_none(var)
    full, eps = check_flag("full", full), check_number("eps", eps)
    terms = functools.partial(_gaussian, full=full, eps=eps)
    return Call(input, target, terms, options, arrays={"var": var})


def refuse_none(var: Array | float | None) -> None:
    """Refuse variances that are None."""
    if var is None:
        msg = "`var` must be an array of variances or a number, got None"
        raise TypeError(msg)


def read_variance(entries: Entries, eps: float) -> Array:
    """Return the variances, `eps` or more; a clipped one has the derivative of a variance."""
    xp, var = entries.xp, entries.per_entry("var", fill_value=1.0)
    clipped = eps + (var - xp.stop_gradient(var))
    return xp.where(var < eps, clipped, var)


def _gaussian(entries: Entries, *, full: bool, eps: float) -> Terms:
    xp, difference = entries.xp, entries.prediction - entries.labels
    var = read_variance(entries, eps)
    # Without spread, the density is infinite at the mean and 0 elsewhere.
    is_mean = difference == 0
    slope = difference / xp.where(xp.logical_and(var == 0, is_mean), 1.0, var)
    size = xp.where(xp.logical_or(var > 0, is_mean), var, 1.0)
    constant = math.log(2 * math.pi) / 2 if full else 0.0
    return Terms(
        # d / v * (d / 2): unlike d * d, it overflows only where the value does.
        value=lambda: xp.log(size) / 2 + slope * (difference / 2) + constant,
        slope=lambda: slope,
        curvature=lambda: 1 / var,
    )
