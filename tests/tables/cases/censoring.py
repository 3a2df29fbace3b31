"""The rows of losses of numbers that may be bounds."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.cases.regression import difference_range
from tables.oracles import exact as oracles
from tables.oracles import regression as oracles_regression

SHAPE = (4, 5)
_CENSORING = np.random.default_rng(7).integers(-1, 2, SHAPE, "int32")
_QUANTILES = np.asarray([0.125, 0.25, 0.5, 0.75, 0.9375])


def _numbers(rng):
    return rng.normal(0, 3, SHAPE), rng.normal(0, 3, SHAPE)


def _bound_range(info):
    """Every kind of bound at differences of every magnitude and sign, and 0."""
    x, y = difference_range(info)
    return x, y, {"censoring": np.arange(x.size, dtype="int32").reshape(x.shape) % 3 - 1}


def _row(loss, oracle, options=None, extremes=_bound_range):
    return Case(
        f"{loss.__name__}, censoring",
        loss,
        _numbers,
        oracles_regression.censored(oracle),
        {"censoring": _CENSORING} | (options or {}),
        extremes=extremes,
    )


CENSORING = [
    _row(ml.mse_loss, oracles.squared),
    _row(ml.l1_loss, oracles.absolute),
    _row(ml.huber_loss, oracles_regression.huber, {"delta": 2.5}),
    _row(ml.log_cosh_loss, oracles_regression.log_cosh),
    _row(ml.quantile_loss, oracles_regression.pinball, {"quantile": _QUANTILES}),
    _row(ml.smooth_l1_loss, oracles_regression.smooth_l1, {"censoring": -1}, difference_range),
]
