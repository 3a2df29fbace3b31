"""Losses of numbers that grow as the error where it is large, not as its square."""

from __future__ import annotations

import functools
from typing import Unpack

from maskloss._arrays.typing import Array
from maskloss._formula import Call, Terms
from maskloss._inputs.entries import Entries
from maskloss._inputs.options import check_number
from maskloss._loss import loss
from maskloss._losses.regression.censoring import CensorableOptions, censorable
from maskloss._losses.regression.squared_and_absolute import absolute_error
from maskloss._math.arithmetic import clamp


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
