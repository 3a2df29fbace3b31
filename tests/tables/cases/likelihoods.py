"""The rows of likelihoods of counts and amounts, and of numbers known by bounds."""

import functools

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.cases.regression import (
    CLASSES,
    bound_range,
    difference_range,
    log_rate_range,
    log_rates,
    numbers,
)
from tables.oracles import likelihoods as oracles


def _amounts(rng):
    """Logarithms of means, and amounts of which a third is 0."""
    x, y = rng.normal(0, 1, (4, CLASSES)), rng.gamma(2, 1, (4, CLASSES))
    return x, np.where(rng.uniform(size=y.shape) < 0.3, 0.0, y)


def _positive_amounts(rng):
    return rng.normal(0, 1, (4, CLASSES)), rng.gamma(2, 1, (4, CLASSES))


def _positive_range(info):
    """Amounts of 1 and 0.5, or of 2 where terms cancel."""
    x, y = (array[:, 1:] for array in log_rate_range(info))
    y = np.where(y == 0, 2, y * 0 + [1, 0.5]).astype(info.dtype)
    return x, np.where(np.abs(np.exp(np.minimum(x, 80)) - y) > 0.25, y, 2).astype(info.dtype)


def _overdispersed_range(info):
    """Without the means at which a factor that is no normal number becomes one."""
    x, y = log_rate_range(info)
    end = np.log(float(info.max))
    kept = (np.abs(x[:, 0]) < 0.95 * end) | (np.abs(x[:, 0]) > 2 * end)
    return x[kept], y[kept]


_DISPERSIONS = np.asarray([0.125, 0.5, 1.0, 2.0, 8.0])


_RNG = np.random.default_rng(10)
# Exact numbers, both bounds, and two intervals.
_SIDES = np.tile(np.asarray([0, 1, -1, 1, 1], "int32"), (4, 1))
_SCALES = _RNG.uniform(0.5, 2, (4, CLASSES))
# Intervals of at least these widths, narrow and wide, on both sides of a prediction, below a row of
# numbers and bounds. Those of a class have one upper end, so that any of its lower ends is below.
_IS_FIRST = np.arange(4)[:, None] == 0
_MOST_INTERVALS = np.where(_IS_FIRST, _SIDES, 1).astype("int32")
_WIDTHS = _RNG.permutation(np.geomspace(0.02, 8, 4 * CLASSES)).reshape(4, CLASSES)
_ENDS = np.asarray([1.0, 2.0, 1.5, 1.0, 3.0])
_UPPER = np.where(_IS_FIRST, np.inf, _ENDS)


def _times(rng):
    return rng.normal(0, 1, (4, CLASSES)), rng.gamma(2, 1, (4, CLASSES))


def _intervals(rng):
    """Lower ends, one of them infinite, and a row of numbers and bounds."""
    x, y = numbers(rng)
    y = np.minimum(y, _ENDS - _WIDTHS)
    y[1, 3] = -np.inf
    return x, y


def _time_intervals(rng):
    """The same of times."""
    x, y = _intervals(rng)
    return x, np.exp(y)


def _normal_bound_range(info):
    """Without bounds at which factors of a result, or of its derivative, are no normal numbers."""
    x, y, options = bound_range(info)
    z = np.abs(y.astype(float) - x)
    root = np.sqrt(-2 * np.log(float(info.smallest_normal) * np.sqrt(2 * np.pi)))
    kept = np.where((z > root - 0.8) & (z < root + 0.2), 0, options["censoring"])
    return x, y, {"censoring": kept.astype("int32")}


def _low_bound_range(info):
    """Without probabilities exp(-exp(z)) that are low, which have exp(z) times the error."""
    x, y, options = bound_range(info)
    x, y = x[:, ::2], y[:, ::2]
    x = np.where(y - x > 80, 0, x)  # where mpmath has no exp(-exp(z))
    side = options["censoring"][:, ::2]
    z = y.astype(float) - x
    kept = np.where((z > 1.5) & (z < 7), 0, side)
    return x, y, {"censoring": kept.astype("int32")}


def _of_intervals(distribution):
    """Return the function that makes intervals of numbers, known by such a distribution."""
    return functools.partial(_interval_range, distribution)


def _interval_range(distribution, info):
    """Intervals of every width and place but in the middle, where the slope is 0."""
    low, width = np.meshgrid(np.linspace(-12, 12, 59), [0.0625, 0.5, 1.5, 2.5, 5, 9])
    y = np.full(low.shape, 0.1, info.dtype)
    upper = y + width.astype(info.dtype)
    low = np.where(np.abs(low + width / 2) < 0.2, 3.0, low)
    options = {"distribution": distribution, "censoring": 1, "upper": upper, "scale": 1.0}
    return (0.1 - low).astype(info.dtype), y, options


def _crps_range(info):
    """Distances of every size; slopes near 0 have the error of 1.

    The standard deviations are powers of 2: the density has w * w times the error of a quotient w.
    """
    size = np.concatenate([np.geomspace(0.5, 1e15, 60), np.linspace(0.5, 12, 60)])
    x, var = np.meshgrid(np.concatenate([size, -size]), [2.0**-8, 0.25, 4.0])
    x = x * np.sqrt(var)
    return x.astype(info.dtype), np.zeros_like(x, info.dtype), {"var": var.astype(info.dtype)}


def _ensembles(rng):
    """Ensembles of five, some of them on one side of the number."""
    x, y = rng.normal(0, 3, (4, 3, 5)), rng.normal(0, 3, (4, 3))
    y[1] = [20, -20, 0]
    return x, y


def _ensembles_second(rng):
    x, y = _ensembles(rng)
    return np.moveaxis(x, -1, 1), y


def _ensemble_range(info):
    """Ensembles of every width, on each side of the number and around it, and at it."""
    rng = np.random.default_rng(12)
    size = np.geomspace(1e-15, 1e15, 60)
    x = size[:, None] * rng.normal(0, 1, (60, 4))
    shift = np.asarray([0, 10, -10])[np.arange(60) % 3] * size
    y = np.where(np.arange(60) % 4 == 0, x[:, 1], shift)
    return x.astype(info.dtype), y.astype(info.dtype)


def _censored(name, make, distribution, extremes=None, **options):
    return Case(
        f"censored_nll_loss, {name}",
        ml.censored_nll_loss,
        make,
        oracles.censored,
        {"distribution": distribution} | options,
        extremes=extremes,
    )


_SOME = {"censoring": _MOST_INTERVALS, "upper": _UPPER, "scale": _SCALES}
_SOME_TIMES = _SOME | {"upper": np.exp(_UPPER)}
_CENSORED = [
    Case(
        "censored_nll_loss",
        ml.censored_nll_loss,
        numbers,
        oracles.censored,
        extremes=difference_range,
    ),
    _censored("normal", numbers, "normal", _normal_bound_range, censoring=_SIDES),
    _censored("logistic", numbers, "logistic", bound_range, censoring=_SIDES, scale=2.0),
    _censored("extreme_value", numbers, "extreme_value", _low_bound_range, censoring=_SIDES),
    _censored("normal, intervals", _intervals, "normal", _of_intervals("normal"), **_SOME),
    _censored(
        "log_logistic, intervals",
        _time_intervals,
        "log_logistic",
        _of_intervals("logistic"),
        **_SOME_TIMES,
    ),
    _censored(
        "weibull, intervals",
        _time_intervals,
        "weibull",
        _of_intervals("extreme_value"),
        **_SOME_TIMES,
    ),
    _censored("log_normal", _times, "log_normal", censoring=1, scale=0.5),
]


LIKELIHOODS = [
    Case(
        "negative_binomial_nll_loss",
        ml.negative_binomial_nll_loss,
        log_rates,
        oracles.negative_binomial,
        {"dispersion": 0.3},
        extremes=_overdispersed_range,
    ),
    Case(
        "negative_binomial_nll_loss, one per class",
        ml.negative_binomial_nll_loss,
        log_rates,
        oracles.negative_binomial,
        {"dispersion": _DISPERSIONS},
    ),
    Case(
        "gamma_nll_loss",
        ml.gamma_nll_loss,
        _positive_amounts,
        oracles.gamma,
        extremes=_positive_range,
    ),
    Case("tweedie_nll_loss", ml.tweedie_nll_loss, _amounts, oracles.tweedie),
    Case(
        "tweedie_nll_loss, power",
        ml.tweedie_nll_loss,
        _amounts,
        oracles.tweedie,
        {"power": 1.25},
        extremes=log_rate_range,
    ),
    *_CENSORED,
    Case(
        "ensemble_crps_loss",
        ml.ensemble_crps_loss,
        _ensembles,
        oracles.ensemble_crps,
        extremes=_ensemble_range,
        class_axis=-1,
    ),
    Case(
        "ensemble_crps_loss, ensemble_axis",
        ml.ensemble_crps_loss,
        _ensembles_second,
        oracles.ensemble_crps,
        {"ensemble_axis": 1, "fair": False},
        class_axis=1,
    ),
    Case(
        "gaussian_crps_loss",
        ml.gaussian_crps_loss,
        numbers,
        oracles.gaussian_crps,
        {"var": _SCALES},
        extremes=_crps_range,
    ),
]
