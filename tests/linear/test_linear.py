"""The losses of a linear layer are those of its logits, with gradients by its parameters."""

import functools

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.linear import KINDS, assert_all_close, by_setting, by_way_of_logits, numbers, on
from tables.mistakes.linear import LINEAR, VALUES

pytestmark = pytest.mark.usefixtures("few_rows_at_a_time")


@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "macro", "sums", "none"])
@by_setting()
def test_value_and_gradients(backend, setting, reduction):
    parameters, bind = on(backend, setting)
    value, gradients = bind(ml.value_and_grad(setting.loss), reduction=reduction)(*parameters)
    want, by_parameters = by_way_of_logits(setting, reduction=reduction)
    assert_all_close(numbers(value), numbers(want))
    assert_all_close(gradients, by_parameters)
    assert [g.dtype for g in gradients] == [p.dtype for p in parameters]


@by_setting(KINDS)
def test_what_is_not_observed_has_no_effect(backend, setting):
    loss = ml.value_and_grad(setting.loss)
    parameters, bind = on(backend, setting)
    want = bind(loss)(*parameters)
    for poison in (np.nan, np.inf, -5.0):
        parameters, bind = on(backend, setting, poison)
        value, gradients = bind(loss)(*parameters)
        np.testing.assert_array_equal(asnumpy(value), asnumpy(want[0]))
        for got, clean in zip(gradients, want[1], strict=True):
            np.testing.assert_array_equal(asnumpy(got), asnumpy(clean))


def test_observed_features_that_are_nan_stay_visible(backend):
    parameters, labels, _ = KINDS[0].make()
    parameters[0][0, 0] = np.nan
    parameters = [backend.asarray(array.astype("f4")) for array in parameters]
    features, weight, bias = parameters
    value = ml.linear_cross_entropy(features, weight, backend.asarray(labels), bias)
    assert np.isnan(asnumpy(value))


@by_setting(KINDS)
def test_half_precision_is_computed_in_float32(backend, setting):
    for dtype in {"float16", "bfloat16"} & {*backend.dtypes}:
        half = getattr(backend.namespace, dtype, dtype)
        parameters, bind = on(backend, setting)
        rounded = [_cast(backend, p, half) for p in parameters]
        wide = [_cast(backend, p, parameters[0].dtype) for p in rounded]
        loss = bind(ml.value_and_grad(setting.loss))
        value, gradients = loss(*rounded)
        want, by_parameters = loss(*wide)
        assert value.dtype == want.dtype
        assert_all_close([value], [want])
        for got, clean in zip(gradients, by_parameters, strict=True):
            assert got.dtype == half
            np.testing.assert_allclose(
                asnumpy(got), asnumpy(_cast(backend, clean, half)), rtol=1e-2
            )


def _cast(backend, array, dtype):
    return backend.namespace.astype(array, dtype)


def test_parameters_of_two_dtypes_are_computed_in_the_wider(backend):
    setting = KINDS[0]
    parameters, bind = on(backend, setting)
    if "float16" not in backend.dtypes:
        return
    half = _cast(backend, parameters[0], getattr(backend.namespace, "float16", "float16"))
    value, gradients = bind(ml.value_and_grad(setting.loss))(half, *parameters[1:])
    assert value.dtype == parameters[1].dtype
    assert [g.dtype for g in gradients] == [half.dtype, *(p.dtype for p in parameters[1:])]


def _in_every_way(backend, wrong):
    def array(value):
        return backend.asarray(value) if type(value) is np.ndarray else value

    call = wrong.call
    keywords = {name: array(value) for name, value in call.keywords.items()}
    for loss in (call.func, ml.value_and_grad(call.func)):
        yield functools.partial(loss, *map(array, call.args), **keywords)


@pytest.mark.parametrize("wrong", LINEAR, ids=lambda wrong: wrong.name)
def test_a_mistake_is_named(backend, wrong):
    for call in _in_every_way(backend, wrong):
        with pytest.raises(wrong.error, match=wrong.match):
            call()


@pytest.mark.parametrize("wrong", VALUES, ids=lambda wrong: wrong.name)
def test_a_value_that_cannot_be_meant_is_named(backend, wrong):
    if not backend.checks_values:
        return
    for call in _in_every_way(backend, wrong):
        with pytest.raises(wrong.error, match=wrong.match):
            call()


def test_there_is_no_hessian_diagonal(backend):
    for setting in KINDS:
        parameters, bind = on(backend, setting)
        loss = bind(ml.grad_and_hessian(setting.loss))
        with pytest.raises(TypeError, match=r"(?s)(?=.*linear layer)(?=.*not in closed form)"):
            loss(*parameters)
