"""The constant from which boosting starts, and early stopping by the metric of the objective."""

import functools

import catboost
import lightgbm
import numpy as np
import pytest
import xgboost
from numpy import nan

import maskloss as ml
from maskloss.boosting import (
    CatBoostMultiObjective,
    CatBoostObjective,
    LightGBMObjective,
    XGBoostObjective,
    mark_missing,
)

RNG = np.random.default_rng(0)
X = RNG.integers(0, 8, (600, 4)).astype("float64")
NEAR_TEN = np.stack([X[:, 0] - X[:, 1], X[:, 2] - X[:, 3]], axis=1) / 4 + [10, -10]
NEAR_TEN += 0.1 * RNG.normal(size=NEAR_TEN.shape)
KNOWN = RNG.uniform(size=NEAR_TEN.shape) < 0.5
GAPS = np.where(KNOWN, NEAR_TEN, nan).astype("float32")
WEIGHT = RNG.uniform(0.5, 2, len(X))
ROUNDS = 5
LEAVES = {"num_leaves": 8, "verbose": -1, "num_threads": 1, "learning_rate": 0.3}
DEPTH = {"depth": 3, "iterations": ROUNDS, "learning_rate": 0.5, "verbose": 0, "thread_count": 1}
DEPTH |= {"allow_writing_files": False, "random_seed": 0}
TREES = {"max_depth": 3, "learning_rate": 0.3, "nthread": 1}
BCE = ml.binary_cross_entropy_with_logits

pytestmark = [
    pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning"),
    pytest.mark.filterwarnings("ignore:The argument 'eval_set' is deprecated"),
]


def rmse(predictions, target):
    """Return the root of the mean squared error on observed labels."""
    known = KNOWN[:, target]
    return np.sqrt(((predictions - NEAR_TEN[:, target])[known] ** 2).mean())


# The start


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["unweighted", "weighted"])
def test_the_start_of_the_squared_error_is_the_mean(weight):
    got = XGBoostObjective(ml.mse_loss).start(GAPS, weight)
    columns = [GAPS[KNOWN[:, k], k] for k in (0, 1)]
    weights = [None if weight is None else weight[KNOWN[:, k]] for k in (0, 1)]
    want = [np.average(y, weights=w) for y, w in zip(columns, weights, strict=True)]
    np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_the_start_of_the_quantile_loss_is_a_quantile(q):
    objective = XGBoostObjective(ml.quantile_loss, quantile=q)
    for y in (GAPS, 1e6 * GAPS, GAPS / 1e6):
        below = (y < objective.start(y)).sum(axis=0) / KNOWN.sum(axis=0)
        np.testing.assert_allclose(below, q, atol=1 / KNOWN.sum(axis=0).min())


def test_the_start_of_logits_is_the_log_odds():
    y = np.where(KNOWN, np.median(NEAR_TEN, axis=0) + 0.5 < NEAR_TEN, nan)
    p = np.nanmean(y, axis=0)
    got = XGBoostObjective(BCE).start(mark_missing(y))
    np.testing.assert_allclose(got, np.log(p / (1 - p)), rtol=1e-6)
    one = XGBoostObjective(BCE).start(y[:, 0])
    assert isinstance(one, float)
    assert one == pytest.approx(got[0])


def test_the_start_of_classes_has_their_frequencies():
    y = np.where(KNOWN[:, 0], np.digitize(NEAR_TEN[:, 0], [9.5, 10.5]), nan)
    start = LightGBMObjective(ml.cross_entropy).start(y)
    got = np.exp(start) / np.exp(start).sum()
    np.testing.assert_allclose(got, np.bincount(y[KNOWN[:, 0]].astype(int)) / KNOWN[:, 0].sum())
    assert LightGBMObjective(ml.cross_entropy).start(y, num_class=5).shape == (5,)


@pytest.mark.parametrize(
    "loss",
    [ml.huber_loss, ml.log_cosh_loss, ml.smooth_l1_loss, functools.partial(ml.huber_loss, delta=9)],
    ids=["huber", "log cosh", "smooth l1", "wide huber"],
)
def test_no_constant_near_the_start_has_a_lower_loss(loss):
    objective = XGBoostObjective(loss)
    start, y = objective.start(GAPS), mark_missing(GAPS)
    least = objective.mean(np.broadcast_to(start, y.shape).copy(), y, None)
    for step in ([0.01, 0], [-0.01, 0], [0, 0.01], [0, -0.01]):
        assert objective.mean(np.broadcast_to(start + step, y.shape).copy(), y, None) > least


@pytest.mark.parametrize("loss", [ml.zlpr_loss, ml.softmax_ranking_loss, ml.multi_margin_loss])
def test_the_start_of_rows_lowers_their_loss(loss):
    y = (np.asarray([10.5, -10]) < NEAR_TEN).astype("float64")
    y = y if loss is not ml.multi_margin_loss else np.digitize(NEAR_TEN[:, 0], [9, 11])
    objective = XGBoostObjective(loss)
    start = objective.start(y)
    rows = np.broadcast_to(start, (len(X), len(start))).copy()
    assert objective.mean(rows, y, None) < objective.mean(0 * rows, y, None)


def test_a_loss_that_falls_for_ever_has_a_finite_start():
    got = XGBoostObjective(BCE).start(np.stack([np.ones(9), np.zeros(9), np.full(9, nan)], axis=1))
    assert 5 < got[0] < 50
    assert -50 < got[1] < -5
    assert got[2] == 0


def test_a_start_of_no_label_is_refused():
    for objective in (XGBoostObjective(BCE), XGBoostObjective(ml.cross_entropy)):
        with pytest.raises(ValueError, match="`labels` must hold an observed label"):
            objective.start(np.full(3, nan))
    with pytest.raises(ValueError, match=r"`zlpr_loss` takes rows.*several targets"):
        XGBoostObjective(ml.zlpr_loss).start(np.ones(3))


# Five rounds on targets near 10, beside the library's own objective


def test_xgboost_starts_where_its_own_objective_does():
    objective = XGBoostObjective(ml.mse_loss, weight=0.5)
    params = TREES | objective.params
    data = xgboost.DMatrix(X, mark_missing(GAPS))
    starts = np.tile(objective.start(GAPS), (len(X), 1))
    data.set_base_margin(starts)
    got = xgboost.train(params, data, ROUNDS, obj=objective).predict(data)
    for k in (0, 1):
        y, own = GAPS[:, k], TREES | {"objective": "reg:squarederror"}
        known = xgboost.DMatrix(X[KNOWN[:, k]], y[KNOWN[:, k]])
        want = xgboost.train(own, known, ROUNDS).predict(xgboost.DMatrix(X))
        assert rmse(got[:, k], k) < 1.1 * rmse(want, k)
        one = params | {"base_score": objective.start(y)}
        model = xgboost.XGBRegressor(n_estimators=ROUNDS, objective=objective, **one)
        assert rmse(model.fit(X, mark_missing(y)).predict(X), k) < 1.1 * rmse(want, k)


def test_lightgbm_starts_where_its_own_objective_does():
    objective, y = LightGBMObjective(ml.mse_loss, weight=0.5), GAPS[:, 0]
    known, start = KNOWN[:, 0], objective.start(y)
    own = lightgbm.LGBMRegressor(**LEAVES, n_estimators=ROUNDS).fit(X[known], y[known])
    model = lightgbm.LGBMRegressor(**LEAVES, **objective.params, n_estimators=ROUNDS)
    model.fit(X, mark_missing(y), init_score=np.full(len(X), start))
    assert rmse(model.predict(X) + start, 0) < 1.1 * rmse(own.predict(X), 0)
    at_zero = lightgbm.LGBMRegressor(**LEAVES, **objective.params, n_estimators=ROUNDS)
    assert rmse(at_zero.fit(X, mark_missing(y)).predict(X), 0) > 4 * rmse(own.predict(X), 0)


def test_catboost_starts_where_its_own_objective_does():
    known = KNOWN[:, 0]
    own = catboost.CatBoostRegressor(**DEPTH).fit(X[known], GAPS[known, 0])
    want = rmse(own.predict(X), 0)
    objective = CatBoostObjective(ml.mse_loss, weight=0.5)
    start = objective.start(GAPS[:, 0])
    model = catboost.CatBoostRegressor(**DEPTH, **objective.params)
    model.fit(X, mark_missing(GAPS[:, 0]), baseline=np.full(len(X), start))
    assert rmse(model.predict(X) + start, 0) < 1.1 * want
    known = KNOWN.all(axis=1)
    own = catboost.CatBoostRegressor(**DEPTH, loss_function="MultiRMSE")
    want = rmse(own.fit(X[known], GAPS[known]).predict(X)[:, 0], 0)
    objective = CatBoostMultiObjective(ml.mse_loss, weight=0.5)
    starts = objective.start(GAPS)
    model = catboost.CatBoostRegressor(**DEPTH, **objective.params)
    got = model.fit(X, mark_missing(GAPS - starts)).predict(X) + starts
    assert rmse(got[:, 0], 0) < 1.1 * want
