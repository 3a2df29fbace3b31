"""NumPy as the formulas see it."""

import itertools

import numpy as np
import pytest

from maskloss._arrays.numpy import _MANY, xp

NUMBERS = np.asarray([0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan, 1e-45, 3e38])
MANY = 3 * _MANY


def many(dtype, seed):
    return np.random.default_rng(seed).choice(NUMBERS, MANY).astype(dtype).reshape(3, -1)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64"])
@pytest.mark.parametrize("seed", range(3))
def test_where_is_that_of_numpy_to_the_bit(dtype, seed):
    with np.errstate(invalid="ignore", over="ignore"):  # NaN as an integer
        first, second = many(dtype, seed), many(dtype, seed + 10)
    of_some = (first[:1], first[:, :1], first[0, 0], 0.0, -0.0, 0.5)
    choices = (first, second, first.T.copy().T, *of_some)
    condition = np.random.default_rng(seed + 20).random(first.shape) < 0.5
    strided = condition.T.copy().T
    for of_condition in (condition, condition[:1], strided, np.asarray(True), condition * 3):
        for one, other in itertools.product(choices, choices):
            wanted = np.where(of_condition, one, other), np.where(of_condition, other, one)
            both = xp.where_both(of_condition, one, other)
            pairs = zip(
                (*both, xp.where(of_condition, one, other)), (*wanted, wanted[0]), strict=True
            )
            for got, want in pairs:
                assert got.dtype == want.dtype
                assert got.shape == want.shape
                assert got.tobytes() == want.tobytes()
