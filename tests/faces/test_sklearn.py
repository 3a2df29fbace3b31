"""The linear estimators beside scikit-learn's own tools and models."""

import functools
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import (
    GammaRegressor,
    HuberRegressor,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    TweedieRegressor,
)
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import maskloss as ml
from helpers import pages
from maskloss.sklearn import MaskedLinearClassifier, MaskedLinearRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 4))
LOGITS = X @ RNG.normal(size=(4, 3)) + 0.5
KNOWN = RNG.random((90, 3)) < 0.6
TARGETS = np.where(KNOWN, LOGITS + RNG.normal(size=LOGITS.shape), np.nan)
LABELS = np.where(KNOWN, LOGITS + RNG.normal(size=LOGITS.shape) > 0, np.nan)
WEIGHT = RNG.uniform(0.5, 2.0, (90, 3))
BOTH = [(MaskedLinearRegressor, TARGETS), (MaskedLinearClassifier, LABELS)]
both = pytest.mark.parametrize(("kind", "y"), BOTH, ids=["regressor", "classifier"])


def exceptions(estimator):
    if isinstance(estimator, MaskedLinearRegressor):
        return {}
    # It indexes `classes_` by a decision above 0. Ours is a list of the classes of each label, by
    # which scikit-learn's scorers know labels in columns.
    return {"check_classifier_multioutput": "classes_ is a list, as that of scikit-learn's trees"}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [MaskedLinearRegressor(), MaskedLinearClassifier()], expected_failed_checks=exceptions
)
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("weight", [None, WEIGHT, WEIGHT[:, 0]], ids=["none", "entries", "rows"])
def test_each_target_is_that_of_its_observed_rows(weight):
    regressor = MaskedLinearRegressor(alpha=3.0).fit(X, TARGETS, sample_weight=weight)
    classifier = MaskedLinearClassifier(C=0.5).fit(X, LABELS, sample_weight=weight)
    for k, known in enumerate(KNOWN.T):
        of_column = None if weight is None else weight if weight.ndim == 1 else weight[:, k]
        given = None if weight is None else of_column[known]
        ridge = Ridge(alpha=3.0).fit(X[known], TARGETS[known, k], given)
        np.testing.assert_allclose(regressor.coef_[k], ridge.coef_, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(regressor.intercept_[k], ridge.intercept_, rtol=1e-4)
        logistic = LogisticRegression(C=0.5, tol=1e-8).fit(X[known], LABELS[known, k], given)
        np.testing.assert_allclose(classifier.coef_[k], logistic.coef_[0], rtol=1e-4, atol=1e-5)
        probability = classifier.predict_proba(X)[:, k]
        np.testing.assert_allclose(probability, logistic.predict_proba(X)[:, 1], rtol=1e-4)


@both
def test_what_is_missing_has_no_effect(kind, y):
    want = kind().fit(X, y, sample_weight=WEIGHT)
    score = want.score(X, y, WEIGHT)
    marked = np.where(KNOWN, y, -1.0)
    weight = np.where(KNOWN, WEIGHT, np.nan)
    frame = pd.DataFrame(y, columns=list("abc"))
    for other in (frame, frame.astype("Float64"), np.ma.masked_array(marked, ~KNOWN)):
        got = kind().fit(X, other, sample_weight=weight)
        np.testing.assert_array_equal(got.coef_, want.coef_)
        assert got.score(X, other, weight) == score
    marker = np.where(np.arange(3) == 1, -1, -2)
    for missing, mark in ((-1, -1), ((-1, -2), marker), ([-1, -2, -3], marker)):
        got = kind(missing=missing).fit(X, np.where(KNOWN, y, mark), sample_weight=weight)
        np.testing.assert_array_equal(got.coef_, want.coef_)


def test_scores_are_of_observed_entries():
    regressor = MaskedLinearRegressor().fit(X, TARGETS)
    predictions = regressor.predict(X)
    each = [r2_score(TARGETS[m, k], predictions[m, k]) for k, m in enumerate(KNOWN.T)]
    assert regressor.score(X, TARGETS) == pytest.approx(np.mean(each))
    single = np.where(np.arange(90) == 0, 1.0, np.nan)
    assert np.isnan(MaskedLinearRegressor().fit(X, TARGETS[:, 0]).score(X, single))
    classifier = MaskedLinearClassifier().fit(X, LABELS)
    is_right = (classifier.predict(X) == LABELS)[KNOWN]
    assert classifier.score(X, LABELS) == is_right.mean()
    weighted = np.average(is_right, weights=WEIGHT[KNOWN])
    assert classifier.score(X, LABELS, WEIGHT) == pytest.approx(weighted)


@both
def test_in_scikit_learn(kind, y):
    """A pipeline, a grid, cross-validation with NaN in y, weights, clones and pickles."""
    pipeline = make_pipeline(StandardScaler(), kind())
    name = f"{kind.__name__.lower()}__sample_weight"
    scores = cross_val_score(pipeline, X, y, cv=KFold(3), params={name: WEIGHT})
    assert (scores > 0.3).all()
    penalty = "C" if kind is MaskedLinearClassifier else "alpha"
    grid = GridSearchCV(kind(), {penalty: [1e-4, 1.0]}, cv=KFold(3)).fit(X, y)
    assert grid.best_score_ > 0.3
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = clone(kind(functools.partial(kind().loss, weight=None))).fit(frame, y)
    assert model.feature_names_in_.tolist() == list("abcd")
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(frame), model.predict(frame))
    sparse = kind().fit(csr_array(X), y).predict(csr_array(X))
    np.testing.assert_allclose(sparse, model.predict(frame), rtol=1e-6)


def test_folds_by_number_for_a_marker():
    """NaN would stop scikit-learn's look at the labels of a classifier, which -1 does not."""
    marked = np.where(KNOWN, LABELS, -1).astype(int)
    assert cross_val_score(MaskedLinearClassifier(missing=-1), X, marked, cv=3).mean() > 0.6
    assert cross_val_score(MaskedLinearClassifier(missing=-1), X, marked[:, 0], cv=3).mean() > 0.6


def test_labels_of_one_dimension():
    words = np.where(LOGITS[:, 0] > 0, "yes", "no").astype(object)
    words[::3] = None
    words[1::7] = "?"
    model = MaskedLinearClassifier(missing="?").fit(X, words)
    assert model.classes_.tolist() == ["no", "yes"]
    assert set(model.predict(X)) == {"no", "yes"}
    assert model.predict_proba(X).shape == (90, 2)
    assert model.decision_function(X).shape == (90,)
    assert model.score(X, words) > 0.9
    assert MaskedLinearRegressor().fit(X, TARGETS[:, 0]).coef_.shape == (4,)


def test_other_losses():
    y = TARGETS.copy()
    y[KNOWN & (RNG.random(KNOWN.shape) < 0.1)] += 50
    loss = functools.partial(ml.huber_loss, delta=1.35)
    robust = MaskedLinearRegressor(loss, alpha=0.0).fit(X, y)
    for k, known in enumerate(KNOWN.T):
        # Its scale is a parameter of its own, and here close to 1.
        other = HuberRegressor(alpha=0.0).fit(X[known], y[known, k])
        np.testing.assert_allclose(robust.coef_[k], other.coef_, atol=0.2)
    focal = MaskedLinearClassifier(ml.sigmoid_focal_loss).fit(X, LABELS)
    assert focal.score(X, LABELS) > 0.7


@pytest.mark.parametrize(
    ("loss", "other"),
    [
        (ml.poisson_nll_loss, PoissonRegressor()),
        (ml.gamma_nll_loss, GammaRegressor()),
        (ml.tweedie_nll_loss, TweedieRegressor(power=1.5, link="log")),
    ],
    ids=["poisson", "gamma", "tweedie"],
)
def test_a_loss_of_logarithms_predicts_means(loss, other):
    amounts = np.where(KNOWN, 200 * np.exp(LOGITS / 4), np.nan)
    # scikit-learn halves the mean loss with its penalty, and ours is a sum.
    of_column = MaskedLinearRegressor(loss, alpha=0.05 * KNOWN[:, 0].sum(), tol=1e-9)
    of_column.fit(X, amounts[:, 0])
    other.set_params(alpha=0.1, tol=1e-9).fit(X[KNOWN[:, 0]], amounts[KNOWN[:, 0], 0])
    np.testing.assert_allclose(of_column.predict(X), other.predict(X), rtol=1e-5)
    want = r2_score(amounts[KNOWN[:, 0], 0], other.predict(X[KNOWN[:, 0]]))
    assert of_column.score(X, amounts[:, 0]) == pytest.approx(want, rel=1e-5)


def test_a_target_of_zeros_alone_predicts_means():
    counts = np.where(KNOWN, 0.0, np.nan)
    predicted = MaskedLinearRegressor(ml.poisson_nll_loss).fit(X, counts).predict(X)
    assert ((predicted > 0) & (predicted < 0.1)).all()


def test_without_an_intercept_and_with_few_iterations():
    model = MaskedLinearRegressor(fit_intercept=False).fit(X, TARGETS)
    assert not model.intercept_.any()
    with pytest.warns(ConvergenceWarning, match="raise max_iter, or scale the features"):
        MaskedLinearRegressor(max_iter=1).fit(X, TARGETS)


@pytest.mark.parametrize(
    ("kind", "options", "y", "weight", "text"),
    [
        (MaskedLinearRegressor, {}, TARGETS * np.nan, None, "no label is observed"),
        (MaskedLinearRegressor, {}, TARGETS[:, :, None], None, "one or two dimensions, got shape"),
        (MaskedLinearRegressor, {"alpha": -1.0}, TARGETS, None, "at least 0, got -1.0"),
        (MaskedLinearRegressor, {}, TARGETS, WEIGHT[:, :2], r"\(90,\) or the shape of y, \(90, 3"),
        (MaskedLinearRegressor, {}, TARGETS, -WEIGHT, "finite and not negative"),
        (MaskedLinearRegressor, {}, TARGETS, 0 * WEIGHT, "zero for every observed label"),
        (MaskedLinearClassifier, {"C": 0.0}, LABELS, None, "C must be a number above 0, got 0.0"),
        (MaskedLinearClassifier, {}, LABELS * 2, None, "must be 0 and 1, or missing, got"),
        (MaskedLinearClassifier, {}, LABELS[:, 0] * 0, None, "two classes, got one class"),
    ],
)
def test_mistakes(kind, options, y, weight, text):
    with pytest.raises(ValueError, match=text):
        kind(**options).fit(X, y, sample_weight=weight)


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (ml.masked_mean, "unbounded predictions.*'masked_mean' of losses"),
        (ml.binary_cross_entropy, "takes logits"),
        (ml.dice_loss, "must treat samples independently.*'dice_loss'"),
        (ml.nnpu_loss, "needs `prior`"),
        (ml.gaussian_nll_loss, "needs `var`"),
        (ml.cross_entropy, "a loss of elements.*'cross_entropy' of whole rows"),
        (functools.partial(ml.huber_loss, reduction="sum"), "`reduction` of `huber_loss`"),
    ],
)
@both
def test_a_loss_that_no_target_can_be_fitted_by(kind, y, loss, text):
    with pytest.raises((TypeError, ValueError), match=text):
        kind(loss=loss).fit(X, y)


def test_a_weight_of_the_loss_multiplies_that_of_the_samples():
    half = functools.partial(ml.mse_loss, weight=0.5)
    got = MaskedLinearRegressor(half, alpha=3.0).fit(X, TARGETS, sample_weight=WEIGHT)
    want = MaskedLinearRegressor(alpha=6.0).fit(X, TARGETS, sample_weight=WEIGHT)
    np.testing.assert_allclose(got.coef_, want.coef_, rtol=1e-4)


def test_the_page_runs():
    pages.run("docs/faces/sklearn.md")
