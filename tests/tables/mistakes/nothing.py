"""Calls in which nothing is observed, with `empty="raise"`."""

import numpy as np

from tables.mistakes.mistake import BCE, CE, MSE, ROWS, X, Y, integers, mistake

NOTHING = [
    mistake(
        "a mask of False",
        BCE,
        X,
        Y,
        mask=False,
        empty="raise",
        says=("nothing is observed", 'empty="raise"', "`mask`", "`missing`", "`empty`"),
    ),
    mistake(
        "all labels missing",
        CE,
        ROWS,
        integers(-1, -1, -1),
        missing=-1,
        empty="raise",
        says=("nothing is observed", 'empty="raise"', "`missing`"),
    ),
    mistake(
        "no entry at all",
        MSE,
        X[:0],
        Y[:0],
        empty="raise",
        says=("nothing is observed", 'empty="raise"'),
    ),
    mistake(
        "one class of two",
        MSE,
        ROWS,
        ROWS,
        mask=np.asarray([[True, False]]),
        axis=0,
        empty="raise",
        says=("nothing is observed", 'empty="raise"'),
    ),
    mistake(
        "every class of a macro mean",
        MSE,
        ROWS,
        ROWS,
        mask=False,
        reduction="macro",
        empty="raise",
        says=("nothing is observed", 'empty="raise"'),
    ),
    mistake(
        "weights of 0",
        MSE,
        X,
        Y,
        weight=0.0,
        reduction="weighted_mean",
        empty="raise",
        says=('empty="raise"', "`weight`"),
    ),
]
