"""Automatic differentiation and compilers on the losses of a linear layer."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.linear import CLASSES, DEPTH, KINDS, assert_all_close, by_setting, by_way_of_logits, on
from maskloss._linear import layer as _linear_layer

pytestmark = pytest.mark.usefixtures("few_rows_at_a_time")


@pytest.mark.needs("autodiff")
@pytest.mark.parametrize("poison", [None, np.nan])
@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "macro"])
@by_setting()
def test_automatic_gradients(backend, setting, reduction, poison):
    parameters, bind = on(backend, setting, poison)
    loss = bind(setting.loss, reduction=reduction)
    _, want = by_way_of_logits(setting, reduction=reduction)
    grad = FRAMEWORKS[backend.name].grad
    assert_all_close([grad(loss, *parameters, by=k) for k in range(len(parameters))], want)


@pytest.mark.needs("jit")
@by_setting(KINDS)
def test_jit(backend, setting):
    parameters, bind = on(backend, setting, np.nan)
    everything = bind(ml.value_and_grad(setting.loss), reduction="weighted_mean")
    value, gradients = FRAMEWORKS[backend.name].jit(everything)(*parameters)
    want, by_parameters = by_way_of_logits(setting, reduction="weighted_mean")
    assert_all_close([value, *gradients], [want, *by_parameters])


@pytest.mark.needs("jit", "autodiff")
def test_gradients_of_a_compiled_loss(backend):
    setting, framework = KINDS[0], FRAMEWORKS[backend.name]
    parameters, bind = on(backend, setting, np.nan)
    loss = framework.jit(bind(setting.loss))
    _, want = by_way_of_logits(setting)
    assert_all_close([framework.grad(loss, *parameters, by=k) for k in range(3)], want)


@pytest.mark.needs("second order")
@by_setting(KINDS)
def test_second_derivatives(backend, setting):
    """Against differences of the gradient."""
    parameters, bind = on(backend, setting)
    framework = FRAMEWORKS[backend.name]
    loss = bind(setting.loss)
    exact, keywords = on_numpy(setting)
    for k in (1, 2):
        got = framework.hessian_diagonal(
            lambda array, k=k: loss(*parameters[:k], array, *parameters[k + 1 :]), parameters[k]
        )
        want = np.zeros(exact[k].shape)
        for index in np.ndindex(want.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [array.copy() for array in exact]
                moved[k][index] += step
                ends.append(keywords(*moved)[1][k][index])
            want[index] = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(asnumpy(got), want, rtol=1e-3, atol=1e-5)


def on_numpy(setting):
    parameters, labels, keywords = setting.make()
    loss = ml.value_and_grad(setting.loss)

    def function(features, weight, bias):
        return loss(features, weight, labels, bias, **keywords)

    return parameters, function


@pytest.mark.needs("forward mode")
def test_forward_mode(backend):
    setting = KINDS[0]
    parameters, bind = on(backend, setting)
    loss = bind(setting.loss)
    tangent = np.random.default_rng(1).normal(size=(CLASSES, DEPTH)).astype("f4")
    _, got = FRAMEWORKS[backend.name].jvp(
        lambda weight: loss(parameters[0], weight, parameters[2]),
        parameters[1],
        backend.asarray(tangent),
    )
    _, (_, by_weight, _) = by_way_of_logits(setting)
    np.testing.assert_allclose(asnumpy(got), (by_weight * tangent).sum(), rtol=1e-4)


@pytest.mark.needs("vmap")
def test_vmap(backend):
    rng = np.random.default_rng(0)
    features = backend.asarray(rng.normal(size=(2, 7, DEPTH)).astype("f4"))
    weight = backend.asarray(rng.normal(size=(CLASSES, DEPTH)).astype("f4"))
    labels = backend.asarray(rng.integers(-1, CLASSES, (2, 7)))

    def loss(features, labels):
        return ml.linear_cross_entropy(features, weight, labels, missing=-1)

    got = FRAMEWORKS[backend.name].vmap(loss)(features, labels)
    assert_all_close(asnumpy(got), [loss(features[k], labels[k]) for k in range(2)])


@pytest.mark.needs("jax")
def test_a_scan_holds_a_chunk_of_the_logits(backend, monkeypatch):
    import jax

    rows, classes = 512, 4096
    monkeypatch.setattr(_linear_layer, "_LEAST_ROWS", 32)
    rng = np.random.default_rng(0)
    features, weight = (
        backend.asarray(rng.normal(size=(n, 8)).astype("f4")) for n in (rows, classes)
    )
    labels = backend.asarray(rng.integers(-1, classes, rows))

    def loss(features, weight, labels):
        return ml.linear_cross_entropy(features, weight, labels, missing=-1)

    gradient = jax.jit(jax.value_and_grad(loss, (0, 1)))
    memory = gradient.lower(features, weight, labels).compile().memory_analysis()
    assert memory.temp_size_in_bytes < rows * classes * 4
