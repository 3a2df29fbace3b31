"""Objectives for boosted trees, against CatBoost itself."""

import pickle

import catboost
import numpy as np
import pytest

import maskloss as ml
from helpers.boosting import DEPTH, KNOWN, NUMBERS, WEIGHTS, X, gaps, gaps_of_one, r2
from maskloss.boosting import (
    CatBoostMultiObjective,
    CatBoostObjective,
)

pytestmark = [
    # Of LightGBM 4.6 in scikit-learn.
    pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning"),
]


def test_catboost_with_complete_labels_is_its_own_objective():
    settings = {**DEPTH, "boost_from_average": False, "leaf_estimation_iterations": 1}
    settings |= {"leaf_estimation_method": "Newton", "bootstrap_type": "No", "random_strength": 0}
    objective = CatBoostObjective(ml.mse_loss, weight=0.5)
    got = catboost.CatBoostRegressor(**settings, **objective.params).fit(X, NUMBERS[:, 0])
    own = catboost.CatBoostRegressor(**settings, loss_function="RMSE").fit(X, NUMBERS[:, 0])
    np.testing.assert_allclose(got.predict(X), own.predict(X), atol=1e-4)


def test_catboost_learns_the_observed_labels_of_one_target():
    objective = CatBoostObjective(ml.mse_loss)
    model = catboost.CatBoostRegressor(**DEPTH | {"iterations": 100}, **objective.params)
    model.fit(X, gaps_of_one(NUMBERS), sample_weight=WEIGHTS)
    got = model.predict(X)
    assert r2(got, NUMBERS[:, 0]) > 0.9
    (loss,) = model.get_best_score()["learn"].values()
    known = KNOWN[:, 0]
    want = np.average((got - NUMBERS[:, 0])[known] ** 2, weights=WEIGHTS[known])
    np.testing.assert_allclose(loss, want, rtol=1e-5)


def test_catboost_learns_the_observed_labels_of_several_targets():
    objective = CatBoostMultiObjective(ml.mse_loss)
    model = catboost.CatBoostRegressor(**DEPTH | {"iterations": 30}, **objective.params)
    rows = slice(300)  # CatBoost asks for each on its own
    got = model.fit(X[rows], gaps(NUMBERS)[rows]).predict(X[rows])
    assert r2(got, NUMBERS[rows]).min() > 0.8
    (loss,) = model.get_best_score()["learn"].values()
    want = ((got - NUMBERS[rows])[KNOWN[rows]] ** 2).mean()
    np.testing.assert_allclose(loss, want, rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "labels"),
    [(CatBoostObjective, gaps_of_one(NUMBERS)), (CatBoostMultiObjective, gaps(NUMBERS))],
)
def test_a_fitted_model_pickles(kind, labels):
    """Without `no_jit`, CatBoost puts what numba can compile on objective and metric."""
    objective = kind(ml.mse_loss)
    model = catboost.CatBoostRegressor(**DEPTH | {"iterations": 2}, **objective.params)
    model.fit(X[:300], labels[:300])
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
