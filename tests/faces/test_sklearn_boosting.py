"""The boosting estimators beside XGBoost, LightGBM, CatBoost and scikit-learn's own tools."""

import functools
import pickle
import sys

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import (
    check_sample_weight_equivalence_on_dense_data,
    parametrize_with_checks,
)

import maskloss as ml
from maskloss.sklearn import MaskedBoostingClassifier, MaskedBoostingRegressor

# Of LightGBM 4.6 in scikit-learn.
pytestmark = pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning")

LIBRARIES = ("xgboost", "lightgbm", "catboost")
each_library = pytest.mark.parametrize("library", LIBRARIES)
# Few values per feature, so that XGBoost's bins do not depend on the rows.
RNG = np.random.default_rng(0)
X = RNG.integers(0, 8, (300, 4)).astype("float64")
NUMBERS = np.stack([X[:, 0] - X[:, 1], X[:, 2] - X[:, 3], X[:, 0]], axis=1) / 4 + [10, -10, 100]
NUMBERS += 0.1 * RNG.normal(size=NUMBERS.shape)
KNOWN = RNG.random(NUMBERS.shape) < 0.6
TARGETS = np.where(KNOWN, NUMBERS, np.nan)
LABELS = np.where(KNOWN, np.quantile(NUMBERS, 0.7, axis=0) < NUMBERS, np.nan)
WEIGHT = RNG.uniform(0.5, 2.0, NUMBERS.shape)
FEW = {"n_estimators": 5, "max_depth": 3, "learning_rate": 0.5, "n_jobs": 1}
BOTH = [(MaskedBoostingRegressor, TARGETS), (MaskedBoostingClassifier, LABELS)]
both = pytest.mark.parametrize(("kind", "y"), BOTH, ids=["regressor", "classifier"])
# The libraries' own objective of numbers.
HALF = functools.partial(ml.mse_loss, weight=0.5)


def exceptions(estimator):
    found = {}
    if estimator.library == "catboost":
        for kind in ("dense", "sparse"):
            # CatBoost multiplies l2_leaf_reg by the mean weight: a weight of 2 is not two rows. Its
            # own estimators fail as well.
            found[f"check_sample_weight_equivalence_on_{kind}_data"] = "l2_leaf_reg by the weights"
    if isinstance(estimator, MaskedBoostingClassifier):
        found["check_classifier_multioutput"] = (
            "classes_ is a list, as that of scikit-learn's trees"
        )
    return found


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        kind(library=library, n_estimators=5, learning_rate=0.5, n_jobs=1)
        for library in LIBRARIES
        for kind, _ in BOTH
    ],
    expected_failed_checks=exceptions,
)
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


def own(library, *, classes):
    """Return the library's own estimator with its own objective."""
    name = "Classifier" if classes else "Regressor"
    options = {"n_estimators": 5, "max_depth": 3, "learning_rate": 0.5}
    if library == "xgboost":
        return getattr(xgboost, f"XGB{name}")(**options, n_jobs=1)
    if library == "lightgbm":
        return getattr(lightgbm, f"LGBM{name}")(**options, n_jobs=1, verbose=-1)
    quiet = {"verbose": 0, "allow_writing_files": False, "thread_count": 1}
    return getattr(catboost, f"CatBoost{name}")(**options, **quiet, boost_from_average=True)


@each_library
@pytest.mark.parametrize("weight", [None, WEIGHT, WEIGHT[:, 0]], ids=["none", "entries", "rows"])
def test_each_target_is_that_of_the_library_on_its_observed_rows(library, weight):
    regressor = MaskedBoostingRegressor(HALF, library=library, **FEW).fit(X, TARGETS, weight)
    classifier = MaskedBoostingClassifier(library=library, **FEW).fit(X, LABELS, weight)
    for k, known in enumerate(KNOWN.T):
        of_column = None if weight is None else weight if weight.ndim == 1 else weight[:, k]
        given = None if weight is None else of_column[known]
        want = own(library, classes=False).fit(X[known], TARGETS[known, k], sample_weight=given)
        np.testing.assert_allclose(regressor.predict(X)[:, k], want.predict(X), rtol=1e-5)
        want = own(library, classes=True).fit(X[known], LABELS[known, k], sample_weight=given)
        probabilities = want.predict_proba(X)[:, 1]
        np.testing.assert_allclose(classifier.predict_proba(X)[:, k], probabilities, rtol=1e-4)


def test_a_weight_of_catboost_is_a_number_of_rows_without_a_penalty():
    options = {"l2_leaf_reg": 0, "bootstrap_type": "No", "random_strength": 0}
    model = MaskedBoostingRegressor(library="catboost", **FEW, **options)
    check_sample_weight_equivalence_on_dense_data("CatBoost", model)


@each_library
def test_the_start_is_that_of_a_constant(library):
    model = MaskedBoostingRegressor(library=library, **FEW | {"n_estimators": 1}).fit(X, TARGETS)
    np.testing.assert_allclose(model.start_, np.nanmean(TARGETS, axis=0), rtol=1e-6)
    classifier = MaskedBoostingClassifier(library=library, **FEW).fit(X, LABELS)
    rate = np.nanmean(LABELS, axis=0)
    np.testing.assert_allclose(classifier.start_, np.log(rate / (1 - rate)), rtol=1e-5)


@each_library
@both
def test_what_is_missing_has_no_effect(library, kind, y):
    options = {"library": library, **FEW, "early_stopping_rounds": 2, "random_state": 0}
    want = kind(**options).fit(X, y, WEIGHT)
    score, predictions = want.score(X, y, WEIGHT), want.predict(X)
    weight = np.where(KNOWN, WEIGHT, np.nan)
    frame = pd.DataFrame(y, columns=list("abc"))
    for other in (frame.astype("Float64"), np.ma.masked_array(np.where(KNOWN, y, 7), ~KNOWN)):
        got = kind(**options).fit(X, other, weight)
        np.testing.assert_array_equal(got.predict(X), predictions)
        assert got.score(X, other, weight) == score
    got = kind(missing=-1, **options).fit(X, np.where(KNOWN, y, -1), weight)
    np.testing.assert_array_equal(got.predict(X), predictions)


@each_library
def test_early_stopping_is_by_observed_entries(library):
    """The rounds, and the predictions, of the library itself on the observed rows of each part."""
    options = {"library": library, **FEW, "n_estimators": 300, "early_stopping_rounds": 5}
    model = MaskedBoostingRegressor(HALF, **options)
    model.fit(X[:200], TARGETS[:200, 0], X_val=X[200:], y_val=TARGETS[200:, 0])
    learnt, held_out = np.split(np.flatnonzero(KNOWN[:, 0]), [KNOWN[:200, 0].sum()])
    evaluation = {"eval_set": [(X[held_out], NUMBERS[held_out, 0])]}
    other = own(library, classes=False).set_params(n_estimators=300)
    if library == "lightgbm":
        stop = lightgbm.early_stopping(5, verbose=False)
        dataset = lightgbm.Dataset(X[learnt], NUMBERS[learnt, 0])
        other = lightgbm.train(
            {"max_depth": 3, "learning_rate": 0.5, "num_threads": 1, "verbose": -1},
            dataset,
            300,
            valid_sets=[lightgbm.Dataset(*evaluation["eval_set"][0], reference=dataset)],
            callbacks=[stop],
        )
    else:
        other.set_params(early_stopping_rounds=5)
        quiet = {"verbose": False} if library == "xgboost" else {}
        other.fit(X[learnt], NUMBERS[learnt, 0], **evaluation, **quiet)
    np.testing.assert_allclose(model.predict(X), other.predict(X), rtol=1e-4)
    assert 1 < model.n_iter_[0] < 295
    shares = MaskedBoostingRegressor(**options, validation_fraction=0.3, random_state=1)
    assert (shares.fit(X, TARGETS).n_iter_ < 295).all()
    assert shares.score(X, TARGETS) > 0.9


@each_library
@both
def test_in_scikit_learn(library, kind, y):
    """A pipeline, a grid, cross-validation with NaN in y, weights, clones, names, pickles."""
    estimator = kind(library=library, **FEW)
    pipeline = make_pipeline(StandardScaler(), estimator)
    name = f"{kind.__name__.lower()}__sample_weight"
    scores = cross_val_score(pipeline, X, y, cv=KFold(3), params={name: WEIGHT})
    assert (scores > 0.5).all()
    grid = {"n_estimators": [1, 4], "subsample": [0.8, 1.0]}
    found = GridSearchCV(estimator, grid, cv=KFold(3)).fit(X, y)
    assert found.best_params_["n_estimators"] == 4
    assert found.best_estimator_.get_params()["subsample"] in {0.8, 1.0}
    frame = pd.DataFrame(X, columns=list("wxyz"))
    model = clone(estimator.set_params(subsample=1.0)).fit(frame, y)
    assert "subsample=1.0" in repr(model)
    assert "subsample" in model._repr_html_()
    assert model.feature_names_in_.tolist() == list("wxyz")
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(frame), model.predict(frame))


@each_library
def test_features_may_have_gaps_and_be_sparse(library):
    features = np.where(RNG.random(X.shape) < 0.2, np.nan, X)
    model = MaskedBoostingRegressor(library=library, **FEW).fit(features, TARGETS)
    assert model.score(features, TARGETS) > 0.6
    sparse = MaskedBoostingRegressor(library=library, **FEW).fit(csr_array(X + 1), TARGETS)
    dense = MaskedBoostingRegressor(library=library, **FEW).fit(X + 1, TARGETS)
    np.testing.assert_allclose(sparse.predict(csr_array(X + 1)), dense.predict(X + 1), rtol=1e-6)


@each_library
def test_labels_of_one_dimension(library):
    words = np.where(NUMBERS[:, 0] > 10, "yes", "no").astype(object)
    words[::3] = None
    words[1::7] = "?"
    model = MaskedBoostingClassifier(library=library, missing="?", **FEW).fit(X, words)
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.predict_proba(X).shape == (300, 2)
    assert model.score(X, words) > 0.9
    with pytest.raises(ValueError, match="labels must be 'no' and 'yes', or missing, got 'maybe'"):
        model.set_params(early_stopping_rounds=2).fit(
            X, words, X_val=X[:3], y_val=np.asarray(["yes", "maybe", "no"], dtype=object)
        )


@each_library
def test_categories_are_those_of_the_library(library):
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame["b"] = pd.Categorical(np.asarray(list("hgfedcba"))[X[:, 1].astype(int)])
    frame["d"] = X[:, 3].astype(int)
    asked = frame.astype({"d": "category"})
    model = MaskedBoostingRegressor(HALF, library=library, **FEW).fit(asked, TARGETS)
    predicted = model.predict(asked)
    for k, known in enumerate(KNOWN.T):
        estimator = own(library, classes=False)
        if library == "xgboost":
            estimator.set_params(enable_categorical=True)
        elif library == "catboost":
            estimator.set_params(cat_features=["b", "d"])
        want = estimator.fit(asked[known], TARGETS[known, k]).predict(asked)
        np.testing.assert_allclose(predicted[:, k], want, rtol=1e-4)
    array = frame.to_numpy(dtype=object)
    for given, columns in ((frame, ["b", "d"]), (array, [1, 3]), (array, [False, True] * 2)):
        other = clone(model).set_params(categorical_features=columns).fit(given, TARGETS)
        np.testing.assert_array_equal(other.predict(given), predicted)
    # A category is no number.
    assert (model.fit(X, TARGETS).predict(X) != predicted).any()


@each_library
def test_a_category_that_was_not_learnt_counts_as_missing(library):
    frame = pd.DataFrame({"a": pd.Categorical(X[:, 0].astype(int)), "b": X[:, 1]})
    model = MaskedBoostingClassifier(library=library, early_stopping_rounds=2, **FEW)
    model = pickle.loads(pickle.dumps(model.fit(frame, LABELS)))
    absent, new = frame.copy(), frame.copy()
    absent["a"] = pd.Categorical([None] * len(frame))
    new["a"] = pd.Categorical([99] * len(frame))
    np.testing.assert_array_equal(model.predict_proba(new), model.predict_proba(absent))
    assert model.predict_proba(absent).std() > 0


@pytest.mark.parametrize(
    ("asked", "error", "text"),
    [
        ("all", ValueError, "must be 'from_dtype', None, or an array of columns, got 'all'"),
        (["e"], ValueError, "has 'e', which is none of the 4 columns of X"),
        ([4], ValueError, "has 4, which is none of the 4 columns of X"),
    ],
)
def test_mistakes_of_categories(asked, error, text):
    with pytest.raises(error, match=text):
        MaskedBoostingRegressor(categorical_features=asked, **FEW).fit(X, TARGETS)
    with pytest.raises(TypeError, match="a dense array, got X of csr_array"):
        MaskedBoostingRegressor(categorical_features=[0], **FEW).fit(csr_array(X), TARGETS)


@each_library
def test_a_target_without_labels_and_one_of_one_class_are_constants(library):
    y = LABELS.copy()
    y[:, 1], y[:, 2] = np.nan, np.where(KNOWN[:, 2], 1, np.nan)
    model = MaskedBoostingClassifier(library=library, **FEW).fit(X, y)
    assert (model.predict_proba(X)[:, 1] == 0.5).all()
    assert (model.predict_proba(X)[:, 2] > 0.99).all()
    assert model.fit(0 * X, LABELS).predict_proba(X) == pytest.approx(
        np.tile(np.nanmean(LABELS, axis=0), (300, 1)), rel=1e-5
    )


def test_trees_may_be_shared_by_the_targets():
    options = {"multi_strategy": "multi_output_tree", "tree_method": "hist"}
    model = MaskedBoostingRegressor(**FEW, **options).fit(X, TARGETS)
    assert model.score(X, TARGETS) > 0.8
    rows = MaskedBoostingClassifier(ml.zlpr_loss, **FEW).fit(X, LABELS, WEIGHT[:, 0])
    assert rows.score(X, LABELS) > 0.8


@each_library
def test_a_loss_of_logarithms_predicts_means(library):
    counts = np.where(KNOWN, np.exp(NUMBERS / [5, -5, 50]).round(), np.nan)
    model = MaskedBoostingRegressor(ml.poisson_nll_loss, library=library, random_state=0, **FEW)
    predicted = model.fit(X, counts).predict(X)
    np.testing.assert_allclose(np.exp(model.start_), np.nanmean(counts, axis=0), rtol=1e-4)
    of_column = [
        r2_score(a[known], b[known])
        for a, b, known in zip(counts.T, predicted.T, KNOWN.T, strict=True)
    ]
    assert model.score(X, counts) == pytest.approx(np.mean(of_column))
    assert min(of_column) > 0.5


def test_a_hessian_carries_a_straight_loss_to_the_targets():
    y = 1000 * TARGETS[:, 2]
    # XGBoost adds 1 to a sum of Hessians, and wants 1 in a leaf.
    options = {**FEW, "min_child_weight": 0, "reg_lambda": 0}
    plain = MaskedBoostingRegressor(ml.l1_loss, **options).fit(X, y).score(X, y)
    one_by_spread = 1 / np.nanstd(y)
    scaled = MaskedBoostingRegressor(ml.l1_loss, hessian=one_by_spread, **options).fit(X, y)
    assert plain < 0.1
    assert scaled.score(X, y) > 0.5


def test_the_score_is_of_observed_entries():
    model = MaskedBoostingRegressor(**FEW).fit(X, TARGETS)
    predicted = model.predict(X)
    each = [r2_score(TARGETS[m, k], predicted[m, k]) for k, m in enumerate(KNOWN.T)]
    assert model.score(X, TARGETS) == pytest.approx(np.mean(each))


STOP = {"early_stopping_rounds": 3}


@pytest.mark.parametrize(
    ("options", "given", "text"),
    [
        ({"library": "sklearn"}, {}, "library must be one of 'xgboost', 'lightgbm', 'catboost'"),
        ({}, {"X_val": X}, "X_val and y_val go together"),
        ({}, {"X_val": X, "y_val": TARGETS}, "set early_stopping_rounds as well"),
        (STOP, {"X_val": X, "y_val": TARGETS * np.nan}, "Input y_val contains NaN or missing"),
        (STOP, {"X_val": X, "y_val": TARGETS[:, :2]}, "the 3 columns of y, got 2"),
        (STOP | {"validation_fraction": 1.0}, {}, "between 0 and 1, got 1.0"),
        (STOP | {"validation_fraction": 0.999}, {}, "an observed entry of target 0 to learn from"),
        ({"loss": ml.zlpr_loss, "library": "lightgbm"}, {}, "take library='xgboost'"),
        ({"loss": ml.zlpr_loss}, {"sample_weight": WEIGHT}, "sample_weight must be one per row"),
        ({"n_estimators": 0}, {}, "n_estimators must be at least 1, got 0"),
        ({"early_stopping_rounds": -1}, {}, "early_stopping_rounds must be at least 1, got -1"),
        ({"hessian": 0.0}, {}, "`hessian` must be a number above 0"),
    ],
)
def test_mistakes(options, given, text):
    with pytest.raises(ValueError, match=text):
        MaskedBoostingRegressor(**FEW | options).fit(X, TARGETS, **given)


@pytest.mark.parametrize("name", ["objective", "metric", "num_boost_round", "base_score"])
def test_what_the_estimator_sets_itself_is_refused(name):
    with pytest.raises(TypeError, match=f"`{name}` is set by the estimator"):
        MaskedBoostingRegressor(**{name: 3}).fit(X, TARGETS)


@each_library
def test_a_library_that_is_absent_is_named(library, monkeypatch):
    monkeypatch.delitem(sys.modules, f"maskloss.sklearn._boosting_{library}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=f"pip install {library}"):
        MaskedBoostingRegressor(library=library).fit(X, TARGETS)
