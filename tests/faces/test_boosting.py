"""Objectives for boosted trees: their derivatives, labels, mistakes, and as objects."""

import copy
import functools
import inspect
import pickle
import subprocess
import sys

import catboost
import lightgbm
import numpy as np
import pytest
import xgboost
from numpy import nan
from sklearn.base import clone

import maskloss as ml
from helpers import pages
from helpers.boosting import (
    ANSWERS,
    BCE,
    CLASSES,
    DEPTH,
    ELEMENTWISE,
    LEAVES,
    OBJECTIVES,
    REFUSED,
    REQUIRED,
    ROWWISE,
    TREES,
    X,
    gaps,
    labels_for,
    train_xgboost,
    xgboost_matrix,
)
from maskloss import boosting
from maskloss.boosting import (
    MISSING,
    CatBoostMultiObjective,
    CatBoostObjective,
    LightGBMObjective,
    XGBoostObjective,
    mark_missing,
)

pytestmark = [
    # Of LightGBM 4.6 in scikit-learn.
    pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning"),
]


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


@pytest.mark.parametrize("loss", REFUSED, ids=lambda loss: loss.__name__)
def test_other_losses_are_refused(loss):
    with pytest.raises((TypeError, ValueError), match=r"^`loss` "):
        XGBoostObjective(loss)


@pytest.mark.parametrize("loss", [*ELEMENTWISE, *ROWWISE], ids=lambda loss: loss.__name__)
def test_trees_lower_the_loss(loss):
    objective = XGBoostObjective(loss, **REQUIRED.get(loss, {}))
    low = loss.record.inputs.domains[1].values[:1] or (0,)
    labels = np.where(ANSWERS == 1, 1, min(low))
    settings, history = {}, {}
    if loss is ml.multi_margin_loss:
        labels, settings = CLASSES, {"num_class": 3}
    elif loss is ml.candidate_cross_entropy:
        labels = np.stack([ANSWERS[:, 0], 1 - ANSWERS[:, 0]], axis=1)  # each row has a candidate
    elif loss is ml.cosine_similarity_loss:
        settings = {"base_score": 0.5}  # at 0 a row has no direction
    elif loss is ml.gamma_nll_loss:
        labels = labels + 1  # more than 0
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


def test_a_sample_weight_may_be_of_each_label():
    """The libraries pass one per row; who calls an objective may have one per label."""
    y, x = np.asarray([[1.0, 3.0], [2.0, MISSING]]), np.zeros((2, 2))
    weight = np.asarray([[1.0, 2.0], [3.0, nan]])
    objective = XGBoostObjective(ml.mse_loss)
    gradient, hessian = objective.derivatives(x, y, weight)
    np.testing.assert_array_equal(gradient, [[-2, -12], [-12, 0]])
    np.testing.assert_array_equal(hessian, [[2, 4], [6, 0]])
    assert objective.mean(x, y, weight) == (1 + 2 * 9 + 3 * 4) / 6
    np.testing.assert_allclose(objective.start(y, weight), [7 / 4, 3])


def test_a_partial_loss_is_one_with_its_keywords():
    y, x = np.asarray([5.0, -9.0, MISSING]), np.zeros(3)
    loss = functools.partial(ml.huber_loss, delta=2.0, weight=0.5)
    loss = functools.partial(loss, delta=1.0, missing=-9)
    same = LightGBMObjective(ml.huber_loss, delta=1.0, weight=0.5, missing=-9)
    got = LightGBMObjective(loss)
    np.testing.assert_array_equal(got(y, x), same(y, x))
    np.testing.assert_array_equal(got(y, x), [[-0.5, 0, 0], [0.5, 0, 0]])
    assert got.metric(y, x) == same.metric(y, x) == ("huber_loss", 4.5, False)


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


@pytest.mark.parametrize(
    ("labels", "missing", "error", "says"),
    [
        ([[1, None]], None, TypeError, "`labels` must be a table of.*got list; convert it"),
        (np.zeros((2, 2, 2)), None, ValueError, r"`labels` must have .* got shape \(2, 2, 2\)"),
        (np.zeros((2, 0)), None, ValueError, "`labels` must have columns"),
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
        ((ml.binary_cross_entropy,), {}, ValueError, "binary_cross_entropy.*takes logits"),
        ((ml.kl_div,), {}, ValueError, "log-probabilities.*cross_entropy"),
        ((ml.nll_loss,), {}, ValueError, "log-probabilities.*cross_entropy"),
        ((ml.gaussian_nll_loss,), {}, TypeError, "needs `var` besides.*one number"),
        ((ml.role_loss,), {}, TypeError, "needs `estimates` and `expected_positives`"),
        ((ml.dice_loss,), {}, ValueError, "the overlap of a whole.*take a loss of elements"),
        ((ml.dice_loss,), {"spatial_axes": (0,)}, ValueError, "axis of the samples"),
        ((ml.two_way_loss,), {}, ValueError, "compares the samples of a batch"),
        ((ml.nnpu_loss,), {"prior": 0.3}, ValueError, "means over the positive"),
        ((ml.linear_cross_entropy,), {}, ValueError, "one array of unbounded"),
        (
            (ml.MultiObjective({"a": ml.Head(BCE)}),),
            {},
            ValueError,
            "one array of unbounded",
        ),
        ((BCE,), {"missing": nan}, ValueError, "mark_missing"),
        ((BCE,), {"missing": (-1, nan)}, ValueError, "mark_missing"),
        (
            (BCE,),
            {"reduction": "mean"},
            TypeError,
            "`reduction`.*out: the library adds up",
        ),
        ((functools.partial(BCE, mask=True),), {}, TypeError, "`mask`.*set by.*mark_missing"),
        ((BCE,), {"divisor": 2.0}, TypeError, "`divisor`.*set by the objective; leave it out"),
        ((ml.huber_loss,), {"detla": 2}, TypeError, "`detla` of `huber_loss` is not one"),
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
    with pytest.raises(ValueError, match=r"some samples at a time.*large losses are selected over"):
        make(ml.large_loss, fraction=0.1)


def test_rows_of_one_prediction_are_refused():
    data = xgboost_matrix(CLASSES)
    with pytest.raises(ValueError, match=r"`cross_entropy` takes rows.*set `num_class`"):
        train_xgboost(XGBoostObjective(ml.cross_entropy), data)
    with pytest.raises(ValueError, match=r"`zlpr_loss` takes rows.*several targets"):
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
    with pytest.raises(ValueError, match=r"`labels` must be in .*got 2") as caught:
        train_xgboost(XGBoostObjective(BCE), xgboost_matrix(ANSWERS * 2))
    assert "`mask`" not in str(caught.value)  # which the user of an objective does not give
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
