"""Quantile loss, also called pinball loss."""

from __future__ import annotations

import functools
from typing import Unpack

from ..._arrays.kinds import scalar
from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.options import check_fraction
from ..._loss import loss
from .censoring import CensorableOptions, censorable


@loss()
@censorable
def quantile_loss(
    input: Array,
    target: Array,
    *,
    quantile: Array | float = 0.5,
    **options: Unpack[CensorableOptions],
) -> Call:
    r"""Quantile or pinball loss, whose minimum is at the q-quantile of the target.

    .. math:: \max\bigl(q \, (y - x), (1 - q) \, (x - y)\bigr)

    Parameters
    ----------
    **input_and_target
    quantile : float or array, default: 0.5
        The quantile q in [0, 1]: a scalar, one number per class (C,) along the last axis, or an
        array that broadcasts to `input` with the same number of dimensions.
    **options

    See Also
    --------
    l1_loss : Twice this loss at the median.

    Notes
    -----
    The same as `sklearn.metrics.mean_pinball_loss`, whose ``alpha=`` is `quantile` here. The
    derivative is 0 at an error of 0, as for `l1_loss`.

    R. Koenker, G. Bassett, Regression quantiles, Econometrica 46 (1978), 33-50.

    Examples
    --------
    Predictions of the lower and the upper decile of two numbers, one of them missing:

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
    if quantile is None:
        msg = "`quantile` must be a number or an array in [0, 1], got None; leave it out for 0.5"
        raise TypeError(msg)
    number = None
    if scalar(quantile) is not None:
        number = check_fraction("quantile", quantile)
    formula = functools.partial(_pinball, number=number)
    return Call(input, target, formula, options, arrays={"quantile": quantile})


def _pinball(entries: Entries, *, number: float | None) -> Terms:
    xp, difference = entries.xp, entries.prediction - entries.labels
    q = entries.per_class("quantile", domain=UNIT, fill_value=0.5)
    assert q is not None
    # Of a quantile close to 1 in float32, 1 - q would have few digits.
    above = 1 - q if number is None else 1 - number
    # 0 * d is 0 where d is 0, and lets a NaN through.
    slope = xp.where(difference > 0, above, xp.where(difference < 0, -q, 0.0 * difference))
    return Terms(
        value=lambda: slope * difference,
        slope=lambda: slope,
        curvature=lambda: xp.zeros_like(difference),
    )
