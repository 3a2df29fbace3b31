"""Log-cosh loss."""

from __future__ import annotations

import math
from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._loss import loss
from ..._math.arithmetic import subtraction_error
from .censoring import CensorableOptions, censorable


@loss()
@censorable
def log_cosh_loss(input: Array, target: Array, **options: Unpack[CensorableOptions]) -> Call:
    r"""Logarithm of the hyperbolic cosine of the error, :math:`\log \cosh(x - y)`.

    About half the squared error where the error is small, and the absolute error minus log 2 where
    it is large; smooth in between.

    Parameters
    ----------
    **input_and_target
    **options

    Notes
    -----
    The same as `keras.losses.log_cosh` without its mean over the last axis, but accurate to 4
    machine epsilons (the second derivative to 5) also for small errors, where the form with
    softplus of Keras 3.15 loses all digits.

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
        return xp.log1p_of_unit(tanh * tanh) - xp.log1p(-tanh * tanh)

    def far() -> Array:
        return size - math.log(2) + xp.log1p_of_unit(small * small)

    def curvature() -> Array:
        # Without this correction, the rounding of the difference d adds an error of d epsilons.
        rounding = subtraction_error(xp, x, y, difference)
        sech = 2 * small / (1 + small * small)
        return sech * sech * (1 - 2 * rounding * xp.tanh(difference))

    return Terms(
        value=lambda: xp.where(is_near, near(), far()),
        slope=lambda: xp.tanh(difference),
        curvature=curvature,
    )
