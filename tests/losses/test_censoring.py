"""Targets that are bounds: what the table of cases does not hold."""

import inspect
import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import entry_parts, native

CENSORABLE = [
    loss
    for loss in (getattr(ml, name) for name in ml.__all__)
    if "censoring" in inspect.signature(loss).parameters and loss is not ml.censored_nll_loss
]
by_loss = pytest.mark.parametrize("loss", CENSORABLE, ids=lambda loss: loss.__name__)
INTEGERS = ("int8", "int16", "int32", "int64")

# The prediction, the bound, and which bound it is: all of them met, the first ones just so.
MET = np.asarray(
    [
        (2, 2, -1),
        (2, 2, 1),
        (1, 2, -1),
        (3, 2, 1),
        (-1e38, 1e38, -1),
        (1e38, -1e38, 1),
        (5, math.inf, -1),
        (-math.inf, 5, -1),
        (math.inf, math.inf, -1),
        (math.inf, -math.inf, 1),
    ]
)


def met(backend):
    x, y = (native(backend, array) for array in MET.T[:2])
    return x, y, native(backend, MET.T[2], "int32")


@by_loss
def test_a_bound_that_is_met_costs_nothing(backend, loss):
    x, y, sides = met(backend)
    for part in entry_parts(loss, x, y, censoring=sides):
        np.testing.assert_array_equal(part, 0.0)


@pytest.mark.needs("autodiff")
@by_loss
def test_a_bound_that_is_met_has_no_gradient(backend, loss):
    x, y, sides = met(backend)
    framework = FRAMEWORKS[backend.name]
    for by in (0, 1):
        gradient = framework.grad(lambda x, y: loss(x, y, censoring=sides), x, y, by=by)
        np.testing.assert_array_equal(asnumpy(gradient), 0.0)


@by_loss
def test_a_bound_that_is_not_met_is_exact(backend, loss):
    x, y = native(backend, [3, 1, math.nan]), native(backend, [2, 2, 2])
    sides = native(backend, [-1, 1, -1], "int32")
    for got, want in zip(
        entry_parts(loss, x, y, censoring=sides), entry_parts(loss, x, y), strict=True
    ):
        np.testing.assert_array_equal(got, want)


def test_a_bound_that_is_met_counts(backend):
    x, y = native(backend, [3, 1]), native(backend, [1, 2])
    sums = ml.mse_loss(x, y, censoring=-1, reduction="sums")
    assert [float(asnumpy(part)) for part in sums] == [4.0, 2.0, 2.0]


def test_bounds_of_any_integer_dtype_and_shape(backend):
    x, y = native(backend, [[3, 1], [3, 1]]), native(backend, [[2, 2], [2, 2]])
    for dtype in INTEGERS:
        for sides in ([[-1, -1], [1, 1]], [[-1], [1]]):
            value = ml.mse_loss(x, y, censoring=native(backend, sides, dtype), reduction="none")
            np.testing.assert_array_equal(asnumpy(value), [[1, 0], [0, 1]])
    for below in (-1, np.int8(-1), native(backend, -1, "int32")):
        value = ml.mse_loss(x, y, censoring=below, reduction="none")
        np.testing.assert_array_equal(asnumpy(value), [[1, 0], [1, 0]])
    above = native(backend, [[0, 1]], "uint8")
    value = ml.mse_loss(x, y, censoring=above, reduction="none")
    np.testing.assert_array_equal(asnumpy(value), [[1, 1], [1, 1]])
