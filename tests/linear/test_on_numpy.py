"""Losses of a linear layer on NumPy, and the memory that they take."""

import tracemalloc

import numpy as np
import pytest

import maskloss as ml
from helpers.linear import (
    CLASSES,
    DEPTH,
    KINDS,
    assert_all_close,
    by_setting,
    by_way_of_logits,
    numbers,
    on,
)
from maskloss._inputs.options import REDUCTIONS

pytestmark = pytest.mark.usefixtures("few_rows_at_a_time")


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("axis", [None, 0, (), -1])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@by_setting()
def test_numpy(backend, setting, reduction, axis):
    if axis is not None and reduction in {"none", "macro", "samples"}:
        axis = None
    parameters, bind = on(backend, setting, dtype="float64")
    loss = ml.value_and_grad(setting.loss)
    value, gradients = bind(loss, reduction=reduction, axis=axis)(*parameters)
    want, by_parameters = by_way_of_logits(setting, reduction=reduction, axis=axis)
    assert_all_close(numbers(value), numbers(want))
    assert_all_close(gradients, by_parameters)
    value = bind(setting.loss, reduction=reduction, axis=axis)(*parameters)
    assert_all_close(numbers(value), numbers(want))


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("lead", [(), (0,), (1,), (2, 1, 3)])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_rows_of_any_shape(backend, lead, reduction):
    rng = np.random.default_rng(0)
    features, weight = rng.normal(size=(*lead, DEPTH)), rng.normal(size=(CLASSES, DEPTH))
    for loss, of_logits, labels in [
        (ml.linear_cross_entropy, ml.cross_entropy, rng.integers(0, CLASSES, lead)),
        (
            ml.linear_binary_cross_entropy,
            ml.binary_cross_entropy_with_logits,
            rng.uniform(size=(*lead, CLASSES)),
        ),
    ]:
        labels = np.asarray(labels)
        value, gradients = ml.value_and_grad(loss)(features, weight, labels, reduction=reduction)
        want, slope = ml.value_and_grad(of_logits)(features @ weight.T, labels, reduction=reduction)
        assert_all_close([value], [want])
        rows = slope.reshape(-1, CLASSES)
        assert_all_close(gradients, [slope @ weight, rows.T @ features.reshape(-1, DEPTH)])


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("observed", [1.0, 0.3])
def test_memory_stays_well_under_that_of_the_logits(backend, monkeypatch, observed):
    monkeypatch.undo()
    rng = np.random.default_rng(0)
    rows, classes = 4096, 16384
    features = rng.normal(size=(rows, 8)).astype("f4")
    weight = rng.normal(size=(classes, 8)).astype("f4")
    labels = rng.integers(0, classes, rows)
    mask = rng.uniform(size=rows) < observed
    loss = ml.value_and_grad(ml.linear_cross_entropy)
    tracemalloc.start()
    try:
        loss(features, weight, labels, mask=mask)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < rows * classes * 4 / 5


@pytest.mark.needs("numpy")
def test_the_logits_of_a_teacher_are_not_all_in_memory_either(backend, monkeypatch):
    monkeypatch.undo()
    rng = np.random.default_rng(0)
    rows, classes = 4096, 16384
    layers = [rng.normal(size=(n, 8)).astype("f4") for n in (rows, classes, rows, classes)]
    features, weight, teacher, teacher_weight = layers
    mask = rng.uniform(size=rows) < 0.1
    loss = ml.value_and_grad(ml.linear_distillation_loss)
    tracemalloc.start()
    try:
        loss(features, weight, teacher, teacher_weight=teacher_weight, mask=mask)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * rows * classes * 4 / 5


@pytest.mark.needs("numpy")
def test_logits_of_rows_that_are_not_observed_are_not_computed(backend, monkeypatch):
    from maskloss._linear.gradients import Gradients

    seen = []
    logits = Gradients.logits

    def counting(self, index, out):
        seen.extend(index)
        return logits(self, index, out)

    monkeypatch.setattr(Gradients, "logits", counting)
    for setting in KINDS:
        seen.clear()
        parameters, bind = on(backend, setting)
        bind(setting.loss)(*parameters)
        _, _, keywords = setting.make()
        rows = keywords["mask"].reshape(7, -1).any(-1)
        np.testing.assert_array_equal(seen, rows.nonzero()[0])
