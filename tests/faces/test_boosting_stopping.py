"""Early stopping by the metric of an objective, and what the libraries say of marked labels."""

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
LEAVES = {"num_leaves": 8, "verbose": -1, "num_threads": 1, "learning_rate": 0.3}
DEPTH = {"depth": 3, "iterations": 2, "learning_rate": 0.5, "verbose": 0, "thread_count": 1}
DEPTH |= {"allow_writing_files": False, "random_seed": 0}
TREES = {"max_depth": 3, "learning_rate": 0.3, "nthread": 1}
BCE = ml.binary_cross_entropy_with_logits

pytestmark = [
    pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning"),
    pytest.mark.filterwarnings("ignore:The argument 'eval_set' is deprecated"),
]


def test_lightgbm_estimator_stops_early_by_the_metric_of_the_objective():
    objective, y = LightGBMObjective(ml.mse_loss), mark_missing(GAPS[:, 0])
    model = lightgbm.LGBMRegressor(**LEAVES, **objective.params, n_estimators=300)
    stop = lightgbm.early_stopping(10, verbose=False)
    evaluation = {"eval_set": [(X[400:], y[400:])], "eval_metric": objective.metric}
    model.fit(X[:400], y[:400], callbacks=[stop], **evaluation)
    losses = model.evals_result_["valid_0"]
    assert list(losses) == ["mse_loss"]
    assert 10 < model.best_iteration_ == int(np.argmin(losses["mse_loss"])) + 1


def test_lightgbm_estimator_with_a_metric_of_its_own_is_refused():
    """LightGBM 4.7 adds l2, which missing labels dominate, and stops by it at the first tree."""
    objective, y = LightGBMObjective(ml.mse_loss), mark_missing(GAPS[:, 0])
    model = lightgbm.LGBMRegressor(**LEAVES, objective=objective)
    evaluation = {"eval_set": [(X, y)], "eval_metric": objective.metric}
    with pytest.raises(ValueError, match=r"its own metric l2.*\*\*objective\.params"):
        model.fit(X, y, **evaluation)
    complete = NEAR_TEN[:, 0]
    model.fit(X, complete, eval_set=[(X, complete)], eval_metric=objective.metric)
    data = lightgbm.Dataset(X, label=y)
    params = LEAVES | objective.params | {"metric": "rmse"}
    with pytest.raises(ValueError, match="its own metric rmse"):
        lightgbm.train(params, data, 3, valid_sets=[data], feval=objective.metric)


@pytest.mark.parametrize("metric", [None, "l1", ["l1", "rmse"]])
def test_lightgbm_estimator_that_evaluates_its_own_metrics_alone_is_refused(metric):
    objective, y = LightGBMObjective(ml.mse_loss), mark_missing(GAPS[:, 0])
    model = lightgbm.LGBMRegressor(**LEAVES, objective=objective)
    with pytest.raises(ValueError, match=r"its own metric l.*eval_metric=objective\.metric"):
        model.fit(X, y, eval_set=[(X, y)], eval_metric=metric)
    model.fit(X, y)
    model.fit(X, y, eval_set=[(X, NEAR_TEN[:, 0])], eval_metric=metric)


def test_lightgbm_train_and_cv_with_its_own_metrics_alone_are_refused():
    objective = LightGBMObjective(ml.mse_loss)
    data = lightgbm.Dataset(X, label=mark_missing(GAPS[:, 0]), free_raw_data=False)
    params = LEAVES | objective.params | {"metric": "rmse"}
    with pytest.raises(ValueError, match="its own metric rmse"):
        lightgbm.train(params, data, 3, valid_sets=data)
    with pytest.raises(ValueError, match="its own metric rmse"):
        lightgbm.cv(params, data, 3, stratified=False)
    start = lightgbm.train(params, data, 3)
    with pytest.raises(ValueError, match="its own metric rmse"):
        lightgbm.train(params, data, 3, valid_sets=data, init_model=start)


@pytest.mark.parametrize("labels", [GAPS[:, 0], GAPS], ids=["one target", "two targets"])
def test_xgboost_that_evaluates_its_own_metrics_alone_is_refused(labels):
    """XGBoost 3.2 adds rmse, which missing labels dominate, and stops by it at the first tree."""
    objective, y = XGBoostObjective(ml.mse_loss), mark_missing(labels)
    data = xgboost.DMatrix(X, y)
    for params in ({}, objective.params | {"eval_metric": "rmse"}):
        model = xgboost.XGBRegressor(**TREES | {"objective": objective} | params)
        with pytest.raises(ValueError, match=r"its own metric rmse.*eval_metric=objective\.metric"):
            model.fit(X, y, eval_set=[(X, y)], verbose=False)
        model.fit(X, y)
        with pytest.raises(ValueError, match="its own metric rmse"):
            xgboost.train(TREES | params, data, 3, obj=objective, evals=[(data, "data")])
    for metric in ("rmse", "mae"):
        with pytest.raises(ValueError, match=f"its own metric {metric},"):
            xgboost.cv(TREES, data, 3, obj=objective, metrics=metric)
    with pytest.raises(ValueError, match="its own metric rmse,"):
        xgboost.cv(TREES, data, 3, obj=objective)
    xgboost.train([*TREES.items()], data, 3, obj=objective)


@pytest.mark.parametrize(
    ("make", "labels", "metric"),
    [
        (CatBoostObjective, GAPS[:40, 0], "RMSE"),
        (CatBoostMultiObjective, GAPS[:40], "MultiRMSE"),
        (CatBoostMultiObjective, GAPS[:40], "MultiRMSEWithMissingValues"),
    ],
)
def test_catboost_that_stops_by_a_metric_of_its_own_is_refused(make, labels, metric):
    """CatBoost 1.2 needs a metric beside an objective, and keeps the trees of its best value."""
    objective, rows, y = make(ml.mse_loss), X[:40], mark_missing(labels)
    params = DEPTH | objective.params | {"eval_metric": metric}
    model, says = catboost.CatBoostRegressor(**params), rf"its own metric {metric}, .*\*\*objective"
    complete = NEAR_TEN[:40, 0] if labels.ndim == 1 else NEAR_TEN[:40]
    model.fit(rows, y, eval_set=(rows, complete))
    model.fit(rows, y)
    for _ in range(2):
        with pytest.raises(catboost.CatBoostError, match=says):
            model.fit(rows, y, eval_set=[(rows, complete), (rows, y)])
    with pytest.raises(catboost.CatBoostError, match=says):
        model.fit(rows, complete, eval_set=(rows, y))
    if labels.ndim == 1:
        with pytest.raises(catboost.CatBoostError, match=says):
            catboost.cv(catboost.Pool(rows, y), params, fold_count=2, verbose=False)


def test_xgboost_stops_early_by_the_metric_of_the_objective():
    objective, y = XGBoostObjective(ml.mse_loss), mark_missing(GAPS)
    data, held_out = xgboost.DMatrix(X[:400], y[:400]), xgboost.DMatrix(X[400:], y[400:])
    history = {}
    for params in (objective.params, {}):  # without, XGBoost shows its own rmse as well
        booster = xgboost.train(
            TREES | params,
            data,
            300,
            obj=objective,
            custom_metric=objective.metric,
            evals=[(held_out, "held_out")],
            early_stopping_rounds=10,
            evals_result=history,
            verbose_eval=False,
        )
        losses = history["held_out"]["mse_loss"]
        assert 10 < booster.best_iteration == int(np.argmin(losses))


# What the libraries print


def test_catboost_prints_nothing_of_what_marks_a_missing_label(capfd):
    for objective, y in (
        (CatBoostObjective(ml.mse_loss), GAPS[:, 0]),
        (CatBoostMultiObjective(ml.mse_loss), GAPS[:50]),
    ):
        model = catboost.CatBoostRegressor(**DEPTH | {"iterations": 2}, **objective.params)
        model.fit(X[: len(y)], mark_missing(y))
    assert capfd.readouterr() == ("", "")


def test_classifiers_refuse_marked_labels_in_words_of_their_own():
    y = mark_missing(np.where(KNOWN[:, 0], NEAR_TEN[:, 0] > 10, nan))
    with pytest.raises(ValueError, match="Invalid classes inferred"):
        xgboost.XGBClassifier(objective=XGBoostObjective(BCE)).fit(X, y)
    with pytest.raises(ValueError, match="Unknown label type"):
        lightgbm.LGBMClassifier(**LEAVES, **LightGBMObjective(BCE).params).fit(X, y)
