"""Cox's partial likelihood: what the table of cases does not hold."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import entry_parts, native

X, T = np.asarray([0.5, -1.0, 2.0, 0.0, 1.0]), np.asarray([3.0, 1.0, 2.0, 2.0, 5.0])
SEEN = np.asarray([1, 1, 1, 0, 0])


def arrays(backend, x=X):
    return native(backend, x), native(backend, T), backend.asarray(SEEN)


def test_strata_have_risk_sets_of_their_own(backend):
    strata = np.asarray([0, 1, 0, 1, 0])
    pooled = ml.cox_loss(
        *arrays(backend),
        groups=backend.asarray(strata),
        normalize=False,
        reduction="weighted_mean",
    )
    want = 0.0
    for k in np.flatnonzero(SEEN):
        at_risk = (strata == strata[k]) & (T[k] <= T)
        want += math.log(np.exp(X[at_risk]).sum()) - X[k]
    np.testing.assert_allclose(float(pooled), want / SEEN.sum(), rtol=1e-6)


def test_a_subject_without_hazard_is_no_loss_to_the_others(backend):
    x = np.where(np.arange(5) == 3, -np.inf, X)
    others = np.arange(5) != 3
    got = entry_parts(ml.cox_loss, *arrays(backend, x))
    want = entry_parts(ml.cox_loss, *arrays(backend), mask=backend.asarray(others))
    np.testing.assert_allclose(got[0], want[0], rtol=1e-6)
    np.testing.assert_allclose(got[1], want[1], rtol=1e-6)


@pytest.mark.parametrize("place", range(5))
def test_a_nan_stays_visible(backend, place):
    """Also of a subject lost before the first event, who is in no risk set."""
    x = np.where(np.arange(5) == place, np.nan, X)
    seen = backend.asarray(np.asarray([1, 0, 1, 0, 0]))
    value = ml.cox_loss(native(backend, x), native(backend, T), seen)
    assert np.isnan(asnumpy(value))


def test_an_endpoint_without_an_event_does_not_count(backend):
    x, t, _ = arrays(backend)
    none = backend.asarray(np.zeros(5, int))
    value, gradient = ml.value_and_grad(ml.cox_loss)(x, t, none)
    assert float(value) == 0
    assert not asnumpy(gradient).any()


def test_the_mean_is_over_endpoints_with_an_event(backend):
    x, t = (np.stack([a, a], 1) for a in (X, T))
    seen = np.stack([SEEN, np.zeros(5, int)], 1)
    got = ml.cox_loss(native(backend, x), native(backend, t), backend.asarray(seen))
    np.testing.assert_allclose(float(got), float(ml.cox_loss(*arrays(backend))), rtol=1e-6)


def test_one_endpoint_is_a_column(backend):
    column = [backend.namespace.reshape(a, (5, 1)) for a in arrays(backend)]
    got, want = (ml.value_and_grad(ml.cox_loss)(*a) for a in (column, arrays(backend)))
    for part, wanted in zip(got, want, strict=True):
        np.testing.assert_allclose(asnumpy(part).ravel(), asnumpy(wanted).ravel(), rtol=1e-6)


def test_hazards_that_differ_by_more_than_a_float_holds(backend):
    x = np.asarray([-200.0, -400.0, 0.0, 300.0, -300.0])
    order = np.asarray([5.0, 4.0, 3.0, 2.0, 1.0])
    value = ml.cox_loss(native(backend, x), native(backend, order), backend.asarray(x < 1e9))
    # Each is surpassed by the largest of those that come later.
    np.testing.assert_allclose(float(value), (200 + 0 + 0 + 600) / 5, rtol=1e-6)
