"""The variances of the normal distribution: what the table of cases does not hold."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import entry_parts, native


def variances(backend):
    """Predictions, numbers and variances, of which two are raised to 0.5."""
    return [native(backend, a) for a in ([1, 2, 3, 4], [3, 2, 1, 1], [0.0, 0.25, 0.5, 2.0])]


def test_a_small_variance_is_raised(backend):
    x, y, var = variances(backend)
    v = np.asarray([0.5, 0.5, 0.5, 2.0])
    d = np.asarray([-2.0, 0.0, 2.0, 3.0])
    want = (np.log(v) + d * d / v) / 2, d / v, 1 / v
    for got, exact in zip(entry_parts(ml.gaussian_nll_loss, x, y, var, eps=0.5), want, strict=True):
        np.testing.assert_allclose(got, exact, rtol=1e-6)


@pytest.mark.needs("autodiff")
def test_a_small_variance_has_the_gradient_of_the_raised_one(backend):
    x, y, var = variances(backend)
    gradient = FRAMEWORKS[backend.name].grad(
        lambda v: ml.gaussian_nll_loss(x, y, v, eps=0.5, reduction="sum"), var
    )
    v = np.asarray([0.5, 0.5, 0.5, 2.0])
    d = np.asarray([-2.0, 0.0, 2.0, 3.0])
    np.testing.assert_allclose(asnumpy(gradient), (1 / v - d * d / v**2) / 2, rtol=1e-6)


@pytest.mark.needs("torch")
def test_torch_differentiates_by_the_variance_the_same(backend):
    import torch

    x, y, var = variances(backend)
    results = []
    for loss in (ml.gaussian_nll_loss, torch.nn.functional.gaussian_nll_loss):
        v = var.clone().requires_grad_()
        value = loss(x, y, v, full=True, eps=0.5)
        results.append((value.detach(), *torch.autograd.grad(value, v)))
    torch.testing.assert_close(*results)


def test_variances_line_up_as_weights(backend):
    x, y = native(backend, [[1, 2], [3, 4]]), native(backend, [[3, 3], [3, 3]])
    for var, whole in (
        (2.0, [[2, 2], [2, 2]]),
        (native(backend, 2), [[2, 2], [2, 2]]),
        (native(backend, [[1, 2]]), [[1, 2], [1, 2]]),
        (native(backend, [[1], [2]], "int32"), [[1, 1], [2, 2]]),
    ):
        for got, want in zip(
            entry_parts(ml.gaussian_nll_loss, x, y, var),
            entry_parts(ml.gaussian_nll_loss, x, y, native(backend, whole)),
            strict=True,
        ):
            np.testing.assert_array_equal(got, want)


def test_an_observed_nan_among_the_variances_stays_visible(backend):
    x, y = native(backend, [1, 2]), native(backend, [3, 3])
    value = ml.gaussian_nll_loss(x, y, native(backend, [math.nan, 1]), reduction="none")
    assert np.isnan(asnumpy(value)).tolist() == [True, False]


@pytest.mark.needs("autodiff")
@pytest.mark.parametrize("by", [0, 1, 2])
def test_a_variance_of_0_that_is_not_observed_has_no_effect(backend, by):
    x, y, var = (native(backend, a) for a in ([1, 2], [3, 1], [2, 0]))
    mask = backend.asarray(np.asarray([True, False]))
    gradient = FRAMEWORKS[backend.name].grad(
        lambda x, y, v: ml.gaussian_nll_loss(x, y, v, eps=0.0, mask=mask), x, y, var, by=by
    )
    np.testing.assert_allclose(asnumpy(gradient), [(-1, 1, -0.25)[by], 0], rtol=1e-6)


# Of each loss, values, slopes and curvatures at, above and below the mean, and infinitely far.
_OF_A_POINT = [
    (ml.gaussian_crps_loss, [0, 1, 1, math.inf], [0, 1, -1, 1], [0, 0, 0, 0]),
    (
        ml.gaussian_nll_loss,
        [-math.inf, math.inf, math.inf, math.inf],
        [0, math.inf, -math.inf, math.inf],
        [math.inf] * 4,
    ),
]


@pytest.mark.parametrize(("loss", "value", "slope", "curvature"), _OF_A_POINT)
def test_a_variance_of_0_is_a_point(backend, loss, value, slope, curvature):
    x, y, var = (native(backend, a) for a in ([1, 2, 1, math.inf], [1, 1, 2, 1], [0] * 4))
    got = entry_parts(loss, x, y, var, eps=0.0)
    for part, want in zip(got, (value, slope, curvature), strict=True):
        np.testing.assert_allclose(part, want, atol=1e-6)


@pytest.mark.needs("autodiff")
def test_a_score_at_the_mean_has_the_derivatives_of_its_formula(backend):
    """A weight that needs a gradient makes automatic differentiation take the formula itself."""
    x, y, var = (native(backend, a) for a in ([1, 2, 3], [1, 2, 3], [0, 0.25, 4]))
    framework = FRAMEWORKS[backend.name]

    def score(x):
        return ml.gaussian_crps_loss(x, y, var, eps=0.0, weight=1 + 0 * x, reduction="sum")

    np.testing.assert_allclose(asnumpy(framework.grad(score, x)), 0, atol=1e-6)
    want = [0, 2 * math.sqrt(2 / math.pi), math.sqrt(2 / math.pi) / 2]
    np.testing.assert_allclose(asnumpy(framework.hessian_diagonal(score, x)), want, rtol=1e-5)


@pytest.mark.needs("autodiff")
@pytest.mark.parametrize("loss", [ml.gaussian_crps_loss, ml.gaussian_nll_loss])
def test_an_infinite_variance_has_no_slope(backend, loss):
    x, y, var = (native(backend, a) for a in ([1, 2, 5], [0, 4, 5], [math.inf] * 3))
    value, slope, curvature = entry_parts(loss, x, y, var)
    np.testing.assert_array_equal(value, [math.inf] * 3)
    np.testing.assert_array_equal((slope, curvature), 0)
    framework = FRAMEWORKS[backend.name]

    for by in (0, 1):

        def score(array, by=by):
            given = (array, var) if by == 0 else (x, array)
            return loss(given[0], y, given[1], reduction="sum")

        np.testing.assert_array_equal(asnumpy(framework.grad(score, (x, var)[by])), 0)
