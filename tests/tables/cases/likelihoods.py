"""The rows of likelihoods of counts and amounts."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.cases.regression import CLASSES, log_rate_range, log_rates
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
]
