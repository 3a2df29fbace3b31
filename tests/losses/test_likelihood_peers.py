"""Likelihoods beside numbers that other libraries returned; the versions are those that ran.

torch 2.13.0, scikit-learn 1.9.1, XGBoost 3.2.0, whose metrics are computed in float32.
"""

import math

import numpy as np
import pytest

import maskloss as ml

pytestmark = pytest.mark.needs("numpy")

X, Y = np.asarray([-1.0, 0.25, 1.5]), np.asarray([0.5, 3.0, 2.0])
COUNTS = np.asarray([0.0, 3.0, 2.0])
TWEEDIE_DEVIANCES = {
    1.5: [0.0667109307584095, 1.266150182731434, 0.9332239893940564],
    1.7: [0.07984061182417612, 1.139438609482089, 0.7298739615704299],
}
GAMMA_DEVIANCE = [0.10457618957893589, 0.9755801210922108, 0.5062262794738288]


def test_the_negative_binomial_distribution_of_torch(backend):
    r, torch = 1 / 0.4, [0.34320538531484157, 2.397237566675864, 1.9781755864505666]
    constant = [math.lgamma(r) + math.lgamma(k + 1) - math.lgamma(k + r) for k in COUNTS]
    got = ml.negative_binomial_nll_loss(X, COUNTS, dispersion=0.4, reduction="none")
    np.testing.assert_allclose(got + constant, torch, rtol=1e-14)


@pytest.mark.parametrize("power", TWEEDIE_DEVIANCES)
def test_the_tweedie_deviance_of_scikit_learn(backend, power):
    got, least = (ml.tweedie_nll_loss(x, Y, power=power, reduction="none") for x in (X, np.log(Y)))
    np.testing.assert_allclose(2 * (got - least), TWEEDIE_DEVIANCES[power], rtol=1e-12)


def test_the_gamma_deviance_of_scikit_learn(backend):
    got = ml.gamma_nll_loss(X, Y, reduction="none")
    np.testing.assert_allclose(2 * (got - 1 - np.log(Y)), GAMMA_DEVIANCE, rtol=1e-12)


def test_the_metrics_of_xgboost(backend):
    tweedie = ml.tweedie_nll_loss(X, Y, power=1.7, reduction="none")
    np.testing.assert_allclose(tweedie, [3.9077892, 7.1906204, 6.22753], rtol=1e-6)
    gamma = ml.gamma_nll_loss(X, Y, reduction="none")
    np.testing.assert_allclose(gamma, [0.3591409, 2.5864024, 1.9462603], rtol=1e-6)
