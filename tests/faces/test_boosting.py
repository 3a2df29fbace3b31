"""Objectives for boosted trees, against XGBoost, LightGBM and CatBoost themselves."""

import contextlib
import copy
import functools
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import catboost
import lightgbm
import numpy as np
import pytest
import xgboost
from numpy import nan
from sklearn.base import clone
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.multioutput import MultiOutputRegressor

import maskloss as ml
from helpers import pages
from maskloss import boosting
from maskloss._public import records
from maskloss.boosting import (
    MISSING,
    CatBoostMultiObjective,
    CatBoostObjective,
    LightGBMObjective,
    XGBoostObjective,
    mark_missing,
)

ROOT = Path(__file__).parents[2]
BCE = ml.binary_cross_entropy_with_logits
# What some losses need besides predictions and labels.
REQUIRED = {
    ml.gaussian_nll_loss: {"var": 0.5},
    ml.large_loss: {"fraction": 0.1},
    ml.multilabel_margin_loss: {"multi_hot": True},  # classes as labels have to be integers
}
# All that boosting takes: losses whose entries are elements, and rows along the last axis.
ELEMENTWISE = [
    ml.assume_negative_loss,
    ml.asymmetric_loss,
    BCE,
    ml.entropy_maximization_loss,
    ml.gaussian_nll_loss,
    ml.hill_loss,
    ml.hinge_loss,
    ml.huber_loss,
    ml.l1_loss,
    ml.large_loss,
    ml.log_cosh_loss,
    ml.mse_loss,
    ml.poisson_nll_loss,
    ml.poly_loss,
    ml.quantile_loss,
    ml.selective_asymmetric_loss,
    ml.sigmoid_focal_loss,
    ml.smooth_l1_loss,
    ml.soft_margin_loss,
    ml.splc_loss,
    ml.squared_hinge_loss,
]
ROWWISE = [
    ml.cosine_similarity_loss,
    ml.cross_entropy,
    ml.generalized_cross_entropy_loss,
    ml.multi_margin_loss,
    ml.multilabel_margin_loss,
    ml.multilabel_soft_margin_loss,
    ml.pairwise_logistic_loss,
    ml.partial_bce_loss,
    ml.softmax_focal_loss,
    ml.softmax_ranking_loss,
    ml.zlpr_loss,
]
OBJECTIVES = [XGBoostObjective, LightGBMObjective, CatBoostObjective, CatBoostMultiObjective]
# Few values per feature, each on either side of every gap, so that bins do not depend on the rows.
RNG = np.random.default_rng(0)
X = RNG.integers(0, 8, (600, 4)).astype("float64")
NUMBERS = np.stack([X[:, 0] - X[:, 1], X[:, 2] + X[:, 0] * X[:, 3] / 4], axis=1)
NUMBERS += 0.3 * RNG.normal(size=NUMBERS.shape)
MEDIANS = np.median(NUMBERS, axis=0)
ANSWERS = (NUMBERS > MEDIANS).astype("float64")
CLASSES = np.digitize(NUMBERS[:, 0], [-2, 2])
WEIGHTS = RNG.uniform(0.5, 2, len(X))
KNOWN = np.stack([np.arange(600) % 2 == 0, np.arange(600) % 2 == 1], axis=1)
TREES = {"max_depth": 3, "learning_rate": 0.3, "min_child_weight": 5, "lambda": 2, "nthread": 1}
LEAVES = {"num_leaves": 8, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 5, "verbose": -1}
LEAVES |= {"num_threads": 1, "min_data_in_bin": 1, "boost_from_average": False, "lambda_l2": 2}
DEPTH = {"depth": 3, "iterations": 20, "learning_rate": 0.5, "verbose": 0, "thread_count": 1}
DEPTH |= {"allow_writing_files": False, "random_seed": 0}

pytestmark = [
    pytest.mark.filterwarnings("ignore:Failed to import numba:UserWarning"),
    # Of LightGBM 4.6 in scikit-learn.
    pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning"),
]


def gaps(labels):
    return mark_missing(labels, mask=KNOWN if labels.ndim == 2 else KNOWN[:, 0])


def gaps_of_one(labels):
    return mark_missing(labels[:, 0], mask=KNOWN[:, 0])


def labels_for(loss, shape):
    domain = loss.record.inputs.domains[1]
    values = domain.values or [v for v in (-3.0, 0.0, 1.0, 2.5) if domain.low <= v <= domain.high]
    return np.random.default_rng(1).choice(values, shape)


def xgboost_matrix(labels, rows=slice(None), weight=None):
    weight = None if weight is None else weight[rows]
    return xgboost.DMatrix(X[rows], label=labels[rows], weight=weight)


def train_xgboost(objective, data, rounds=10, **params):
    return xgboost.train(
        {**TREES, **objective.params, **params}, data, rounds, obj=objective, verbose_eval=False
    )


def r2(prediction, numbers):
    return 1 - ((prediction - numbers) ** 2).mean(axis=0) / numbers.var(axis=0)


# Derivatives


@pytest.mark.parametrize("loss", ELEMENTWISE, ids=lambda loss: loss.__name__)
def test_derivatives_are_those_of_the_sum_over_what_is_observed(loss):
    shape, rng = (40, 3), np.random.default_rng(2)
    predictions, labels = rng.normal(size=shape), labels_for(loss, shape)
    mask = rng.uniform(size=shape) < 0.6
    weight = rng.uniform(0.5, 2, len(labels))
    marked = mark_missing(labels, mask=mask)
    objective = XGBoostObjective(loss, **REQUIRED.get(loss, {}))
    gradient, hessian = objective(marked, predictions, sample_weight=weight)
    keywords = {"mask": mask, "weight": weight[:, None], "reduction": "sum"}
    want, curvature = ml.grad_and_hessian(loss)(
        predictions, marked, **keywords, **REQUIRED.get(loss, {})
    )
    np.testing.assert_array_equal(gradient, want)
    assert gradient.shape == hessian.shape == shape
    assert (hessian[mask] > 0).all()
    assert (hessian[~mask] == 0).all()
    assert (gradient[~mask] == 0).all()
    is_plain = mask & (curvature > 1e-10)
    np.testing.assert_allclose(hessian[is_plain], curvature[is_plain], rtol=1e-6)


def test_every_loss_is_trained_on_or_refused():
    losses = [record.function for record in records() if record.inputs is not None]
    taken = set()
    for loss in losses:
        with contextlib.suppress(TypeError, ValueError):
            XGBoostObjective(loss, **REQUIRED.get(loss, {}))
            taken.add(loss)
    assert taken == {*ELEMENTWISE, *ROWWISE}


@pytest.mark.parametrize("loss", [*ELEMENTWISE, *ROWWISE], ids=lambda loss: loss.__name__)
def test_trees_lower_the_loss(loss):
    objective = XGBoostObjective(loss, **REQUIRED.get(loss, {}))
    low = loss.record.inputs.domains[1].values[:1] or (0,)
    labels = np.where(ANSWERS == 1, 1, min(low))
    settings, history = {}, {}
    if loss is ml.multi_margin_loss:
        labels, settings = CLASSES, {"num_class": 3}
    elif loss is ml.cosine_similarity_loss:
        settings = {"base_score": 0.5}  # at 0 a row has no direction
    data = xgboost_matrix(gaps(labels) if loss in ELEMENTWISE else labels)
    xgboost.train(
        {**TREES, **objective.params, **settings},
        data,
        20,
        obj=objective,
        custom_metric=objective.metric,
        evals=[(data, "all")],
        evals_result=history,
        verbose_eval=False,
    )
    (losses,) = history["all"].values()
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("poison", [nan, np.inf, -np.inf, 1e30])
def test_what_a_prediction_is_where_no_label_is_has_no_effect(poison):
    labels = np.asarray([[1.0, MISSING], [MISSING, 0.0]], "float32")
    predictions = np.asarray([[0.5, -1.0], [2.0, 3.0]], "float32")
    objective = XGBoostObjective(BCE)
    want = objective(labels, predictions)
    got = objective(labels, np.where(labels == MISSING, np.float32(poison), predictions))
    np.testing.assert_array_equal(got, want)


def test_the_hessian_of_a_loss_that_bends_down_is_its_size():
    loss = functools.partial(ml.sigmoid_focal_loss, gamma=2.0)
    x, y = np.linspace(-6, 6, 25), np.ones(25)
    _, curvature = ml.grad_and_hessian(loss)(x, y, reduction="sum")
    assert curvature.min() < 0
    _, hessian = LightGBMObjective(loss)(y, x)
    np.testing.assert_allclose(hessian, abs(curvature))


@pytest.mark.parametrize("loss", [ml.l1_loss, ml.quantile_loss, ml.hinge_loss])
def test_the_hessian_of_a_loss_without_curvature_is_the_weight(loss):
    y = np.where(np.arange(6) % 3 == 0, np.float32(MISSING), np.float32(1))
    weight = np.arange(6.0)
    _, hessian = LightGBMObjective(loss)(y, np.zeros(6), weight)
    np.testing.assert_array_equal(hessian, np.where(y == MISSING, 0, weight))


def test_a_constant_hessian_counts_as_often_as_the_weight_says():
    y = np.asarray([1, MISSING, 0], "float32")
    objective = LightGBMObjective(BCE, hessian=0.25, weight=2.0)
    _, hessian = objective(y, np.zeros(3), np.asarray([1.0, 1.0, 3.0]))
    np.testing.assert_array_equal(hessian, [0.5, 0, 1.5])


def test_a_weight_of_targets_multiplies_that_of_rows():
    y, x = np.asarray([[1.0, 3.0], [2.0, 0.0]]), np.zeros((2, 2))
    objective = XGBoostObjective(ml.mse_loss, weight=np.asarray([[0.5, 1.0]]))
    gradient, hessian = objective(y, x, sample_weight=np.asarray([1.0, 3.0]))
    np.testing.assert_array_equal(gradient, [[-1, -6], [-6, 0]])
    np.testing.assert_array_equal(hessian, [[1, 2], [3, 6]])


def test_a_partial_loss_is_one_with_its_keywords():
    y, x = np.asarray([5.0, -9.0, MISSING]), np.zeros(3)
    loss = functools.partial(ml.huber_loss, delta=2.0, weight=0.5)
    loss = functools.partial(loss, delta=1.0, missing=-9)
    same = LightGBMObjective(ml.huber_loss, delta=1.0, weight=0.5, missing=-9)
    got = LightGBMObjective(loss)
    np.testing.assert_array_equal(got(y, x), same(y, x))
    np.testing.assert_array_equal(got(y, x), [[-0.5, 0, 0], [0.5, 0, 0]])
    assert got.metric(y, x) == same.metric(y, x) == ("huber_loss", 4.5, False)


# XGBoost


@pytest.mark.parametrize("weight", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize(
    ("objective", "labels", "builtin"),
    [
        (XGBoostObjective(BCE), ANSWERS, {"objective": "binary:logistic", "base_score": 0.5}),
        (
            XGBoostObjective(ml.mse_loss, weight=0.5),
            NUMBERS,
            {"objective": "reg:squarederror", "base_score": 0.0},
        ),
    ],
    ids=["logistic", "squared error"],
)
def test_xgboost_with_complete_labels_is_its_own_objective(objective, labels, builtin, weight):
    data = xgboost_matrix(labels, weight=weight)
    got = train_xgboost(objective, data).predict(data, output_margin=True)
    own = xgboost.train({**TREES, **builtin}, data, 10)
    np.testing.assert_allclose(got, own.predict(data, output_margin=True), atol=1e-5)


@pytest.mark.parametrize("weight", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_xgboost_with_complete_classes_is_its_own_softmax(weight):
    data = xgboost_matrix(CLASSES, weight=weight)
    got = train_xgboost(XGBoostObjective(ml.cross_entropy), data, num_class=3)
    own = {"objective": "multi:softprob", "num_class": 3, "base_score": 0.0}
    own = xgboost.train({**TREES, **own}, data, 10)
    want = own.predict(data, output_margin=True)
    np.testing.assert_allclose(got.predict(data, output_margin=True), want, atol=1e-5)


@pytest.mark.parametrize(
    ("loss", "labels"), [(BCE, ANSWERS), (ml.mse_loss, NUMBERS), (ml.huber_loss, NUMBERS)]
)
@pytest.mark.parametrize("weight", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_trees_of_one_output_are_those_of_the_rows_where_it_is_observed(loss, labels, weight):
    objective = XGBoostObjective(loss)
    data = xgboost_matrix(gaps(labels), weight=weight)
    both = train_xgboost(objective, data, **{"lambda": 0, "min_child_weight": 1})
    got = both.predict(data)
    for target in range(2):
        rows = KNOWN[:, target]
        part = xgboost_matrix(labels[:, target], rows, weight)
        alone = train_xgboost(objective, part, **{"lambda": 0, "min_child_weight": 1})
        np.testing.assert_allclose(got[:, target], alone.predict(data), atol=1e-4)


@pytest.mark.parametrize("strategy", ["one_output_per_tree", "multi_output_tree"])
def test_half_of_the_labels_fit_each_target_as_well_as_two_models_of_complete_rows(strategy):
    objective = XGBoostObjective(ml.mse_loss)
    data = xgboost_matrix(gaps(NUMBERS))
    both = train_xgboost(objective, data, 60, multi_strategy=strategy)
    got = r2(both.predict(data), NUMBERS)  # of all labels, those not seen too
    for target in range(2):
        part = xgboost_matrix(NUMBERS[:, target], KNOWN[:, target])
        alone = xgboost.train(TREES, part, 60)
        assert got[target] > r2(alone.predict(data), NUMBERS[:, target]) - 0.03
    assert got.min() > 0.9


@pytest.mark.parametrize("strategy", ["one_output_per_tree", "multi_output_tree"])
def test_a_target_without_a_label_stays_where_it_starts(strategy):
    labels = np.stack([NUMBERS[:, 0], np.full(len(X), nan)], axis=1)
    data = xgboost_matrix(mark_missing(labels))
    settings = {"multi_strategy": strategy, "lambda": 0}
    booster = train_xgboost(XGBoostObjective(ml.mse_loss), data, **settings)
    predictions = booster.predict(data)
    assert r2(predictions[:, 0], NUMBERS[:, 0]) > 0.8
    assert (predictions[:, 1] == 0).all()


def test_xgboost_metric_counts_what_is_observed():
    objective = XGBoostObjective(BCE)
    data = xgboost_matrix(gaps(ANSWERS), weight=WEIGHTS)
    predictions = RNG.normal(size=ANSWERS.shape).astype("float32")
    name, value = objective.metric(predictions, data)
    losses = np.logaddexp(0, predictions) - ANSWERS * predictions
    want = np.average(losses[KNOWN], weights=np.broadcast_to(WEIGHTS[:, None], KNOWN.shape)[KNOWN])
    assert name == "binary_cross_entropy_with_logits"
    np.testing.assert_allclose(value, want, rtol=1e-6)
    assert objective.metric(gaps(ANSWERS), predictions, sample_weight=WEIGHTS) == value


def test_xgboost_stops_early_at_the_lowest_loss():
    objective = XGBoostObjective(BCE)
    train = xgboost_matrix(gaps(ANSWERS), slice(0, 300))
    held_out = xgboost_matrix(gaps(ANSWERS), slice(300, 600))
    history = {}
    booster = xgboost.train(
        {**TREES, **objective.params, "max_depth": 8, "learning_rate": 1.0, "min_child_weight": 0},
        train,
        200,
        obj=objective,
        custom_metric=objective.metric,
        evals=[(held_out, "validation")],
        early_stopping_rounds=5,
        evals_result=history,
        verbose_eval=False,
    )
    losses = history["validation"]["binary_cross_entropy_with_logits"]
    assert booster.best_iteration == int(np.argmin(losses))
    assert len(losses) == booster.best_iteration + 6 < 200


def test_a_loss_that_bends_down_is_fitted():
    """From a start at which XGBoost clips every Hessian to 0, and makes no split."""
    labels, objective = gaps(ANSWERS), XGBoostObjective(ml.hill_loss)
    data = xgboost_matrix(labels)
    booster = train_xgboost(objective, data, 40, base_score=-3.0)
    right = (booster.predict(data) > booster.predict(data).mean(axis=0)) == ANSWERS
    assert right[~KNOWN].mean() > 0.8


def test_quantiles_of_what_is_observed_are_fitted():
    objective = XGBoostObjective(ml.quantile_loss, quantile=0.9)
    data = xgboost_matrix(gaps(NUMBERS))
    booster = train_xgboost(objective, data, 100)
    share = (booster.predict(data) > NUMBERS)[KNOWN].mean()
    assert 0.85 < share < 0.95


def test_no_name_makes_xgboost_look_for_the_highest_loss():
    assert not [n for n in ml.__all__ if n.startswith(("auc", "pre", "map", "ndcg"))]


def test_xgboost_estimator():
    objective = XGBoostObjective(BCE)
    params = {**objective.params, "n_estimators": 10, "eval_metric": objective.metric}
    model = xgboost.XGBRegressor(objective=objective, **TREES, **params)
    labels = gaps(ANSWERS)
    model.fit(X, labels, sample_weight=WEIGHTS, eval_set=[(X, labels)], verbose=False)
    data = xgboost_matrix(labels, weight=WEIGHTS)
    want = train_xgboost(objective, data).predict(data)
    np.testing.assert_allclose(model.predict(X), want, atol=1e-6)
    (history,) = model.evals_result().values()
    assert list(history) == ["binary_cross_entropy_with_logits"]
    again = clone(model).fit(X, labels, sample_weight=WEIGHTS, eval_set=[(X, labels)], verbose=0)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_a_cross_validation_of_labels_with_gaps():
    objective = XGBoostObjective(BCE)
    model = xgboost.XGBRegressor(objective=objective, **TREES, **objective.params, n_estimators=20)

    def score(labels, logits):
        return ml.masked_score(roc_auc_score, labels, logits, missing=MISSING)

    scores = cross_val_score(model, X, gaps(ANSWERS), scoring=make_scorer(score), cv=3)
    assert scores.min() > 0.9


def test_a_number_that_means_missing_stays_as_it_is():
    labels = np.where(KNOWN, ANSWERS, -1)
    data, marked = xgboost_matrix(labels), xgboost_matrix(gaps(ANSWERS))
    got = train_xgboost(XGBoostObjective(BCE, missing=-1), data).predict(data)
    np.testing.assert_array_equal(got, train_xgboost(XGBoostObjective(BCE), marked).predict(data))


def test_classes_with_gaps():
    data = xgboost_matrix(gaps(CLASSES))
    booster = train_xgboost(XGBoostObjective(ml.cross_entropy), data, 30, num_class=3)
    right = booster.predict(data, output_margin=True).argmax(axis=1) == CLASSES
    assert right[~KNOWN[:, 0]].mean() > 0.85


def test_probabilities_of_classes_with_gaps():
    shares = np.eye(3)[CLASSES] * 0.9 + 0.1 / 3
    known = np.arange(len(X)) % 2 == 0
    labels = mark_missing(np.where(known[:, None] | [[True, False, False]], shares, nan))
    objective, hard = XGBoostObjective(ml.cross_entropy), np.zeros(shares.shape)
    gradient, hessian = objective(labels, hard)
    assert (gradient[~known] == 0).all()
    assert (hessian[~known] == 0).all()
    np.testing.assert_allclose(gradient[known], 1 / 3 - shares[known])
    np.testing.assert_allclose(hessian[known], 2 * (1 / 3) * (2 / 3))
    booster = train_xgboost(objective, xgboost_matrix(labels), 30)
    right = booster.predict(xgboost.DMatrix(X), output_margin=True).argmax(axis=1) == CLASSES
    assert right[~known].mean() > 0.85


# LightGBM


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


# CatBoost


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


# Labels


@pytest.mark.parametrize("labels", [[1, 0, -1], [1.0, nan, -1.0]])
def test_marked_labels_are_exact_in_float32(labels):
    marked = mark_missing(np.asarray(labels), missing=-1)
    assert marked.dtype == np.float32
    want = [MISSING if y == -1 or y != y else y for y in labels]
    assert marked.tolist() == want


def test_no_library_changes_what_marks_a_missing_label():
    labels = mark_missing(np.asarray([1.0, nan, 0.0]))
    x = np.zeros((3, 1))
    np.testing.assert_array_equal(xgboost.DMatrix(x, label=labels).get_label(), labels)
    np.testing.assert_array_equal(lightgbm.Dataset(x, label=labels).construct().get_label(), labels)
    np.testing.assert_array_equal(catboost.Pool(x, labels).get_label(), labels)


def test_why_missing_labels_are_marked():
    x, labels = np.zeros((3, 1)), np.asarray([1.0, nan, 0.0])
    with pytest.raises(xgboost.core.XGBoostError, match="Label contains NaN"):
        xgboost.DMatrix(x, label=labels)
    assert lightgbm.Dataset(x, label=labels).construct().get_label()[1] == 0
    model = catboost.CatBoostRegressor(**DEPTH, **CatBoostObjective(BCE).params)
    with pytest.raises(catboost.CatBoostError, match=r"not allows? nan"):
        model.fit(X[:3], labels)


def test_a_mask_of_rows_and_numpy_ma_count():
    labels = np.ma.masked_array([[1, 0], [1, 1]], [[False, True], [False, False]])
    got = mark_missing(labels, mask=np.asarray([[True], [False]]))
    assert (got == MISSING).tolist() == [[False, True], [True, True]]


# Mistakes


@pytest.mark.parametrize(
    ("labels", "missing", "error", "says"),
    [
        ([[1, None]], None, TypeError, "`labels` must be a DataFrame.*got list; convert it"),
        (np.zeros((2, 2, 2)), None, ValueError, r"`labels` must have .* got shape \(2, 2, 2\)"),
        (np.zeros((2, 0)), None, ValueError, "`labels` must have label columns"),
        (np.zeros(2, bool), -1, ValueError, "cannot occur in `labels`"),
    ],
)
def test_labels_that_cannot_be_marked(labels, missing, error, says):
    with pytest.raises(error, match=says):
        mark_missing(labels, missing=missing)


@pytest.mark.parametrize("make", OBJECTIVES)
@pytest.mark.parametrize(
    ("args", "kwargs", "error", "says"),
    [
        ((np.square,), {}, TypeError, "`loss` must be a loss of maskloss"),
        ((functools.partial(BCE, X),), {}, TypeError, "`loss` must be a loss of maskloss"),
        ((ml.binary_cross_entropy,), {}, ValueError, "binary_cross_entropy.*loss of logits"),
        ((ml.kl_div,), {}, ValueError, "log-probabilities.*cross_entropy"),
        ((ml.nll_loss,), {}, ValueError, "log-probabilities.*cross_entropy"),
        ((ml.gaussian_nll_loss,), {}, TypeError, "needs `var` besides.*one number"),
        ((ml.role_loss,), {}, TypeError, "needs `estimates` and `expected_positives`"),
        ((ml.dice_loss,), {}, ValueError, "the overlap of a whole.*take a loss of elements"),
        ((ml.dice_loss,), {"spatial_axes": (0,)}, ValueError, "axis of the samples"),
        ((ml.two_way_loss,), {}, ValueError, "compares the samples of a batch"),
        ((ml.nnpu_loss,), {"prior": 0.3}, ValueError, "means over the positive"),
        ((ml.linear_cross_entropy,), {}, ValueError, "one array of them"),
        ((ml.MultiObjective({"a": ml.Head(BCE)}),), {}, ValueError, "one array of them"),
        ((BCE,), {"missing": nan}, ValueError, "mark_missing"),
        ((BCE,), {"missing": (-1, nan)}, ValueError, "mark_missing"),
        ((BCE,), {"reduction": "mean"}, TypeError, "`reduction`.*set by the objective"),
        ((functools.partial(BCE, mask=True),), {}, TypeError, "`mask`.*set by the objective"),
        ((ml.huber_loss,), {"detla": 2}, TypeError, "`detla` of `huber_loss` is none"),
        ((BCE,), {"weight": np.ones(3)}, ValueError, r"`weight` .*got \(3,\)"),
        ((BCE,), {"hessian": 0}, ValueError, "`hessian` must be a number above 0"),
        ((BCE,), {"hessian": nan}, ValueError, "`hessian` must be a number above 0"),
        ((BCE,), {"hessian": "absolute"}, ValueError, "`hessian` must be a number above 0"),
    ],
)
def test_mistakes(make, args, kwargs, error, says):
    with pytest.raises(error, match=says):
        make(*args, **kwargs)


@pytest.mark.parametrize("make", [CatBoostObjective, CatBoostMultiObjective])
def test_catboost_asks_for_some_samples_at_a_time(make):
    with pytest.raises(ValueError, match=r"some samples at a time.*large is decided over a whole"):
        make(ml.large_loss, fraction=0.1)


def test_rows_of_one_prediction_are_refused():
    data = xgboost_matrix(CLASSES)
    with pytest.raises(ValueError, match=r"`cross_entropy` is of rows.*set `num_class`"):
        train_xgboost(XGBoostObjective(ml.cross_entropy), data)
    with pytest.raises(ValueError, match=r"`zlpr_loss` is of rows.*several targets"):
        train_xgboost(XGBoostObjective(ml.zlpr_loss), xgboost_matrix(ANSWERS[:, 0]))
    with pytest.raises(ValueError, match="set `num_class`"):
        LightGBMObjective(ml.cross_entropy)(CLASSES, np.zeros(len(X)))
    with pytest.raises(ValueError, match="take CatBoostMultiObjective"):
        CatBoostObjective(ml.zlpr_loss).calc_ders_range(np.zeros(3), np.ones(3), None)


@pytest.mark.parametrize(
    "of", [lambda objective: objective, lambda objective: objective.metric], ids=["it", "metric"]
)
def test_the_objective_of_the_other_library_is_named(of):
    matrix, data = xgboost_matrix(ANSWERS[:, 0]), lightgbm.Dataset(X, label=ANSWERS[:, 0])
    data.construct()
    with pytest.raises(TypeError, match="for XGBoost got data of LightGBM; take LightGBMObjective"):
        of(XGBoostObjective(BCE))(np.zeros(len(X)), data)
    with pytest.raises(TypeError, match="for LightGBM got data of XGBoost; take XGBoostObjective"):
        of(LightGBMObjective(BCE))(np.zeros(len(X)), matrix)


def test_a_loss_in_place_of_an_objective_is_told_which():
    with pytest.raises(TypeError, match=r"got xgboost\.DMatrix; take .*XGBoostObjective"):
        xgboost.train(TREES, xgboost_matrix(ANSWERS), 1, obj=BCE)
    data = lightgbm.Dataset(X, label=ANSWERS[:, 0])
    with pytest.raises(TypeError, match=r"got lightgbm\.Dataset; take .*LightGBMObjective"):
        lightgbm.train({**LEAVES, "objective": BCE}, data, 1)


def test_a_label_that_cannot_be_meant_is_refused():
    with pytest.raises(ValueError, match=r"`labels` must be in .*got 2"):
        train_xgboost(XGBoostObjective(BCE), xgboost_matrix(ANSWERS * 2))
    with pytest.raises(ValueError, match=r"class indices, got 1\.5"):
        train_xgboost(
            XGBoostObjective(ml.cross_entropy), xgboost_matrix(CLASSES * 1.5), num_class=3
        )


def test_the_mean_of_no_label_is_refused():
    with pytest.raises(ValueError, match="no label of the evaluation data is observed"):
        XGBoostObjective(BCE).metric(np.full(3, MISSING), np.zeros(3))
    with pytest.raises(ValueError, match="no label of the evaluation data is observed"):
        LightGBMObjective(BCE).metric(np.ones(3), np.zeros(3), np.zeros(3))
    with pytest.raises(ValueError, match="no label of the evaluation data is observed"):
        CatBoostObjective(BCE).metric.evaluate((np.zeros(3),), np.full(3, MISSING), None)


# As objects


@pytest.mark.parametrize("make", OBJECTIVES)
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_objectives_and_metrics_can_be_copied(make, copied):
    objective = make(ml.huber_loss, delta=2.0, weight=0.5, missing=-9)
    for one in (objective, objective.metric.objective, copied(objective.metric).objective):
        again = copied(one)
        x, y = np.asarray([[0.0, 1.0]]), np.asarray([[5.0, -9.0]])
        np.testing.assert_array_equal(again.derivatives(x, y, None), one.derivatives(x, y, None))


@pytest.mark.parametrize("make", OBJECTIVES)
def test_objectives_and_metrics_say_what_they_are(make):
    objective = make(ml.huber_loss, delta=2.0, missing=-9)
    want = f"{make.__name__}(huber_loss, delta=2.0, missing=-9)"
    assert repr(objective) == want
    assert repr(objective.metric) == f"{type(objective.metric).__name__}({want})"


def test_scikit_learn_clones_what_catboost_copies():
    objective = CatBoostObjective(ml.mse_loss)
    model = clone(catboost.CatBoostRegressor(**DEPTH, **objective.params))
    assert model.get_params()["loss_function"] is objective


@pytest.mark.parametrize("name", boosting.__all__)
def test_every_public_name_is_documented(name):
    value = getattr(boosting, name)
    if name != "MISSING":
        text = inspect.getdoc(value)
        assert "\nParameters\n" in text
        assert "**" not in text.replace("**options :", "").replace("**options\n", "")


def test_importing_loads_no_boosting_library():
    code = "import maskloss.boosting, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert not {"xgboost", "lightgbm", "catboost", "sklearn"} & set(done.stdout.split())


def test_an_absent_library_is_asked_for():
    code = "import sys; sys.modules['catboost'] = None; from maskloss import boosting; "
    for name in ("CatBoostMultiObjective", "no_such_name"):
        command = [sys.executable, "-c", code + f"boosting.{name}"]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        wanted = {"CatBoostMultiObjective": "pip install catboost"}
        assert wanted.get(name, "has no attribute") in done.stderr


def test_the_page_runs():
    pages.run("docs/faces/boosting.md")
