"""Lists, words and columns of a table in place of arrays."""

import numpy as np

from tables.mistakes.mistake import BCE, CE, FIX, MSE, ROWS, X, Y, mistake


class Series:
    """A column of a table, as of pandas: NumPy can convert it, and it has no namespace."""

    def __init__(self, values):
        self.values = np.asarray(values)
        self.dtype, self.shape = self.values.dtype, self.values.shape

    def __array__(self, dtype=None, copy=None):
        return self.values


Series.__module__ = "pandas.core.series"


NO_ARRAYS = [
    mistake(
        "a list of words for a weight",
        BCE,
        X,
        Y,
        weight=["1", "2", "3"],
        error=TypeError,
        says=("`weight`", "numbers"),
    ),
    mistake(
        "a ragged list for a mask",
        BCE,
        X,
        Y,
        mask=[[True], [True, False]],
        error=TypeError,
        says=("`mask`", "list of numbers", "[[True], [True, False]]"),
    ),
    mistake(
        "labels as a list", BCE, X, [0.0, 1.0], error=TypeError, says=("`labels`", "list", *FIX)
    ),
    mistake(
        "predictions as a list", MSE, [0.0], Y, error=TypeError, says=("`input`", "list", *FIX)
    ),
    mistake("labels left out", CE, ROWS, None, error=TypeError, says=("`labels`", "None", *FIX)),
    mistake("a number for labels", BCE, X, 1.0, error=TypeError, says=("`labels`", "float", *FIX)),
    mistake(
        "a word for a weight",
        BCE,
        X,
        Y,
        weight="balanced",
        error=TypeError,
        says=("`weight`", "str", *FIX),
    ),
    mistake(
        "a word for a divisor", MSE, X, Y, divisor="3", error=TypeError, says=("`divisor`", "str")
    ),
    mistake(
        "a column of a table for labels",
        BCE,
        X,
        Series([0.0, 1.0, 1.0]),
        error=TypeError,
        says=("`labels`", "pandas.Series", *FIX, "`maskloss.from_table`", "mask"),
    ),
    mistake(
        "a column of a table for predictions",
        MSE,
        Series([0.0, 1.0, 1.0]),
        Y,
        error=TypeError,
        says=("`input`", "pandas.Series", *FIX),
    ),
    mistake(
        "a column of a table for a mask",
        MSE,
        X,
        Y,
        mask=Series([True, False, True]),
        error=TypeError,
        says=("`mask`", "pandas.Series", *FIX),
    ),
]
