"""The continuous ranked probability score (CRPS) of ensembles."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.cached_property import cached_property
from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis, check_flag
from ..._loss import loss
from ..._math.arithmetic import clamp
from ..._math.sorting import Order, Runs


@loss()
def ensemble_crps_loss(
    input: Array,
    target: Array,
    *,
    ensemble_axis: int = -1,
    fair: bool = True,
    **options: Unpack[Options],
) -> Call:
    r"""Ranked probability score (CRPS) of ensembles of M forecasts x, of numbers y.

    .. math::
        \frac 1 M \sum_i |x_i - y| - \frac 1 {2 M (M - 1)} \sum_{i, j} |x_i - x_j|

    or, without `fair`, with M squared in place of M (M - 1).

    Parameters
    ----------
    input : array, shape (..., M)
        Forecasts x of the members, of real floating dtype. Each row along `ensemble_axis` is an
        entry.
    target : array, shape (...)
        Numbers y, in the shape of `input` without `ensemble_axis`.
    ensemble_axis : int, default: -1
        The axis of the members.
    fair : bool, default: True
        Whether the score is that of the distribution from which the members are drawn, whatever
        their number; it needs two. Otherwise it is that of the ensemble itself as a distribution.
    **options

    See Also
    --------
    gaussian_crps_loss : The same score of normal distributions.
    quantile_loss : A score of some quantiles of a distribution.

    Notes
    -----
    The same as `scoringrules.crps_ensemble` with ``estimator="fair"`` or ``"nrg"``. Of one member,
    the score without `fair` is the absolute error. A model trained by the fair score can move its
    outermost member freely, once it is beyond y.

    The score is the integral of a step function that is nowhere negative, computed from the sorted
    members in O(M log M) time and O(M) memory, so that nothing cancels: value and slope are
    accurate to a few machine epsilons. The second derivative is 0. Members that are equal, or equal
    to y, have the mean of the slopes on both sides.

    T. Gneiting, A. E. Raftery, Strictly proper scoring rules, prediction, and estimation, JASA 102
    (2007), 359-378. M. Zamo, P. Naveau, Estimation of the continuous ranked probability score with
    limited information, Math. Geosci. 50 (2018), 209-234.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> x = np.asarray([[0.0, 1.0, 3.0], [2.0, 2.0, 4.0], [np.nan, 0.0, 0.0]])
    >>> y = np.asarray([1.0, 6.0, np.nan])
    >>> ml.ensemble_crps_loss(x, y, missing=np.nan, reduction="none").round(4)
    array([0.    , 2.6667, 0.    ])
    """
    terms = functools.partial(_crps, fair=check_flag("fair", fair))
    layout = EntryLayout(
        check_axis("ensemble_axis", ensemble_axis), keyword="ensemble_axis", row_numbers=True
    )
    return Call(input, target, terms, options, layout=layout, held=Held(20.0))


def _crps(entries: Entries, *, fair: bool) -> Terms:
    members = entries.layout.classes
    if fair and members < 2:
        whole = entries.checked.layout
        msg = (
            f"`fair` needs 2 members or more along `ensemble_axis`, got {members} in shape "
            f"{whole.shape}; pass fair=False"
        )
        raise ValueError(msg)
    ensemble = _Ensemble(entries, members, drawn=int(fair))
    return Terms(
        value=lambda: ensemble.value,
        slope=lambda: ensemble.slope,
        curvature=lambda: entries.xp.zeros_like(entries.prediction),
    )


class _Ensemble:
    """The sorted members of each row.

    Between two neighbours, k members are below a number and M - k above. The score counts the
    numbers below y by k (k - f) / (M (M - f)) and those above by the same of M - k: the squares of
    the shares for f = 0, and the shares of pairs for f = 1.
    """

    def __init__(self, entries: Entries, members: int, drawn: int) -> None:
        self._xp, self._axis = entries.xp, entries.layout.class_axis
        self._members, self._drawn = members, drawn
        self._given, self._y = entries.prediction, entries.labels
        self._order = Order(self._xp, [entries.prediction], self._axis)
        self._x = self._order.sort(entries.prediction)
        # The number of members below the gap that ends at each one.
        self._below = self._number(self._xp.positions_along(self._x, self._axis))

    def _number(self, positions: Array) -> Array:
        return self._xp.astype(positions, self._x.dtype)

    def _share(self, number: Array) -> Array:
        return number * (number - self._drawn) / self._pairs

    @cached_property
    def _pairs(self) -> int:
        return self._members * (self._members - self._drawn)

    @property
    def value(self) -> Array:
        """The sum over the gaps, of which the first and the last one reach to y."""
        xp, x, y = self._xp, self._x, self._y
        is_first = self._below == 0
        start = xp.where(is_first, -math.inf, xp.roll(x, 1, axis=self._axis))
        # The tests are such that a NaN stays visible.
        low, high = xp.where(start <= y, y, start), xp.where(x >= y, y, x)
        above, below = self._gap(low, x), self._gap(start, high)
        is_last = self._below == self._members - 1
        beyond = xp.where(is_last, self._gap(x, y), 0.0)
        total = (
            self._times(self._share(self._members - self._below), above)
            + self._times(self._share(self._below), below)
            + beyond
            + 0.0 * clamp(xp, x, 1.0)
        )
        return self._with_slope(xp.sum_along(total, (self._axis,)))

    def _with_slope(self, value: Array) -> Array:
        """Return the value with `slope` as its derivative, also where members are equal."""
        xp = self._xp
        if not xp.differentiates:
            return value
        slope = xp.stop_gradient(self.slope)
        # A shift of all numbers leaves the value as it is.
        steps = slope * (self._step(self._given) - self._step(self._y))
        return xp.stop_gradient(value) + xp.sum_along(steps, (self._axis,))

    def _step(self, array: Array) -> Array:
        """Return 0, with the derivative of the array."""
        xp, constant = self._xp, self._xp.stop_gradient(array)
        return xp.where(xp.abs(constant) == math.inf, 0.0, array - constant)

    def _gap(self, start: Array, end: Array) -> Array:
        """Return max(0, end - start), also of infinities."""
        return self._xp.where(end <= start, 0.0, end - start)

    def _times(self, share: Array, gap: Array) -> Array:
        """Return the product, 0 for a share of 0 of an infinite gap."""
        return share * self._xp.where(share == 0, 0.0, gap)

    @property
    def slope(self) -> Array:
        xp, x, y = self._xp, self._x, self._y
        runs = Runs(xp, [x], self._axis)
        # Twice the number of members below, of equal ones in the middle of them.
        twice = self._number(runs.start + runs.end)
        low, high = self._drawn - 1 - twice, 2 * self._members - 1 - self._drawn - twice
        middle = xp.where(x == y, (low + high) / 2, math.nan)
        steps = xp.where(x < y, low, xp.where(x > y, high, middle))
        return self._order.unsort(steps / self._pairs)
