"""The likelihood of bounds and intervals: what the table of cases does not hold."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import entry_parts, native

DISTRIBUTIONS = ("normal", "logistic", "extreme_value")
by_distribution = pytest.mark.parametrize("distribution", DISTRIBUTIONS)
X, Y = np.asarray([0.0, 0.5, -1.0, 0.2]), np.asarray([1.0, 2.0, -1.5, 0.5])
SIDES, UPPER = np.asarray([0, 1, -1, 1], "int32"), np.asarray([9.0, np.inf, 9.0, 3.0])


@by_distribution
def test_infinite_bounds_say_nothing(backend, distribution):
    x, y = native(backend, [0, 0, 0]), native(backend, [-np.inf, np.inf, -np.inf])
    options = {
        "censoring": backend.asarray(np.asarray([1, -1, 1], "int32")),
        "upper": native(backend, [np.inf] * 3),
        "distribution": distribution,
    }
    for part in entry_parts(ml.censored_nll_loss, x, y, **options):
        np.testing.assert_array_equal(part, 0)


@by_distribution
def test_a_narrow_interval_is_an_exact_number(backend, distribution):
    width = 2.0**-10
    x, y = native(backend, X), native(backend, Y)
    exact = entry_parts(ml.censored_nll_loss, x, y, distribution=distribution)
    options = {"distribution": distribution, "upper": native(backend, Y + width / 2)}
    narrow = entry_parts(ml.censored_nll_loss, x, y - width / 2, censoring=1, **options)
    np.testing.assert_allclose(narrow[0] + np.log(width), exact[0], rtol=1e-5)
    for got, want in zip(narrow[1:], exact[1:], strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


@by_distribution
@pytest.mark.needs("autodiff")
def test_the_scale_can_be_learned(backend, distribution):
    x, y, upper = (native(backend, a) for a in (X, Y, UPPER))
    options = {"censoring": backend.asarray(SIDES), "distribution": distribution}
    gradient = FRAMEWORKS[backend.name].grad(
        lambda s: ml.censored_nll_loss(x, y, scale=s, upper=upper, **options),
        native(backend, np.asarray(1.5)),
    )
    options["censoring"] = SIDES
    value = [
        ml.censored_nll_loss(X, Y, scale=1.5 + d, upper=UPPER, **options) for d in (-1e-5, 1e-5)
    ]
    np.testing.assert_allclose(asnumpy(gradient), (value[1] - value[0]) / 2e-5, rtol=1e-4)


@by_distribution
def test_an_observed_nan_stays_visible(backend, distribution):
    x = native(backend, [np.nan] * 4)
    options = {"censoring": backend.asarray(SIDES), "upper": native(backend, UPPER)}
    value = ml.censored_nll_loss(
        x, native(backend, Y), distribution=distribution, reduction="none", **options
    )
    assert np.isnan(asnumpy(value)).all()


@by_distribution
@pytest.mark.parametrize("far", [-1e30, -1e10, 1e10, 1e30])
def test_far_predictions_satisfy_a_bound_or_cost_much(backend, distribution, far):
    """The rounding error of the difference is the whole number that is subtracted."""
    x, y = native(backend, [far] * 3), native(backend, [-3.0] * 3)
    censoring = backend.asarray(np.asarray([0, -1, 1], "int32"))
    options = {"distribution": distribution, "scale": 0.5, "censoring": censoring}
    value, slope, curvature = entry_parts(ml.censored_nll_loss, x, y, **options)
    satisfied, *others = (1, 0, 2) if far < 0 else (2, 0, 1)
    assert value[satisfied] == slope[satisfied] == curvature[satisfied] == 0
    assert (value[others] >= abs(far)).all()
    assert (np.sign(slope[others]) == np.sign(far)).all()
    assert (curvature[others] >= 0).all()
