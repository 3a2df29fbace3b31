"""The rows of losses of numbers and counts, and of numbers that may be bounds."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.oracles import regression as oracles

CLASSES = 5


def numbers(rng):
    return rng.normal(0, 3, (4, CLASSES)), rng.normal(0, 3, (4, CLASSES))


def log_rates(rng):
    return rng.normal(0, 1, (4, CLASSES)), rng.poisson(2, (4, CLASSES)).astype(float)


def _rates(rng):
    return rng.uniform(0.1, 5, (4, CLASSES)), rng.poisson(2, (4, CLASSES)).astype(float)


def _number_range(info):
    x = np.concatenate([np.geomspace(1e-15, 1e15, 60), [0.0]]).astype(info.dtype)
    return np.stack([x, -x, x], -1), np.stack([0 * x, x, x], -1)


def difference_range(info):
    """Differences of every magnitude, exact and rounded, with 0 and 1, and 2 apart."""
    x = np.concatenate(
        [
            np.geomspace(1e-15, 1e15, 60),
            np.linspace(1e-2, -np.log(float(info.smallest_normal)) / 2, 400),
            [0.0, 0.5, 1.0, 2.0],
        ]
    ).astype(info.dtype)
    sign = np.where(np.arange(x.size) % 2, 1, -1).astype(info.dtype)
    return (
        np.stack([x, -x, x, -x, sign * x], -1),
        np.stack([0 * x, 0 * x, x, x, sign * x.dtype.type(0.1)], -1),
    )


def log_rate_range(info):
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

_EXACT = [
    Case(
        "mse_loss", ml.mse_loss, numbers, oracles.squared, extremes=_number_range, torch="mse_loss"
    ),
    Case("l1_loss", ml.l1_loss, numbers, oracles.absolute, extremes=_number_range, torch="l1_loss"),
    Case(
        "huber_loss",
        ml.huber_loss,
        numbers,
        oracles.huber,
        extremes=difference_range,
        torch="huber_loss",
    ),
    Case(
        "huber_loss, delta",
        ml.huber_loss,
        numbers,
        oracles.huber,
        {"delta": 2.5},
        extremes=difference_range,
        torch="huber_loss",
    ),
    Case(
        "smooth_l1_loss",
        ml.smooth_l1_loss,
        numbers,
        oracles.smooth_l1,
        extremes=difference_range,
        torch="smooth_l1_loss",
    ),
    Case(
        "smooth_l1_loss, beta",
        ml.smooth_l1_loss,
        numbers,
        oracles.smooth_l1,
        {"beta": 2.5},
        extremes=difference_range,
        torch="smooth_l1_loss",
    ),
    Case(
        "smooth_l1_loss, beta 0",
        ml.smooth_l1_loss,
        numbers,
        oracles.smooth_l1,
        {"beta": 0.0},
        extremes=difference_range,
        torch="smooth_l1_loss",
    ),
    Case(
        "log_cosh_loss",
        ml.log_cosh_loss,
        numbers,
        oracles.log_cosh,
        extremes=difference_range,
    ),
    Case(
        "quantile_loss",
        ml.quantile_loss,
        numbers,
        oracles.pinball,
        {"quantile": 0.1},
        extremes=difference_range,
    ),
    Case(
        "quantile_loss, one per class",
        ml.quantile_loss,
        numbers,
        oracles.pinball,
        {"quantile": _QUANTILES},
        extremes=difference_range,
    ),
    Case(
        "poisson_nll_loss",
        ml.poisson_nll_loss,
        log_rates,
        oracles.poisson,
        extremes=log_rate_range,
        torch="poisson_nll_loss",
    ),
    Case(
        "poisson_nll_loss, full",
        ml.poisson_nll_loss,
        log_rates,
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
        numbers,
        oracles.gaussian,
        {"var": _VARIANCES},
        extremes=_normal_range,
        torch="gaussian_nll_loss",
    ),
    Case(
        "gaussian_nll_loss, full",
        ml.gaussian_nll_loss,
        numbers,
        oracles.gaussian,
        {"var": _VARIANCES, "full": True},
        torch="gaussian_nll_loss",
    ),
]


_CENSORING = np.random.default_rng(7).integers(-1, 2, (4, CLASSES), "int32")


def _bounds(rng):
    return numbers(rng)


def bound_range(info):
    """Every kind of bound at differences of every magnitude and sign, and 0."""
    x, y = difference_range(info)
    row, column = np.indices(x.shape, dtype="int32")
    return x, y, {"censoring": (row + column) % 3 - 1}


def _censored(loss, oracle, options=None, extremes=bound_range):
    return Case(
        f"{loss.__name__}, censoring",
        loss,
        _bounds,
        oracles.censored(oracle),
        {"censoring": _CENSORING} | (options or {}),
        extremes=extremes,
    )


_CENSORED = [
    _censored(ml.mse_loss, oracles.squared),
    _censored(ml.l1_loss, oracles.absolute),
    _censored(ml.huber_loss, oracles.huber, {"delta": 2.5}),
    _censored(ml.log_cosh_loss, oracles.log_cosh),
    _censored(ml.quantile_loss, oracles.pinball, {"quantile": _QUANTILES}),
    _censored(ml.smooth_l1_loss, oracles.smooth_l1, {"censoring": -1}, difference_range),
]


_ROWS = (3, 2, 5)


def _pairs_of_rows(rng):
    return rng.normal(0, 3, _ROWS), rng.normal(0, 3, _ROWS)


def _alike(rng):
    x = rng.normal(0, 3, _ROWS)
    y = x + rng.normal(0, 1, _ROWS)
    y[0, 1] = 0
    x[1, 0] *= 1e-4  # shorter than epsilon
    return x, y


def _angle_range(info):
    """Rows of every length at wide angles, away from the roots of slope and curvature."""
    angles = [(a, a + t) for a in (0.45, 0.8, 2.2, 3.95, 5.7) for t in (1.2, 1.9)]
    lengths = [(n, m) for n in (1e-30, 1e-12, 1e-3, 1.0, 1e30) for m in (1e-12, 1.0, 1e30)]
    rows = [
        (n * np.cos(a), n * np.sin(a), m * np.cos(b), m * np.sin(b))
        for a, b in angles
        for n, m in lengths
    ]
    rows = np.asarray(rows).astype(info.dtype)
    return rows[:, :2], rows[:, 2:]


_ANGLES = [
    Case(
        "cosine_similarity_loss",
        ml.cosine_similarity_loss,
        _pairs_of_rows,
        oracles.cosine_similarity,
        extremes=_angle_range,
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "cosine_similarity_loss, apart",
        ml.cosine_similarity_loss,
        _alike,
        oracles.cosine_similarity,
        {"similarity": -1, "margin": 0.2},
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "cosine_similarity_loss, some apart",
        ml.cosine_similarity_loss,
        _alike,
        oracles.cosine_similarity,
        {"similarity": np.asarray([[1, -1], [-1, 1], [1, -1]]), "eps": 1e-3},
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "cosine_similarity_loss, short rows",
        ml.cosine_similarity_loss,
        _alike,
        oracles.cosine_similarity,
        {"eps": 1e-3},
        class_axis=-1,
        coupled=True,
    ),
]


REGRESSION = [*_EXACT, *_CENSORED, *_ANGLES]
