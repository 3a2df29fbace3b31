"""The rows of losses of numbers and counts."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.oracles import regression as oracles

CLASSES = 5


def _numbers(rng):
    return rng.normal(0, 3, (4, CLASSES)), rng.normal(0, 3, (4, CLASSES))


def _log_rates(rng):
    return rng.normal(0, 1, (4, CLASSES)), rng.poisson(2, (4, CLASSES)).astype(float)


def _rates(rng):
    return rng.uniform(0.1, 5, (4, CLASSES)), rng.poisson(2, (4, CLASSES)).astype(float)


def difference_range(info):
    """Differences of every magnitude, exact and rounded, with 0 and 1, and 2 apart."""
    x = np.concatenate(
        [
            np.geomspace(1e-15, 1e15, 60),
            np.linspace(1e-2, -np.log(float(info.smallest_normal)) / 2, 400),
            [0.0, 0.5, 1.0, 2.0],
        ]
    ).astype(info.dtype)
    small = np.full_like(x, 0.1)
    return np.stack([x, -x, x, -x, x], -1), np.stack([0 * x, 0 * x, x, x, small], -1)


def _log_rate_range(info):
    """Logarithms of rates with no, one and two counts, where no two terms cancel."""
    low = -np.geomspace(float(info.smallest_normal), float(info.max) * 0.1, 100)
    between = np.linspace(np.log(float(info.smallest_normal)), -0.5, 200)
    high = np.linspace(1.5, np.log(float(info.max)) * 0.99, 200)
    x = np.concatenate([low, between, high, [0.0, 1e4]]).astype(info.dtype)
    y = np.stack([0 * x, 0 * x + 1, 0 * x + 2], -1)
    x = np.stack([x, x, x], -1)
    return x, np.where(np.abs(np.exp(np.minimum(x, 80)) - y) > 0.25, y, 0)


def _rate_range(info):
    """Rates with no, one and two counts, where no two terms cancel."""
    x = np.concatenate([np.geomspace(1e-15, 0.5, 100), np.geomspace(4, 1e15, 100), [0.0]])
    x = x.astype(info.dtype)
    return np.stack([x, x, x], -1), np.stack([0 * x, 0 * x + 1, 0 * x + 2], -1)


def _normal_range(info):
    """Differences and variances of every magnitude, where no two terms cancel.

    And whose quotient is normal: JAX takes half of what is barely so for 0.
    """
    # With the last one, the square is infinite, and its half is not.
    size = np.append(np.geomspace(1e-15, 1e15, 60), 1.2 * np.sqrt(float(info.max)))
    var = [0, 2e-6, 1e-3, 0.25, 1, 3, 100, 1e10, 1e20]
    x, y, var = np.meshgrid(np.concatenate([size, -size, [0.0]]), [0, 0.1], var)
    x, y, var = (array.reshape(-1, 2).astype(info.dtype) for array in (x, y, var))
    with np.errstate(over="ignore"):
        term, square = np.log(np.maximum(var, 1e-6)), (x - y) ** 2 / np.maximum(var, 1e-6)
    return np.where(np.abs(term + square) < 0.25 * square, y, x), y, {"var": var}


_QUANTILES = np.asarray([0.125, 0.25, 0.5, 0.75, 0.9375])
_VARIANCES = np.random.default_rng(8).uniform(0.1, 3, (4, CLASSES))

REGRESSION = [
    Case(
        "huber_loss",
        ml.huber_loss,
        _numbers,
        oracles.huber,
        extremes=difference_range,
        torch="huber_loss",
    ),
    Case(
        "huber_loss, delta",
        ml.huber_loss,
        _numbers,
        oracles.huber,
        {"delta": 2.5},
        extremes=difference_range,
        torch="huber_loss",
    ),
    Case(
        "smooth_l1_loss",
        ml.smooth_l1_loss,
        _numbers,
        oracles.smooth_l1,
        extremes=difference_range,
        torch="smooth_l1_loss",
    ),
    Case(
        "smooth_l1_loss, beta",
        ml.smooth_l1_loss,
        _numbers,
        oracles.smooth_l1,
        {"beta": 2.5},
        extremes=difference_range,
        torch="smooth_l1_loss",
    ),
    Case(
        "smooth_l1_loss, beta 0",
        ml.smooth_l1_loss,
        _numbers,
        oracles.smooth_l1,
        {"beta": 0.0},
        extremes=difference_range,
        torch="smooth_l1_loss",
    ),
    Case(
        "log_cosh_loss",
        ml.log_cosh_loss,
        _numbers,
        oracles.log_cosh,
        extremes=difference_range,
    ),
    Case(
        "quantile_loss",
        ml.quantile_loss,
        _numbers,
        oracles.pinball,
        {"quantile": 0.1},
        extremes=difference_range,
    ),
    Case(
        "quantile_loss, one per class",
        ml.quantile_loss,
        _numbers,
        oracles.pinball,
        {"quantile": _QUANTILES},
        extremes=difference_range,
    ),
    Case(
        "poisson_nll_loss",
        ml.poisson_nll_loss,
        _log_rates,
        oracles.poisson,
        extremes=_log_rate_range,
        torch="poisson_nll_loss",
    ),
    Case(
        "poisson_nll_loss, full",
        ml.poisson_nll_loss,
        _log_rates,
        oracles.poisson,
        {"full": True},
        torch="poisson_nll_loss",
    ),
    Case(
        "poisson_nll_loss, of rates",
        ml.poisson_nll_loss,
        _rates,
        oracles.poisson,
        {"log_input": False},
        extremes=_rate_range,
        torch="poisson_nll_loss",
    ),
    Case(
        "poisson_nll_loss, of rates, full and eps",
        ml.poisson_nll_loss,
        _rates,
        oracles.poisson,
        {"log_input": False, "full": True, "eps": 1e-3},
        torch="poisson_nll_loss",
    ),
    Case(
        "gaussian_nll_loss",
        ml.gaussian_nll_loss,
        _numbers,
        oracles.gaussian,
        {"var": _VARIANCES},
        extremes=_normal_range,
        torch="gaussian_nll_loss",
    ),
    Case(
        "gaussian_nll_loss, full",
        ml.gaussian_nll_loss,
        _numbers,
        oracles.gaussian,
        {"var": _VARIANCES, "full": True},
        torch="gaussian_nll_loss",
    ),
]
