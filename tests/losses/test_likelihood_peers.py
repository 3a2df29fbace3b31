"""Likelihoods beside numbers that other libraries returned; the versions are those that ran.

torch 2.13.0, scikit-learn 1.9.1, SciPy 1.17.1, XGBoost 3.2.0 (metrics in float32),
scoringrules 0.10.0, lifelines 0.30.3.
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


# By `logpdf`, `logsf`, `logcdf` and the difference of two `cdf`, at 2, and from 2 to 5.
SCIPY = {
    "log_normal": [1.9201791810670894, 0.9645213288578676, 0.47991758499537746, 1.4949462000793279],
    "log_logistic": [2.364583803499656, 0.855746633297627, 0.5533257251745921, 1.8486514573142647],
    "weibull": [2.0062211874502607, 1.3531306505458587, 0.29898563644762455, 1.6412587307074626],
}
# The metric aft-nloglik of lower and upper labels, with the scale 1.
LOWER, UPPER = np.asarray([2.0, 2.0, 0.0, 1.0, 2.0]), np.asarray([2.0, np.inf, 2.0, 2.0, 5.0])
XGBOOST_AFT = {
    "log_normal": [1.68936806, 1.05812682, 0.42633956, 1.30635246, 3.20203904],
    "log_logistic": [2.11783639, 0.90891819, 0.51577102, 1.76327344, 2.44381546],
    "weibull": [1.78163644, 1.48163644, 0.25781973, 1.38846386, 5.43685104],
}


@pytest.mark.parametrize("distribution", SCIPY)
def test_the_distributions_of_scipy(backend, distribution):
    side, upper = np.asarray([0, 1, -1, 1]), np.asarray([np.inf, np.inf, np.inf, 5.0])
    options = {"distribution": distribution, "censoring": side, "upper": upper, "scale": 1.3}
    x, y = np.full(4, 0.3), np.full(4, 2.0)
    got = ml.censored_nll_loss(x, y, reduction="none", **options)
    np.testing.assert_allclose(got, SCIPY[distribution], rtol=1e-12)


@pytest.mark.parametrize("distribution", XGBOOST_AFT)
def test_accelerated_failure_times_of_xgboost(backend, distribution):
    options = {"distribution": distribution, "censoring": 1, "upper": UPPER}
    x = np.asarray([0.3, 0.3, 0.3, 0.3, -1.0])
    got = ml.censored_nll_loss(x, LOWER, reduction="none", **options)
    np.testing.assert_allclose(got, XGBOOST_AFT[distribution], rtol=1e-7)


def test_the_score_of_scoringrules(backend):
    x, y, var = np.asarray([[0.0, 1.0, 2.0], [1.0, 1.0, -3.0], [2.0, 0.5, 4.0]])
    got = ml.gaussian_crps_loss(x, y, var, reduction="none")
    peer = [0.6013978959456261, 0.16524730314632366, 3.8796373816210004]
    np.testing.assert_allclose(got, peer, rtol=1e-14)


TIMES, EVENTS = np.asarray([5.0, 3, 3, 8, 1, 3, 7, 2]), np.asarray([1, 1, 1, 0, 1, 0, 1, 1])
RISKS = np.asarray([0.5, -1.0, 1.5, 0.0, 2.0, 0.3, -0.7, 1.0])


def test_the_partial_likelihoods_of_lifelines_and_xgboost(backend):
    efron = ml.cox_loss(0.9696034163509272 * RISKS, TIMES, EVENTS, normalize=False)
    np.testing.assert_allclose(efron, 7.875244863730046, rtol=1e-14)  # at its estimate
    breslow = ml.cox_loss(RISKS, TIMES, EVENTS, ties="breslow")
    np.testing.assert_allclose(breslow, 1.36280353140765609, rtol=1e-7)
