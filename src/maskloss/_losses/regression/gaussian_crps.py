"""The continuous ranked probability score (CRPS) of normal distributions."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_number
from ..._loss import loss
from ..._math.arithmetic import clamp, sign
from ..._math.normal import NormalTail
from .gaussian import read_variance, refuse_none


@loss()
def gaussian_crps_loss(
    input: Array,
    target: Array,
    var: Array | float,
    *,
    eps: float = 1e-6,
    **options: Unpack[Options],
) -> Call:
    r"""Ranked probability score (CRPS) of normal distributions with mean x, of numbers y.

    .. math::
        s \Bigl(w \bigl(2 \Phi(w) - 1\bigr) + 2 \varphi(w) - \frac 1 {\sqrt \pi}\Bigr),
        \quad w = \frac{y - x} s, \quad s = \sqrt{\max(\mathrm{var}, \epsilon)}

    Parameters
    ----------
    input : array
        Means x, of any shape and real floating dtype. Each element is an entry.
    target : array
        Numbers y of the same shape.
    var : float or array
        Variances, 0 or more: a scalar, or an array that broadcasts to `input` with the same number
        of dimensions.
    eps : float, default: 1e-6
        The smallest variance, 0 or more; smaller variances are clipped to it. With the variance 0
        the loss is `l1_loss`.
    **options

    See Also
    --------
    gaussian_nll_loss : The likelihood, of the same arrays; one outlier costs far more.
    l1_loss : The same of a distribution without spread.

    Notes
    -----
    The same as `scoringrules.crps_normal`, which takes standard deviations. The score has the unit
    of y, and is minimal, on average, for the true distribution. Automatic differentiation by `var`
    is that of `gaussian_nll_loss`. Value and slope are accurate to a few machine epsilons of their
    largest term, which for the slope is 1; the second derivative to w * w epsilons more.

    T. Gneiting, A. E. Raftery, Strictly proper scoring rules, prediction, and estimation, JASA 102
    (2007), 359-378.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([0.0, 1.0, 2.0]), np.asarray([1.0, 1.0, np.nan])
    >>> var = np.asarray([2.0, 0.5, np.nan])
    >>> ml.gaussian_crps_loss(x, y, var, missing=np.nan, reduction="none").round(3)
    array([0.601, 0.165, 0.   ])
    """
    refuse_none(var)
    terms = functools.partial(_crps, eps=check_number("eps", eps))
    return Call(input, target, terms, options, arrays={"var": var})


def _crps(entries: Entries, *, eps: float) -> Terms:
    xp, difference = entries.xp, entries.prediction - entries.labels
    scale = xp.sqrt(read_variance(entries, eps))
    is_low, is_point = difference <= 0, scale == 0
    distance = xp.where(is_low, -difference, difference)
    # The derivative at 0 is the mean of those on both sides.
    distance = xp.where(xp.logical_and(is_point, difference == 0), 0.0, distance)
    far = float(xp.finfo(distance.dtype).max) / 4
    z = clamp(xp, difference / xp.where(is_point, 1.0, scale), far)
    if not xp.has_kernels:
        # Every distance is 0 beside an infinite spread, by which the chain rule multiplies.
        distance, z = (xp.where(scale == math.inf, 0.0, each) for each in (distance, z))
    # Of a distribution without spread, every distance is far.
    tail = NormalTail(xp, xp.where(is_point, far * sign(xp, difference), z))

    def slope() -> Array:
        size = 1 - 2 * tail.tail_of_size
        return xp.where(is_low, -size, size)

    return Terms(
        # The tail times its excess is the mean distance by which numbers exceed y.
        value=lambda: (
            distance
            + scale * (2 * tail.tail_of_size * tail.excess_of_size - 1 / math.sqrt(math.pi))
        ),
        slope=slope,
        curvature=lambda: xp.where(
            is_point, 0.0, 2 * tail.density / xp.where(is_point, 1.0, scale)
        ),
    )
