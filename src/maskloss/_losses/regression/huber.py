"""Huber loss and smooth L1 loss: quadratic for small errors, linear for large ones."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._inputs.options import check_number
from ..._loss import loss
from ..._math.arithmetic import clamp
from .censoring import CensorableOptions, censorable
from .squared_and_absolute import absolute_error


@loss()
@censorable
def huber_loss(
    input: Array, target: Array, *, delta: float = 1.0, **options: Unpack[CensorableOptions]
) -> Call:
    r"""Huber loss: half the squared error, continued linearly where the error is large.

    .. math::
        \frac{(x - y)^2}{2} \text{ where } |x - y| < \delta, \text{ else }
        \delta \left(|x - y| - \frac{\delta}{2}\right)

    Parameters
    ----------
    **input_and_target
    delta : float, default: 1.0
        The error above which the loss is linear, more than 0.
    **options

    See Also
    --------
    smooth_l1_loss : The same loss divided by its threshold.

    Notes
    -----
    The same as `torch.nn.functional.huber_loss`; its ``weight=`` needs
    ``reduction="mean_over_all"`` here. The second derivative is 0 at the threshold, as in torch.

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
    r"""Smooth L1 loss: the absolute error, with a parabola where the error is small.

    .. math::
        \frac{(x - y)^2}{2 \beta} \text{ where } |x - y| < \beta, \text{ else }
        |x - y| - \frac{\beta}{2}

    Parameters
    ----------
    **input_and_target
    beta : float, default: 1.0
        The error below which the loss is a parabola, 0 or more; 0 gives `l1_loss`.
    **options

    See Also
    --------
    huber_loss : The same loss times its threshold.

    Notes
    -----
    The same as `torch.nn.functional.smooth_l1_loss`. The second derivative is 0 at the threshold,
    as in torch.

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
    return Call(input, target, functools.partial(_smooth, limit=limit), options)


def _smooth(entries: Entries, *, limit: float) -> Terms:
    """Return the clipped error by its limit; no error but 0 is below a limit that underflows."""
    if limit < float(entries.xp.finfo(entries.prediction.dtype).smallest_normal):
        return absolute_error(entries)
    return _clipped(entries, limit=limit, scale=limit)


def _clipped(entries: Entries, *, limit: float, scale: float) -> Terms:
    """Return the integral of the error clipped to [-limit, limit], divided by `scale`."""
    xp, difference = entries.xp, entries.prediction - entries.labels
    # With the clipped error c, c (d - c / 2) is the parabola d**2 / 2 as well as the line. One
    # expression for both makes value and slope continuous.
    clipped = clamp(xp, difference, limit)
    slope = clipped if scale == 1 else clipped / scale
    return Terms(
        value=lambda: slope * xp.add_times(difference, clipped, -0.5),
        slope=lambda: slope,
        curvature=lambda: (
            # Both tests are False for a NaN, which `0 * clipped` then lets through.
            xp.where((difference >= limit) | (difference <= -limit), 0.0, 1 / scale + 0 * clipped)
        ),
    )
