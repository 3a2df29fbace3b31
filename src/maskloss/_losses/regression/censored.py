"""Negative log-likelihood of numbers of which some are known by bounds only."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Unpack

from ..._arrays.kinds import shown
from ..._arrays.typing import Array
from ..._formula import Call, Derivative, Held, Terms
from ..._inputs.domain import REAL, Domain
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_choice
from ..._inputs.outliers import nan_where, positive, refuse
from ..._loss import loss
from ..._math.arithmetic import clamp, subtraction_error
from .censoring import SIDES, check_integers
from .distributions import DISTRIBUTIONS, Distribution, Rounded

# Below, the square of its inverse could be infinite in float32.
_SCALE = Domain(low=1e-18)
# Of each name, the distribution of the number or of its logarithm.
_OF_NUMBERS = {name: (name, False) for name in DISTRIBUTIONS}
_OF_LOGARITHMS = {
    "log_normal": ("normal", True),
    "log_logistic": ("logistic", True),
    "weibull": ("extreme_value", True),
}
_OF_EITHER_SIGN = (
    ', as its logarithm has the distribution; of either sign are "normal", "logistic" and '
    '"extreme_value"'
)
_NAMES = _OF_NUMBERS | _OF_LOGARITHMS
# Of each distribution, the arrays of the size of the prediction that are held at once: of numbers,
# with bounds, and with intervals.
_SIZES = {
    "normal": (9.3, 29.5, 57.7),
    "logistic": (12.5, 18.3, 28.5),
    "extreme_value": (11.3, 28.0, 46.3),
}


@loss()
def censored_nll_loss(
    input: Array,
    target: Array,
    *,
    scale: Array | float = 1.0,
    distribution: str = "normal",
    censoring: Array | int | None = None,
    upper: Array | float | None = None,
    **options: Unpack[Options],
) -> Call:
    r"""Negative log-likelihood of numbers y of which some are known by bounds only.

    .. math::
        -\log f(z) + \log s, \quad -\log S(z), \quad -\log F(z)
        \quad \text{or} \quad -\log(F(z_u) - F(z)), \quad z = \frac{y - x} s

    for an exact number, a lower bound, an upper bound and an interval, with the density f of the
    distribution, the probability F to be below z, and S = 1 - F.

    Parameters
    ----------
    input : array
        Locations x, of any shape and real floating dtype. Each element is an entry.
    target : array
        Numbers y of the same shape, exact or bounds. A bound that all numbers satisfy, such as an
        infinite upper bound, says nothing; one that no number satisfies is an error where values
        can be read.
    scale : float or array, default: 1.0
        Scales s, more than 0: a scalar, or an array that broadcasts to `input` with the same number
        of dimensions. Automatic differentiation by `scale` is exact, so that it can be learned.
    distribution : str, default: "normal"
        The distribution of the numbers: ``"normal"``, ``"logistic"``, or ``"extreme_value"`` (of
        minima). Of positive numbers, such as times: ``"log_normal"``, ``"log_logistic"`` and
        ``"weibull"``, whose logarithms have these distributions with location x and scale s
        (accelerated failure times).
    censoring : int array or int, optional
        Which targets are bounds: -1 for an upper bound (left-censored), 0 for an exact number, 1
        for a lower bound (right-censored); of the same shapes as `scale`.
    upper : float or array, optional
        Upper ends of intervals, of the same shapes as `scale`: where `censoring` is 1, the true
        number lies between target and `upper`. Where both are equal the number is exact, and where
        `upper` is infinite only the lower bound is known.
    **options

    See Also
    --------
    gaussian_nll_loss : The likelihood of exact numbers, from variances.
    mse_loss : Takes `censoring` too; 0 for a prediction that satisfies its bound.

    Notes
    -----
    The labels of ``survival:aft`` of XGBoost are ``target=lower, upper=upper, censoring=1``, with
    ``"log_normal"``, ``"log_logistic"`` or ``"weibull"`` for its ``normal``, ``logistic`` and
    ``extreme``. XGBoost 3.2 clips probabilities to 1e-12 and derivatives to 15 in size; here none
    is clipped.

    Values and derivatives are accurate to a few machine epsilons of their largest term, also far
    beyond a bound, where the probability underflows. A quotient by a scale that is no power of 2 is
    rounded, and so is the logarithm of a time. In tails, either adds up to z / 2 epsilons; for the
    normal distribution z * z / 2, for upper bounds of extreme values z * exp(z) / 2. Far on the
    likely side of a bound, where the normal density is below the smallest normal number (z beyond
    13 in float32, 37 in float64), it has fewer digits, and so has the loss, which is as small.

    J. Tobin, Estimation of relationships for limited dependent variables, Econometrica 26 (1958),
    24-36. A. Barnwal, H. Cho, T. Hocking, Survival regression with accelerated failure time model
    in XGBoost, J. Comput. Graph. Statist. 31 (2022), 1292-1302.

    Examples
    --------
    A number, a lower bound, an upper bound and an interval:

    >>> import numpy as np
    >>> import maskloss as ml
    >>> x, y = np.zeros(4), np.asarray([1.0, 1.0, 1.0, 1.0])
    >>> side, upper = np.asarray([0, 1, -1, 1]), np.asarray([np.inf, np.inf, np.inf, 2.0])
    >>> ml.censored_nll_loss(x, y, censoring=side, upper=upper, reduction="none").round(3)
    array([1.419, 1.841, 0.173, 1.996])
    """
    check_choice("distribution", distribution, _NAMES)
    if upper is not None and censoring is None:
        msg = (
            f"`upper`={shown(upper)} goes with `censoring`, 1 where the target is the lower end of "
            f"an interval; for intervals alone pass censoring=1"
        )
        raise ValueError(msg)
    name, is_log = _NAMES[distribution]
    terms = functools.partial(_censored, distribution=DISTRIBUTIONS[name], is_log=is_log)
    arrays = {"scale": scale, "censoring": censoring, "upper": upper}
    has_bounds, has_intervals = censoring is not None, upper is not None
    held = Held(_SIZES[name][has_bounds + has_intervals] + 2 * is_log)
    call = Call(input, target, terms, options, arrays=arrays, held=held)
    return replace(call, link="log") if is_log else call


def _censored(entries: Entries, *, distribution: type[Distribution], is_log: bool) -> Terms:
    kinds = _Kinds(entries, distribution, is_log=is_log)
    return Terms(kinds.value, lambda: kinds.derivative("slope"), kinds.curvature)


class _Kinds:
    """The entries by what is known of their numbers, and the surprisals of each kind."""

    def __init__(self, entries: Entries, distribution: type[Distribution], *, is_log: bool) -> None:
        self._xp, self._entries, self._x = entries.xp, entries, entries.prediction
        self._distribution, self._is_log = distribution, is_log
        scale = entries.per_entry("scale", domain=_SCALE, fill_value=1.0)
        self._scale = positive(entries.xp, "scale", scale)
        self._limit = float(entries.xp.finfo(self._x.dtype).max) / 4
        self._fill = 1.0 if is_log else 0.0
        self._y = entries.labels
        if is_log:
            self._y = entries.guard(self._y, 1.0)
            refuse(
                entries.xp, entries.label_name, self._y, self._y < 0, "0 or more", _OF_EITHER_SIGN
            )
        self._terms = self._choose()

    def _choose(self) -> list[tuple[Array | None, Terms]]:
        """Return the terms of each kind, with the mask of its entries; None for all."""
        xp, arrays = self._xp, self._entries.checked.arrays
        if arrays["censoring"] is None:
            return [(None, self._exact(xp.ones_like(self._x) == 1))]
        check_integers(xp, arrays["censoring"])
        side, low = self._entries.per_entry("censoring", domain=SIDES), self._y
        lowest = 0.0 if self._is_log else -math.inf
        # Where they cannot be read, bounds that no number satisfies are of no kind.
        is_below = self._satisfiable(self._entries.label_name, low, side < 0, low == lowest)
        is_above = self._satisfiable(self._entries.label_name, low, side > 0, low == math.inf)
        is_exact = side == 0
        if arrays["upper"] is None:
            return [
                (is_exact, self._exact(is_exact)),
                (is_above, self._distribution.above(xp, self._standard(low, is_above))),
                (is_below, self._distribution.below(xp, self._standard(low, is_below))),
            ]
        high = self._entries.per_entry("upper", domain=REAL, fill_value=self._fill)
        name = self._entries.label_name
        advice = f"; `{name}` is the lower end of an interval, and `upper` its upper end"
        is_wrong = xp.logical_and(is_above, high < low)
        self._refuse("upper", high, is_wrong, "the target or more", advice)
        is_above = self._satisfiable("upper", high, is_above, high == lowest)
        has_low, has_high = low > lowest, high < math.inf
        is_point = xp.logical_and(is_above, high == low)
        is_within = xp.logical_and(is_above, xp.logical_and(has_low, has_high))
        is_between = xp.logical_and(is_within, low < high)
        is_under = xp.logical_and(xp.logical_and(is_above, low == lowest), has_high)
        is_below = xp.logical_or(is_below, xp.logical_and(is_under, low < high))
        bound = xp.where(is_under, high, low)
        is_above = xp.logical_and(is_above, high == math.inf)
        is_exact = xp.logical_or(is_exact, is_point)
        start, end = (self._standard(end, is_between) for end in (low, high))
        width = self._width(low, high, is_between)
        return [
            (is_exact, self._exact(is_exact)),
            (is_above, self._distribution.above(xp, self._standard(low, is_above))),
            (is_below, self._distribution.below(xp, self._standard(bound, is_below))),
            (is_between, self._distribution.between(xp, start, end, width)),
        ]

    def _satisfiable(self, name: str, bound: Array, is_in: Array, is_end: Array) -> Array:
        """Refuse bounds at the end of all numbers; return which of a kind are others."""
        is_void = self._xp.logical_and(is_in, is_end)
        self._refuse(name, bound, is_void, "a bound that a number satisfies", "")
        return self._xp.logical_and(is_in, ~is_end)

    def _refuse(self, name: str, bound: Array, is_wrong: Array, expected: str, advice: str) -> None:
        if self._entries.observed is not None:
            is_wrong = self._xp.logical_and(is_wrong, self._entries.observed)
        refuse(self._xp, name, bound, is_wrong, expected, advice)

    def _logarithm(self, bound: Array, is_in: Array) -> Array:
        return self._xp.log(self._xp.where(is_in, bound, 1.0)) if self._is_log else bound

    def _standard(self, bound: Array, is_in: Array) -> Rounded:
        """Return (bound - x) / s, and 0 outside a kind; an infinite bound becomes a huge one."""
        xp = self._xp
        bound = clamp(xp, self._logarithm(bound, is_in), self._limit)
        bound = xp.where(is_in, bound, self._x)
        difference = bound - self._x
        lost = subtraction_error(xp, bound, self._x, difference) / self._scale
        z = clamp(xp, difference / self._scale, self._limit)
        # Farther away, the rounding error is no small factor, and exponentials are 0 or infinite.
        far = 1.25 * math.log(4 * self._limit)
        return Rounded(z, xp.where(xp.abs(z) > far, 0.0, xp.stop_gradient(lost)))

    def _width(self, low: Array, high: Array, is_in: Array) -> Array:
        """Return the width of each interval, and 1 elsewhere."""
        xp = self._xp
        low, high = xp.where(is_in, low, 1.0), xp.where(is_in, high, 2.0)
        # Not a difference of logarithms, which loses the digits of a narrow interval.
        width = xp.log1p((high - low) / low) if self._is_log else high - low
        return width / xp.where(is_in, self._scale, 1.0)

    def _exact(self, is_exact: Array) -> Terms:
        xp, y, size = self._xp, self._y, self._xp.log(self._scale)
        if self._is_log:
            y = positive(xp, self._entries.label_name, xp.where(is_exact, y, 1.0))
            size = size + xp.log(y)
        terms = self._distribution.exact(xp, self._standard(y, is_exact))
        is_infinite = xp.abs(y) == math.inf
        return Terms(
            value=lambda: xp.where(is_infinite, math.inf, terms.value() + size),
            slope=terms.slope,
            curvature=terms.curvature,
        )

    def _merge(self, part: Callable[[Terms], Array]) -> Array:
        """Return the part of each entry's kind; NaN where what is known is no number."""
        if self._terms[0][0] is None:
            return part(self._terms[0][1])
        xp, result = self._xp, self._x
        for is_in, terms in self._terms:
            result = xp.where(is_in, part(terms), result)
        is_known: Any = functools.reduce(xp.logical_or, [is_in for is_in, _ in self._terms])
        return nan_where(xp, ~is_known, result)

    def value(self) -> Array:
        """Return the surprisals."""
        return self._merge(lambda terms: terms.value())

    def derivative(self, name: Derivative) -> Array:
        """Return a derivative by z, divided by the derivative of x by z."""
        return self._merge(lambda terms: terms.derivative(name)) / -self._scale

    def curvature(self) -> Array:
        """Return the second derivatives."""
        return self.derivative("curvature") / -self._scale
