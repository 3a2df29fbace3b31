"""Objectives for boosted trees, against LightGBM itself."""

import lightgbm
import numpy as np
import pytest
from sklearn.multioutput import MultiOutputRegressor

import maskloss as ml
from helpers.boosting import (
    ANSWERS,
    BCE,
    CLASSES,
    KNOWN,
    LEAVES,
    NUMBERS,
    WEIGHTS,
    X,
    gaps,
    gaps_of_one,
    r2,
)
from maskloss.boosting import (
    LightGBMObjective,
)

pytestmark = [
    # Of LightGBM 4.6 in scikit-learn.
    pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning"),
]


@pytest.mark.parametrize("weight", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize(
    ("objective", "labels", "builtin"),
    [
        (LightGBMObjective(BCE), ANSWERS, "binary"),
        (LightGBMObjective(ml.mse_loss, weight=0.5), NUMBERS, "l2"),
    ],
    ids=["logistic", "squared error"],
)
def test_lightgbm_with_complete_labels_is_its_own_objective(objective, labels, builtin, weight):
    trained = []
    for chosen in (objective.params, {"objective": builtin}):
        data = lightgbm.Dataset(X, label=labels[:, 0], weight=weight)
        trained.append(lightgbm.train({**LEAVES, **chosen}, data, 10).predict(X, raw_score=True))
    np.testing.assert_allclose(*trained, atol=1e-5)


@pytest.mark.parametrize(("loss", "labels"), [(BCE, ANSWERS), (ml.l1_loss, NUMBERS)])
def test_lightgbm_trees_are_those_of_the_rows_where_the_label_is_observed(loss, labels):
    objective, rows, trained = LightGBMObjective(loss), KNOWN[:, 0], []
    for x, y in ((X, gaps_of_one(labels)), (X[rows], labels[rows, 0])):
        data = lightgbm.Dataset(x, label=y)
        trained.append(lightgbm.train({**LEAVES, **objective.params}, data, 10).predict(X))
    np.testing.assert_allclose(*trained, atol=1e-6)


def test_lightgbm_metric_stops_early_at_the_lowest_loss():
    objective, labels, history = LightGBMObjective(BCE), gaps_of_one(ANSWERS), {}
    data = lightgbm.Dataset(X[:300], label=labels[:300].copy())
    held_out = lightgbm.Dataset(X[300:], label=labels[300:].copy(), reference=data)
    stop = [lightgbm.early_stopping(5, verbose=False), lightgbm.record_evaluation(history)]
    params = {**LEAVES, **objective.params, "num_leaves": 60, "learning_rate": 1.0}
    params |= {"min_sum_hessian_in_leaf": 0.001}
    booster = lightgbm.train(
        params, data, 200, valid_sets=[held_out], feval=objective.metric, callbacks=stop
    )
    losses = history["valid_0"]["binary_cross_entropy_with_logits"]
    assert booster.best_iteration == int(np.argmin(losses)) + 1 < 200
    x, y = booster.predict(X[300:]), ANSWERS[300:, 0]
    want = (np.logaddexp(0, x) - y * x)[KNOWN[300:, 0]].mean()
    np.testing.assert_allclose(min(losses), want, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:The argument 'eval_set' is deprecated")
def test_lightgbm_estimator():
    objective, labels = LightGBMObjective(BCE), gaps_of_one(ANSWERS)
    model = lightgbm.LGBMRegressor(**LEAVES, **objective.params, n_estimators=10)
    evaluation = {"eval_set": [(X, labels)], "eval_metric": objective.metric}
    model.fit(X, labels, sample_weight=WEIGHTS, **evaluation)
    data = lightgbm.Dataset(X, label=labels, weight=WEIGHTS)
    booster = lightgbm.train({**LEAVES, **objective.params}, data, 10)
    np.testing.assert_allclose(model.predict(X), booster.predict(X), atol=1e-6)
    (history,) = model.evals_result_.values()
    assert list(history) == ["binary_cross_entropy_with_logits"]


def test_lightgbm_has_a_model_for_each_target():
    objective = LightGBMObjective(ml.mse_loss)
    model = lightgbm.LGBMRegressor(**LEAVES, **objective.params, n_estimators=60)
    got = MultiOutputRegressor(model).fit(X, gaps(NUMBERS)).predict(X)
    assert r2(got, NUMBERS).min() > 0.85


@pytest.mark.parametrize("hessian", [None, 0.5])
def test_lightgbm_classes_with_gaps(hessian):
    objective = LightGBMObjective(ml.cross_entropy, hessian=hessian)
    data = lightgbm.Dataset(X, label=gaps(CLASSES))
    params = {**LEAVES, **objective.params, "num_class": 3}
    evaluation = {"valid_sets": [data], "feval": objective.metric}
    booster = lightgbm.train(params, data, 30, **evaluation)
    right = booster.predict(X).argmax(axis=1) == CLASSES
    assert right[~KNOWN[:, 0]].mean() > 0.85
