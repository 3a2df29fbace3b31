"""Wrong calls of losses of numbers, counts and amounts, and of numbers that may be bounds."""

import numpy as np

import maskloss as ml
from tables.mistakes.mistake import L1, MSE, X, Y, floats, integers, mistake, ones

GAUSSIAN = ml.gaussian_nll_loss
SIDES = ("`censoring`", "-1", "upper bound", "lower bound")

# Found by shapes, dtypes and keywords.
REGRESSION = [
    mistake(
        "bounds as floats",
        MSE,
        X,
        Y,
        censoring=floats(0, 1, -1),
        error=TypeError,
        says=(*SIDES, "integers", "float32", "cast"),
    ),
    mistake(
        "bounds as bools",
        L1,
        X,
        Y,
        censoring=np.asarray([True, False, True]),
        error=TypeError,
        says=(*SIDES, "integers", "bool"),
    ),
    mistake(
        "one bool for all bounds",
        ml.huber_loss,
        X,
        Y,
        censoring=True,
        error=TypeError,
        says=(*SIDES, "integers", "got True"),
    ),
    mistake(
        "a float for all bounds",
        ml.smooth_l1_loss,
        X,
        Y,
        censoring=-1.0,
        error=TypeError,
        says=(*SIDES, "integers", "got -1.0"),
    ),
    mistake(
        "a number that is no bound",
        ml.log_cosh_loss,
        X,
        Y,
        censoring=2,
        says=(*SIDES, "-1 or 0 or 1", "got 2"),
    ),
    mistake(
        "bounds as a row for a column",
        MSE,
        ones(3, 1),
        ones(3, 1),
        censoring=integers(0, 1, 1),
        says=("`censoring`", "(3, 1)", "got shape (3,)", "reshape"),
    ),
    mistake(
        "bounds for a likelihood",
        GAUSSIAN,
        X,
        Y,
        X,
        censoring=1,
        error=TypeError,
        says=("gaussian_nll_loss", "'censoring'"),
    ),
    mistake("no variances", GAUSSIAN, X, Y, None, error=TypeError, says=("`var`", "array", "None")),
    mistake(
        "variances as bools",
        GAUSSIAN,
        X,
        Y,
        np.asarray([True, False, True]),
        error=TypeError,
        says=("`var`", "real numbers", "bool"),
    ),
    mistake(
        "variances without the last axis",
        GAUSSIAN,
        ones(3, 2),
        ones(3, 2),
        X,
        says=("`var`", "(3, 2)", "got shape (3,)", "reshape it to (3, 1)"),
    ),
    mistake("one negative variance", GAUSSIAN, X, Y, -0.5, says=("`var`", "0 or more", "-0.5")),
    mistake("a negative eps", GAUSSIAN, X, Y, X, eps=-1e-3, says=("`eps`", "0 or more", "-0.001")),
    mistake(
        "the power of Poisson",
        ml.tweedie_nll_loss,
        X,
        Y,
        power=1,
        says=("`power`", "between 1 and 2", "got 1", "poisson_nll_loss"),
    ),
    mistake(
        "the power of gamma",
        ml.tweedie_nll_loss,
        X,
        Y,
        power=2.0,
        says=("`power`", "between 1 and 2", "gamma_nll_loss"),
    ),
    mistake(
        "a power in words",
        ml.tweedie_nll_loss,
        X,
        Y,
        power="gamma",
        error=TypeError,
        says=("`power`", "number", "'gamma'"),
    ),
    mistake(
        "a dispersion of 0",
        ml.negative_binomial_nll_loss,
        X,
        Y,
        dispersion=0.0,
        says=("`dispersion`", "1e-30 or more", "got 0", "poisson_nll_loss"),
    ),
    mistake(
        "no dispersion",
        ml.negative_binomial_nll_loss,
        X,
        Y,
        dispersion=None,
        error=TypeError,
        says=("`dispersion`", "number or an array", "None"),
    ),
]

# Found where values are read.
REGRESSION_VALUES = [
    mistake(
        "a bound of 2",
        MSE,
        X,
        Y,
        censoring=integers(0, 2, -1),
        says=(*SIDES, "-1 or 0 or 1", "got 2"),
    ),
    mistake(
        "an unsigned bound of -1",
        MSE,
        X,
        Y,
        censoring=integers(0, 255, 1, dtype="uint8"),
        says=(*SIDES, "got 255"),
    ),
    mistake(
        "a negative variance", GAUSSIAN, X, Y, floats(1, -2, 1), says=("`var`", "0 or more", "-2")
    ),
    mistake(
        "an amount of 0",
        ml.gamma_nll_loss,
        X,
        floats(1, 0, 2),
        says=("`target`", "more than 0", "got 0", "tweedie_nll_loss"),
    ),
]
