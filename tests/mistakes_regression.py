"""Wrong calls of losses of numbers that have a variance each."""

import numpy as np
from mistakes import FIX, X, Y, floats, mistake, ones

import maskloss as ml

GAUSSIAN = ml.gaussian_nll_loss

# Found by shapes, dtypes and keywords.
REGRESSION = [
    mistake(
        "variances as a list",
        GAUSSIAN,
        X,
        Y,
        [1.0, 1.0, 1.0],
        error=TypeError,
        says=("`var`", "list", *FIX),
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
        says=("`var`", "(3, 2)", "got shape (3,)", "(N,) to (N, 1)"),
    ),
    mistake("one negative variance", GAUSSIAN, X, Y, -0.5, says=("`var`", "0 or more", "-0.5")),
    mistake("a negative eps", GAUSSIAN, X, Y, X, eps=-1e-3, says=("`eps`", "0 or more", "-0.001")),
]

# Found where values are read.
REGRESSION_VALUES = [
    mistake(
        "a negative variance", GAUSSIAN, X, Y, floats(1, -2, 1), says=("`var`", "0 or more", "-2")
    ),
]
