"""Squared error and absolute error."""

from __future__ import annotations

from typing import Unpack

from ..._arrays.typing import Array
from ..._formula import Call, Terms
from ..._inputs.entries import Entries
from ..._loss import loss
from ..._math.arithmetic import absolute, sign
from .censoring import CensorableOptions, censorable


@loss()
@censorable
def mse_loss(input: Array, target: Array, **options: Unpack[CensorableOptions]) -> Call:
    r"""Squared error, :math:`(x - y)^2`.

    Parameters
    ----------
    **input_and_target
    **options

    Notes
    -----
    The same as `torch.nn.functional.mse_loss`; its ``weight=`` needs ``reduction="weighted_mean"``
    here. With `censoring`, the same as chemprop's ``BoundedMSE``, whose ``lt_mask`` is -1 and
    ``gt_mask`` is 1 here.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> float(ml.mse_loss(np.asarray([1.0, 2.0]), np.asarray([3.0, np.nan]), missing=np.nan))
    4.0

    An assay measured 5, more than 5, more than 5, and less than 5:

    >>> x, y = np.asarray([7.0, 7.0, 2.0, 7.0]), np.asarray([5.0, 5.0, 5.0, 5.0])
    >>> ml.mse_loss(x, y, censoring=np.asarray([0, 1, 1, -1]), reduction="none")
    array([4., 0., 9., 4.])
    """
    return Call(input, target, _squared_error, options)


def _squared_error(entries: Entries) -> Terms:
    xp, difference = entries.xp, entries.prediction - entries.labels
    return Terms(
        value=lambda: xp.square(difference),
        slope=lambda: 2 * difference,
        curvature=lambda: xp.full_like(difference, 2.0),
    )


@loss()
@censorable
def l1_loss(input: Array, target: Array, **options: Unpack[CensorableOptions]) -> Call:
    r"""Absolute error, :math:`|x - y|`, with derivative 0 where it is 0.

    Parameters
    ----------
    **input_and_target
    **options

    Notes
    -----
    The same as `torch.nn.functional.l1_loss`; its ``weight=`` needs ``reduction="weighted_mean"``
    here. With `censoring`, the same as chemprop's ``BoundedMAE``, whose ``lt_mask`` is -1 and
    ``gt_mask`` is 1 here.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> float(ml.l1_loss(np.asarray([1.0, 2.0]), np.asarray([3.0, -9.0]), missing=-9))
    2.0
    """
    return Call(input, target, absolute_error, options)


def absolute_error(entries: Entries) -> Terms:
    """Return the absolute error, the formula of `l1_loss`."""
    xp, difference = entries.xp, entries.prediction - entries.labels
    direction = sign(xp, difference)
    return Terms(
        value=lambda: absolute(xp, difference, direction),
        slope=lambda: direction,
        curvature=lambda: xp.zeros_like(difference),
    )
