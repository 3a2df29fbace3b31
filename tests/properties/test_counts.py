"""The counts of labels alone are those of the loss of a prediction."""

import functools
import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import Problem
from tables.cases import KINDS, by_case

FIELDS = {"mean": "count", "weighted_mean": "weight", "mean_over_all": "count", "macro": "count"}


@by_case()
def test_counts_of_labels_are_those_of_the_loss(backend, case):
    problem = Problem.make(backend, case)
    keywords = {**problem.options, "mask": problem.mask, "weight": problem.weight}
    shape = tuple(problem.x.shape) if case.has_pixel_indices else None
    counted = functools.partial(ml.count, case.loss, problem.y, shape=shape)
    if not case.is_split:
        with pytest.raises(ValueError, match="cannot be added up"):
            counted(**keywords)
        return
    want, got = problem.call(reduction="sums"), counted(**keywords)
    assert float(got.total) == 0
    assert int(got.count) == int(want.count)
    np.testing.assert_allclose(asnumpy(got.weight), asnumpy(want.weight), rtol=1e-5)


@by_case(KINDS)
@pytest.mark.parametrize("reduction", FIELDS)
def test_counts_are_the_divisor_of_each_mean(backend, case, reduction):
    problem = Problem.make(backend, case)
    if not case.is_split or (reduction == "macro" and problem.x.ndim > 2):
        return
    keywords = {**problem.options, "mask": problem.mask, "weight": problem.weight}
    counts = ml.count(case.loss, problem.y, **keywords, reduction=reduction)
    divisor = getattr(counts, FIELDS[reduction])
    got = problem.call(reduction=reduction, divisor=divisor)
    np.testing.assert_allclose(asnumpy(got), asnumpy(problem.call(reduction=reduction)), rtol=1e-6)


def test_the_count_of_samples(backend):
    y = backend.asarray(np.asarray([[1.0, -1.0], [-1.0, -1.0], [0.0, 1.0]]))
    counts = ml.count(ml.mse_loss, y, missing=-1, reduction="samples")
    assert int(counts.count) == 2


def test_counts_of_objectives_modules_and_layers(backend):
    y = backend.asarray(np.asarray([2, -1, 0, -1, 1]))
    depth = backend.asarray(np.asarray([1.0, 2.0, math.nan, 4.0, 5.0]))
    objective = ml.MultiObjective(
        {"kind": ml.Head(ml.cross_entropy, missing=-1), "depth": ml.Head(ml.mse_loss)}
    )
    mask = {"depth": depth == depth}
    sums = ml.count(objective, {"kind": y, "depth": depth}, mask=mask)
    assert isinstance(sums, ml.ObjectiveSums)
    assert [int(sums.heads[name].count) for name in ("kind", "depth")] == [3, 4]
    of_layer = ml.count(ml.linear_cross_entropy, y, missing=-1)
    of_partial = ml.count(functools.partial(ml.cross_entropy, missing=-1), y)
    assert int(of_layer.count) == int(of_partial.count) == 3


@pytest.mark.parametrize("keywords", [{}, {"transition": np.eye(4)}], ids=["none", "a matrix"])
@pytest.mark.parametrize("class_axis", [0, 1, 2, -1])
def test_wrong_labels_are_counted_without_their_probabilities(backend, keywords, class_axis):
    y = backend.asarray(np.asarray([[2, -1, 0], [-1, 3, 1]]))
    keywords = {key: backend.asarray(array) for key, array in keywords.items()}
    loss = ml.forward_corrected_cross_entropy
    counts = ml.count(loss, y, missing=-1, class_axis=class_axis, **keywords)
    assert int(counts.count) == 4


def test_what_cannot_be_counted():
    with pytest.raises(TypeError, match="must be a loss of maskloss"):
        ml.count(print, np.ones(2))
    with pytest.raises(TypeError, match="`labels` must be an array"):
        ml.count(ml.cross_entropy, [1, 2])
    with pytest.raises(TypeError, match="unexpected keyword argument 'ignore_index'"):
        ml.count(ml.cross_entropy, np.asarray([1, 2]), ignore_index=-1)


def test_weights_of_classes_may_be_a_list(backend):
    y, weight = backend.asarray(np.asarray([0, 2, -1])), [1.0, 2.0, 3.0]
    counted = functools.partial(ml.count, ml.cross_entropy, y, missing=-1)
    assert float(counted(class_weight=weight).weight) == 4
    with pytest.raises(TypeError, match="`class_weight`"):
        counted(class_weight="balanced")


def test_a_count_names_an_axis_that_the_prediction_lacks(backend):
    y = backend.asarray(np.asarray([0, 2, -1]))
    with pytest.raises(ValueError, match=r"`class_axis`=2 is no axis .* labels of shape \(3,\)"):
        ml.count(ml.cross_entropy, y, class_axis=2)


def test_sequences_packed_into_rows_have_no_count(backend):
    y = backend.asarray(np.ones(4))
    groups = backend.asarray(np.asarray([0, 0, 1, 2]))
    with pytest.raises(ValueError, match="`groups` has no count"):
        ml.count(ml.mse_loss, y, reduction="samples", groups=groups)


@pytest.mark.parametrize("shape", [(2, 3, 4), (3, 3), (3,)])
def test_a_shape_that_does_not_fit_the_labels(backend, shape):
    labels = backend.asarray(np.zeros((2, 3), dtype="float32"))
    with pytest.raises(ValueError, match=r"`shape` must be that of the prediction.*\(2, 3\), or"):
        ml.count(ml.mse_loss, labels, shape=shape)
