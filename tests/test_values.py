"""Values and derivatives against the definition in 60-digit arithmetic, on every backend."""

import numpy as np
import pytest
from cases import CASES
from problems import Problem, assert_within

WHOLE_RANGE = [case for case in CASES if case.extremes]


def _by_case(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def _layout(problem, exact):
    """Lay out the exact entries as the three parts are."""
    shape = tuple(problem.x.shape)
    values = np.asarray([float(term.value) for term in exact.values()])
    return (
        values.reshape(problem.case.entry_shape(np.empty(shape))),
        problem.case.derivative(exact, "slope", shape),
        problem.case.derivative(exact, "curvature", shape),
    )


@pytest.fixture(scope="session")
def whole_range():
    """Inputs and exact results of a case and dtype, computed once for all backends."""
    known = {}

    def get(case, dtype):
        if (case.name, dtype) not in known:
            x, y = case.extremes(np.finfo(dtype))
            known[case.name, dtype] = (x, y, case.exact(x, y))
        return known[case.name, dtype]

    return get


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@_by_case(WHOLE_RANGE)
def test_whole_finite_range_within_8_epsilons(backend, case, dtype, whole_range):
    if dtype not in backend.dtypes:
        assert backend.name == "mlx"
        return
    x, y, exact = whole_range(case, dtype)
    problem = Problem.of(backend, case, x, y, dtype=dtype)
    with np.errstate(over="ignore"):  # dask computes here, and 1 / p**2 may be infinite
        parts = problem.parts(reduction="none")
    for got, want in zip(parts, _layout(problem, exact), strict=True):
        assert_within(got, want, backend.epsilons, dtype)


@_by_case(CASES)
def test_masked_and_weighted_entries(backend, case):
    problem = Problem.make(backend, case)
    mask, weight = (np.asarray(problem.case.arrays()[k]) for k in (2, 3))
    weight = weight.astype("float32").astype(float)
    axis = case.class_axis
    want = _layout(problem, problem.exact())
    for got, exact in zip(problem.parts(reduction="none"), want, strict=True):
        factor = np.where(mask, weight, 0.0)
        if got.ndim > factor.ndim:
            factor = np.expand_dims(factor, axis)
        scale = np.abs(exact).max()
        np.testing.assert_allclose(got, exact * factor, rtol=1e-5, atol=1e-6 * scale)
