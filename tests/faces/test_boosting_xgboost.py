"""Objectives for boosted trees, against XGBoost itself."""

import numpy as np
import pytest
import xgboost
from numpy import nan
from sklearn.base import clone
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.model_selection import cross_val_score

import maskloss as ml
from helpers.boosting import (
    ANSWERS,
    BCE,
    CLASSES,
    ELEMENTWISE,
    KNOWN,
    NUMBERS,
    RNG,
    ROWWISE,
    TREES,
    WEIGHTS,
    X,
    gaps,
    r2,
    train_xgboost,
    xgboost_matrix,
)
from maskloss.boosting import (
    MISSING,
    XGBoostObjective,
    mark_missing,
)

pytestmark = [
    # Of LightGBM 4.6 in scikit-learn.
    pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning"),
]


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
    names = [loss.__name__ for loss in (*ELEMENTWISE, *ROWWISE)]
    assert not [n for n in names if n.startswith(("auc", "pre", "map", "ndcg"))]


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


@pytest.fixture
def one_of_two(monkeypatch):
    """Be one of two workers; the sums of the other one are the given."""

    def be(sums):
        monkeypatch.setattr(xgboost.collective, "get_world_size", lambda: 2)
        monkeypatch.setattr(xgboost.collective, "allreduce", lambda own, _: own + sums)

    return be


def test_the_metric_of_several_workers_is_that_of_all_rows(one_of_two):
    objective = XGBoostObjective(ml.mse_loss, weight=0.5)
    labels, x = mark_missing(NUMBERS), RNG.normal(size=NUMBERS.shape)
    weight = RNG.uniform(1, 2, len(x))
    want = objective.metric(labels, x, weight)
    few = slice(0, 7)
    rest = objective.sums(x[7:], labels[7:], weight[7:])
    local = objective.metric(labels[few], x[few], weight[few])
    one_of_two(rest)
    got = objective.metric(labels[few], x[few], weight[few])
    assert got == pytest.approx(want, rel=1e-12)
    assert local != pytest.approx(want, rel=1e-3)
    nothing = np.full_like(labels[few], MISSING)
    one_of_two(objective.sums(x, labels, weight))
    assert objective.metric(nothing, x[few], weight[few]) == pytest.approx(want, rel=1e-12)
    one_of_two(np.zeros(2))
    with pytest.raises(ValueError, match="no label of the evaluation data is observed"):
        objective.metric(nothing, x[few], weight[few])


def test_a_loss_of_all_rows_is_refused_on_several_workers(one_of_two):
    objective = XGBoostObjective(ml.large_loss, fraction=0.1)
    labels, x = np.where(KNOWN, 0.0, 1.0), np.zeros(KNOWN.shape)
    objective(labels, x)
    one_of_two(np.zeros(2))
    with pytest.raises(ValueError, match=r"samples independently.*selected over a whole batch"):
        objective(labels, x)
