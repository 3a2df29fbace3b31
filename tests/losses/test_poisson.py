"""Poisson losses of rates that exceed the dtype."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy


@pytest.mark.parametrize("full", [False, True])
def test_an_infinite_rate_is_not_compared_with_its_label(backend, full):
    x = backend.asarray(np.asarray([3e38, 1e30, 100.0], "float32"))
    y = backend.asarray(np.asarray([10.0, 1e20, 3.0], "float32"))
    value = ml.poisson_nll_loss(x, y, full=full, reduction="none")
    np.testing.assert_array_equal(asnumpy(value), np.inf)
