"""Scores by metrics that refuse missing labels."""

import functools
import warnings

import numpy as np
import pytest
from numpy import nan
from sklearn.metrics import (
    average_precision_score,
    log_loss,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)

import maskloss as ml
from helpers.frameworks import asnumpy

RNG = np.random.default_rng(0)
LABELS = RNG.integers(-1, 2, (60, 4))
SCORES = RNG.uniform(size=LABELS.shape)
KNOWN = LABELS >= 0
ONE_CLASS = np.where(np.arange(4) == 2, np.minimum(LABELS, 0), LABELS)  # of class 2, no yes
ALONE = [
    roc_auc_score(y[known], x[known])
    for y, x, known in zip(LABELS.T, SCORES.T, KNOWN.T, strict=True)
]
ignoring_warnings = pytest.mark.filterwarnings("ignore:the metric is not defined")


def squared_error(labels, predictions):
    return float(np.mean((asnumpy(labels) - asnumpy(predictions)) ** 2))


def test_each_class_is_scored_on_its_observed_labels(backend):
    labels, scores = backend.asarray(LABELS), backend.asarray(SCORES.astype("float32"))
    mask = backend.asarray(KNOWN)
    for given in ({"missing": -1}, {"mask": mask}, {"mask": mask, "missing": -1}):
        got = ml.masked_score(squared_error, labels, scores, average=None, **given)
        want = [squared_error(LABELS[k, c], SCORES[k, c]) for c, k in enumerate(KNOWN.T)]
        np.testing.assert_allclose(asnumpy(got), want, rtol=1e-6)
        macro = ml.masked_score(squared_error, labels, scores, **given)
        np.testing.assert_allclose(macro, np.mean(want), rtol=1e-6)
        micro = ml.masked_score(squared_error, labels, scores, average="micro", **given)
        np.testing.assert_allclose(micro, ((LABELS - SCORES)[KNOWN] ** 2).mean(), rtol=1e-6)


def test_a_metric_of_scikit_learn():
    score = functools.partial(ml.masked_score, roc_auc_score, LABELS, SCORES, missing=-1)
    np.testing.assert_array_equal(score(average=None), ALONE)
    assert score() == pytest.approx(np.mean(ALONE), abs=1e-15)
    assert score(average="micro") == roc_auc_score(LABELS[KNOWN], SCORES[KNOWN])


@pytest.mark.parametrize("poison", [nan, np.inf, -7])
def test_what_is_not_observed_has_no_effect(poison):
    labels = np.where(KNOWN, LABELS, poison)
    scores = np.where(KNOWN, SCORES, poison)
    np.testing.assert_array_equal(
        ml.masked_score(roc_auc_score, labels, scores, mask=KNOWN, average=None), ALONE
    )


def test_the_mask_of_numpy_ma_counts():
    labels = np.ma.masked_array(LABELS, ~KNOWN)
    assert ml.masked_score(roc_auc_score, labels, SCORES, average=None).tolist() == ALONE


@pytest.mark.parametrize("metric", [roc_auc_score, log_loss], ids=lambda m: m.__name__)
def test_a_class_without_a_score_is_left_out_and_named(metric):
    names = ["red", "green", "blue", "white"]
    score = functools.partial(ml.masked_score, metric, ONE_CLASS, SCORES, missing=-1, names=names)
    with pytest.warns(UserWarning, match="not defined for class 'blue' .*one.*left out") as caught:
        macro = score()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    each = score(average=None)
    assert np.isnan(each).tolist() == [False, False, True, False]
    assert macro == pytest.approx(np.nanmean(each), abs=1e-15)
    assert score(undefined="ignore") == macro
    with pytest.raises(ValueError, match="not defined for class 'blue'"):
        score(undefined="raise")


def test_a_class_without_a_label_is_left_out_and_named():
    labels = np.where(np.arange(4) == 1, -1, LABELS)
    with pytest.warns(UserWarning, match=r"for class 1 \(no label is observed\)"):
        got = ml.masked_score(mean_squared_error, labels, SCORES, missing=-1)
    others = [k for k in range(4) if k != 1]
    want = ml.masked_score(mean_squared_error, LABELS[:, others], SCORES[:, others], missing=-1)
    assert got == want


def test_a_metric_that_does_not_tell_is_told():
    score = functools.partial(
        ml.masked_score, average_precision_score, ONE_CLASS, SCORES, missing=-1
    )
    with pytest.warns(UserWarning, match="No positive class found"):
        assert score(average=None)[2] == 0  # its own convention, and its own warning
    with pytest.warns(UserWarning, match="for class 2 .`defined` is false of its labels"):
        got = score(defined=np.any)
    assert got == pytest.approx(np.mean(score(average=None, defined=np.any)[[0, 1, 3]]))


@ignoring_warnings
def test_an_average_of_nothing_is_nan():
    labels = np.full_like(LABELS, -1)
    assert np.isnan(ml.masked_score(roc_auc_score, labels, SCORES, missing=-1))
    assert np.isnan(ml.masked_score(roc_auc_score, labels[:, 0], SCORES[:, 0], missing=-1))
    assert np.isnan(ml.masked_score(r2_score, LABELS, SCORES, missing=-1, mask=False))


def test_many_classes_without_a_score_are_counted():
    labels, scores = np.full((3, 12), -1), np.zeros((3, 12))
    with pytest.warns(UserWarning, match="for class 9 .*and of 2 more; the average is NaN"):
        ml.masked_score(roc_auc_score, labels, scores, missing=-1)


def test_labels_of_one_dimension_are_of_one_class():
    y, x, known = LABELS[:, 0], SCORES[:, 0], KNOWN[:, 0]
    assert ml.masked_score(roc_auc_score, y, x, missing=-1, names=["toxic"]) == ALONE[0]
    classes, rows = np.where(known, y, -1), np.stack([1 - x, x], axis=1)
    got = ml.masked_score(log_loss, classes, rows, missing=-1)
    assert got == pytest.approx(log_loss(y[known], x[known]), rel=1e-12)


def test_the_last_axis_is_of_the_classes():
    shape = (6, 10, 4)
    got = ml.masked_score(
        roc_auc_score, LABELS.reshape(shape), SCORES.reshape(shape), missing=-1, average=None
    )
    assert got.tolist() == ALONE


@pytest.mark.parametrize(
    ("labels", "predictions", "options", "says"),
    [
        (LABELS, SCORES[:, :2], {}, r"shape of `labels`, \(60, 4\).*got \(60, 2\)"),
        (LABELS[:, 0], SCORES[:9], {}, r"row for each.*got \(9, 4\)"),
        (np.where(KNOWN, LABELS, nan), SCORES, {}, "`labels` for class 0 hold NaN.*missing=nan"),
        (LABELS, SCORES * nan, {"names": "abcd"}, "`predictions` for class 'a' hold NaN"),
        (LABELS, SCORES, {"names": "ab"}, "one name for each of 4 classes, got 2"),
        (LABELS, SCORES, {"average": "weighted"}, "`average` must be one of 'macro'.*'weighted'"),
        (LABELS, SCORES, {"undefined": "nan"}, "`undefined` must be one of 'warn'.*'nan'"),
        (LABELS + 0.5, SCORES, {}, "not defined for class 0 .continuous"),
    ],
)
def test_mistakes(labels, predictions, options, says):
    with pytest.raises(ValueError, match=says):
        ml.masked_score(roc_auc_score, labels, predictions, **options)


def test_the_name_of_a_metric_is_refused():
    with pytest.raises(TypeError, match=r"such as sklearn\.metrics\.roc_auc_score, got 'roc_auc'"):
        ml.masked_score("roc_auc", LABELS, SCORES)


def test_arrays_of_two_libraries_are_refused():
    with pytest.raises(TypeError, match="`predictions` must be an array"):
        ml.masked_score(roc_auc_score, LABELS, SCORES.tolist())
    with pytest.raises(ValueError, match="`mask` must be bool or numbers 0 and 1"):
        ml.masked_score(roc_auc_score, LABELS, SCORES, mask=np.full_like(LABELS, 2))


def test_warnings_of_the_metric_are_passed_on():
    def metric(*_):
        warnings.warn("mind the gap", FutureWarning, stacklevel=1)
        return 1.0

    with pytest.warns(FutureWarning, match="mind the gap"):
        assert ml.masked_score(metric, LABELS, SCORES, missing=-1) == 1


@pytest.mark.parametrize("score", [None, 1j, (1.0, 2.0), "high", np.eye(2), np.ones(1)])
def test_a_metric_must_return_a_number(score):
    labels = np.asarray([0.0, 1.0])
    with pytest.raises(TypeError, match="`metric` must return one number, got"):
        ml.masked_score(lambda *_: score, labels, labels)


@pytest.mark.needs("torch")
def test_predictions_may_require_a_gradient(backend):
    import torch

    labels = backend.asarray([[0.0, 1.0], [1.0, 0.0], [1.0, -1.0]])
    scores = torch.tensor([[0.1, 0.8], [0.7, 0.3], [0.4, 0.5]], requires_grad=True)
    assert ml.masked_score(roc_auc_score, labels, scores, missing=-1) == 1.0
    weight = torch.ones(3, requires_grad=True)
    given = {"missing": -1, "sample_weight": weight}
    assert ml.masked_score(roc_auc_score, labels, scores, **given) == 1.0


@pytest.mark.parametrize("average", ["macro", "micro", "samples"])
def test_bools_are_weights_of_0_and_1(backend, average):
    labels = backend.asarray([[0.0, 1.0], [1.0, 0.0], [1.0, -1.0], [0.0, 1.0]])
    scores = backend.asarray([[0.1, 0.4], [0.7, 0.3], [0.4, 0.5], [0.9, 0.8]])
    is_counted = np.asarray([True, True, False, True])

    def score(weight):
        return ml.masked_score(
            lambda y, p, sample_weight=None: np.average(
                abs(np.asarray(y) - np.asarray(p)),
                weights=None if sample_weight is None else np.asarray(sample_weight),
            ),
            labels,
            scores,
            missing=-1,
            average=average,
            sample_weight=backend.asarray(weight),
        )

    assert score(is_counted) == score(is_counted.astype("float32"))
