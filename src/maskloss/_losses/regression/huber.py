"""Losses of numbers that grow as the error where it is large, not as its square."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from maskloss._arrays.namespace import scalar
from maskloss._arrays.typing import Array
from maskloss._formula import Call, Terms
from maskloss._inputs.domain import UNIT
from maskloss._inputs.entries import Entries
from maskloss._inputs.options import check_fraction, check_number
from maskloss._loss import loss
from maskloss._losses.regression.censoring import CensorableOptions, censorable
from maskloss._losses.regression.squared_and_absolute import absolute_error
from maskloss._math.logistic import clamp, log1p, subtraction_error


@loss()
@censorable
def huber_loss(
    input: Array, target: Array, *, delta: float = 1.0, **options: Unpack[CensorableOptions]
) -> Call:
    r"""Huber loss: half the squared error, continued as a line where the error is large.

    .. math::
        \frac{(x - y)^2}{2} \text{ where } |x - y| < \delta, \text{ else }
        \delta \left(|x - y| - \frac{\delta}{2}\right)

    Parameters
    ----------
    input : array
        Predictions x, of any shape and real floating dtype. An entry is an element.
    target : array
        Numbers y of the same shape.
    delta : float, default: 1.0
        The error above which the loss is a line, more than 0.
    **options

    Returns
    -------
    array or Sums
        The reduced loss, in the dtype of `input`, float32 at least.

    Raises
    ------
    TypeError
        If an argument is no array of the common library, or has the wrong dtype.
    ValueError
        If shapes differ, `delta` is 0 or less, a weight is negative, or a keyword has an unknown
        value.

    See Also
    --------
    smooth_l1_loss : The same divided by its threshold.

    Notes
    -----
    `torch.nn.functional.huber_loss`, whose ``weight=`` is ``reduction="mean_over_all"`` here.
    The second derivative is 0 at the threshold, as in torch.

    P. J. Huber, Robust estimation of a location parameter, Ann. Math. Statist. 35 (1964), 73-101.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([0.5, 4.0, 7.0]), np.asarray([0.0, 0.0, np.nan])
    >>> ml.huber_loss(x, y, missing=np.nan, reduction="none")
    array([0.125, 3.5  , 0.   ])
    """
    limit = check_number("delta", delta, above=True)
    return Call(input, target, functools.partial(_clipped, limit=limit, scale=1.0), options)


@loss()
@censorable
def smooth_l1_loss(
    input: Array, target: Array, *, beta: float = 1.0, **options: Unpack[CensorableOptions]
) -> Call:
    r"""Absolute error, rounded off to a parabola where the error is small.

    .. math::
        \frac{(x - y)^2}{2 \beta} \text{ where } |x - y| < \beta, \text{ else }
        |x - y| - \frac{\beta}{2}

    Parameters
    ----------
    input : array
        Predictions x, of any shape and real floating dtype. An entry is an element.
    target : array
        Numbers y of the same shape.
    beta : float, default: 1.0
        The error below which the loss is a parabola; with 0 this is `l1_loss`.
    **options

    Returns
    -------
    array or Sums
        The reduced loss, in the dtype of `input`, float32 at least.

    Raises
    ------
    TypeError
        If an argument is no array of the common library, or has the wrong dtype.
    ValueError
        If shapes differ, `beta` or a weight is negative, or a keyword has an unknown value.

    See Also
    --------
    huber_loss : The same times its threshold.

    Notes
    -----
    `torch.nn.functional.smooth_l1_loss`. The second derivative is 0 at the threshold, as in torch.

    R. Girshick, Fast R-CNN, ICCV 2015, equation 3.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([0.5, 4.0, 7.0]), np.asarray([0.0, 0.0, np.nan])
    >>> ml.smooth_l1_loss(x, y, beta=2.0, missing=np.nan, reduction="none")
    array([0.0625, 3.    , 0.    ])
    """
    limit = check_number("beta", beta)
    if limit == 0:
        return Call(input, target, absolute_error, options)
    return Call(input, target, functools.partial(_clipped, limit=limit, scale=limit), options)


def _clipped(entries: Entries, *, limit: float, scale: float) -> Terms:
    """Integrate an error that is clipped to [-limit, limit]; the loss by `scale`."""
    xp, difference = entries.xp, entries.prediction - entries.labels
    # Where nothing is clipped c (d - c / 2) is d**2 / 2, and else the line: with one expression
    # for both, value and slope meet without a gap.
    clipped = clamp(xp, difference, limit)
    slope = clipped / scale
    return Terms(
        value=lambda: slope * (difference - clipped / 2),
        slope=lambda: slope,
        curvature=lambda: (
            # Tested so that a NaN stays visible.
            xp.where((difference >= limit) | (difference <= -limit), 0.0, 1 / scale + 0 * clipped)
        ),
    )


@loss()
@censorable
def log_cosh_loss(input: Array, target: Array, **options: Unpack[CensorableOptions]) -> Call:
    r"""Logarithm of the hyperbolic cosine of the error, :math:`\log \cosh(x - y)`.

    Half the squared error where that is small, and the absolute error less log 2 where it is
    large; smooth in between.

    Parameters
    ----------
    input : array
        Predictions x, of any shape and real floating dtype. An entry is an element.
    target : array
        Numbers y of the same shape.
    **options

    Returns
    -------
    array or Sums
        The reduced loss, in the dtype of `input`, float32 at least.

    Raises
    ------
    TypeError
        If an argument is no array of the common library, or has the wrong dtype.
    ValueError
        If shapes differ, a weight is negative, or a keyword has an unknown value.

    Notes
    -----
    `keras.losses.log_cosh` without its mean over the last axis, and exact to a few machine
    epsilons also for small errors, of which the usual spelling, with softplus, loses all digits.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.asarray([1e-9, 100.0, 7.0]), np.asarray([0.0, 0.0, np.nan])
    >>> print(ml.log_cosh_loss(x, y, missing=np.nan, reduction="none"))
    [5.00000000e-19 9.93068528e+01 0.00000000e+00]
    """
    return Call(input, target, _log_cosh, options)


def _log_cosh(entries: Entries) -> Terms:
    xp, x, y = entries.xp, entries.prediction, entries.labels
    difference = x - y
    is_near = (difference <= 1) & (difference >= -1)
    size = xp.where(difference <= 0, -difference, difference)
    small = xp.exp(-size)

    def near() -> Array:
        # cosh d = (1 + t**2) / (1 - t**2) for t = tanh(d / 2): nothing cancels as d goes to 0.
        tanh = xp.tanh(xp.where(is_near, difference, 0.0) / 2)
        return log1p(xp, tanh * tanh) - xp.log1p(-tanh * tanh)

    def far() -> Array:
        return size - math.log(2) + log1p(xp, small * small)

    def curvature() -> Array:
        # By the rounding of the difference d this would be off by d epsilons.
        rounding = subtraction_error(xp, x, y, difference)
        sech = 2 * small / (1 + small * small)
        return sech * sech * (1 - 2 * rounding * xp.tanh(difference))

    return Terms(
        value=lambda: xp.where(is_near, near(), far()),
        slope=lambda: xp.tanh(difference),
        curvature=curvature,
    )


@loss()
@censorable
def quantile_loss(
    input: Array,
    target: Array,
    *,
    quantile: Array | float = 0.5,
    **options: Unpack[CensorableOptions],
) -> Call:
    r"""Quantile or pinball loss, least at the q-quantile of the target.

    .. math:: \max\bigl(q \, (y - x), (1 - q) \, (x - y)\bigr)

    Parameters
    ----------
    input : array
        Predictions x, of any shape and real floating dtype. An entry is an element.
    target : array
        Numbers y of the same shape.
    quantile : float or array, default: 0.5
        The quantile q in [0, 1]: a scalar, one per class (C,) along the last axis, or an array
        with the dimensions of `input` and sizes 1 or equal.
    **options

    Returns
    -------
    array or Sums
        The reduced loss, in the dtype of `input`, float32 at least.

    Raises
    ------
    TypeError
        If an argument is no array of the common library, or has the wrong dtype.
    ValueError
        If shapes differ, a keyword has an unknown value, or, where values can be read, `quantile`
        lies outside [0, 1] or a weight is negative.

    See Also
    --------
    l1_loss : Twice the loss of the median.

    Notes
    -----
    `sklearn.metrics.mean_pinball_loss`, whose ``alpha=`` is `quantile`. The derivative is 0 where
    the loss is 0, as that of `l1_loss`.

    R. Koenker, G. Bassett, Regression quantiles, Econometrica 46 (1978), 33-50.

    Examples
    --------
    A prediction of the lower and the upper decile of each of two numbers, one of them unknown:

    >>> import numpy as np
    >>> import maskloss as ml
    >>> deciles = np.asarray([[1.0, 8.0], [2.0, 9.0]])
    >>> y = np.asarray([[5.0, 5.0], [np.nan, np.nan]])
    >>> ml.quantile_loss(
    ...     deciles, y, quantile=np.asarray([0.1, 0.9]), missing=np.nan, reduction="none"
    ... ).round(3)
    array([[0.4, 0.3],
           [0. , 0. ]])
    """
    if scalar(quantile) is not None:
        check_fraction("quantile", quantile)
    return Call(input, target, _pinball, options, arrays={"quantile": quantile})


def _pinball(entries: Entries) -> Terms:
    xp, difference = entries.xp, entries.prediction - entries.labels
    q = entries.per_class("quantile", domain=UNIT, filler=0.5)
    assert q is not None
    # 0 * d, where d is 0 or NaN, keeps a NaN visible.
    slope = xp.where(difference > 0, 1 - q, xp.where(difference < 0, -q, 0.0 * difference))
    return Terms(
        value=lambda: slope * difference,
        slope=lambda: slope,
        curvature=lambda: xp.zeros_like(difference),
    )
