"""The second derivative is the derivative of the first, also where that is not of the value."""

import numpy as np

import maskloss as ml
from tables.cases import CASES, by_case

STEP = 1e-4
CASES_ON_NUMPY = by_case(CASES)


def _slope_and_curvature(case, x, y, mask):
    loss = ml.grad_and_hessian(case.loss)
    return loss(x, y, mask=mask, reduction="sum", **case.options)


def _difference_quotients(case, x, y, mask, step):
    """Return how much the slope by each element changes with it."""
    found = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        below, above = x.copy(), x.copy()
        below[index] -= step * abs(x[index])
        above[index] += step * abs(x[index])
        slopes = [_slope_and_curvature(case, at, y, mask)[0][index] for at in (below, above)]
        found[index] = (slopes[1] - slopes[0]) / (above[index] - below[index])
    return found


@CASES_ON_NUMPY
def test_curvature_is_the_derivative_of_the_slope(case):
    x, y, mask, _ = case.arrays()
    x = np.asarray(x, float)
    _, curvature = _slope_and_curvature(case, x, y, mask)
    # Two steps, of which the errors of second order cancel.
    coarse, fine = (_difference_quotients(case, x, y, mask, step) for step in (2 * STEP, STEP))
    scale = max(1.0, np.abs(curvature).max())
    np.testing.assert_allclose((4 * fine - coarse) / 3, curvature, rtol=1e-6, atol=1e-8 * scale)
