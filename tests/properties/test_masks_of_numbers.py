"""Masks of the numbers 0 and 1 are masks; other numbers are errors, or NaN where unread."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy, computed
from helpers.problems import Problem, native
from tables.cases import KINDS, by_case


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32"])
@by_case(KINDS)
def test_a_mask_of_0_and_1_is_a_mask(backend, case, dtype):
    problem = Problem.make(backend, case)
    numbers = problem.replace(mask=native(backend, asnumpy(problem.mask), dtype))
    for got, want in zip(numbers.parts(), problem.parts(), strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.needs("jit")
@pytest.mark.parametrize("bad", [2.0, -1.0, 0.5, np.nan])
@by_case(KINDS)
def test_other_numbers_are_nan_under_jit(backend, case, bad):
    problem = Problem.make(backend, case)
    mask = asnumpy(problem.mask).astype("float32")
    numbers = problem.replace(mask=native(backend, mask))
    function = problem.framework.jit(problem.bind(case.loss))
    clean = function(*numbers.arrays)
    np.testing.assert_allclose(asnumpy(clean), asnumpy(problem.call()), rtol=1e-5)
    mask[tuple(np.argwhere(mask == 0)[-1])] = bad
    wrong = function(*problem.replace(mask=native(backend, mask)).arrays)
    assert np.isnan(asnumpy(wrong))


def test_a_number_for_all(backend):
    x, y = native(backend, [1.0, 2.0]), native(backend, [0.0, 0.0])
    got = computed([ml.mse_loss(x, y, mask=mask) for mask in (1, 0, 1.0, True)])
    assert [float(asnumpy(value)) for value in got] == [2.5, 0.0, 2.5, 2.5]
    with pytest.raises(ValueError, match=r"`mask` must be bool or numbers 0 and 1.*got 2"):
        ml.mse_loss(x, y, mask=2)
