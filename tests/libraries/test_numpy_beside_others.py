"""NumPy arrays beside predictions of a library whose own functions take them."""

import numpy as np
import pytest

import maskloss as ml
from helpers.choice import ONE_OF_EACH_LOSS
from helpers.frameworks import asnumpy
from helpers.problems import Problem
from maskloss._arrays.support import backend as support
from tables.cases import by_case

X = np.asarray([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]], "float32")


@pytest.mark.parametrize("name", ["jax", "tensorflow"])
@by_case(ONE_OF_EACH_LOSS)
def test_numpy_arrays_beside_a_prediction_are_taken(name, case, chosen_backends):
    if name not in chosen_backends:
        return
    own = Problem.make(support(name), case)
    host = Problem.make(support("numpy"), case)
    mixed = host.replace(x=own.x)
    want = host.bind(ml.value_and_grad(case.loss))(*host.arrays)
    got = mixed.bind(ml.value_and_grad(case.loss))(*mixed.arrays)
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(asnumpy(one), asnumpy(other), rtol=1e-5, atol=1e-6)


@pytest.mark.needs("jax")
def test_labels_under_jit_may_be_numpy(backend):
    import jax

    labels = np.asarray([[1, 0, -1], [0, 1, 1]])

    def loss(x):
        return ml.binary_cross_entropy_with_logits(x, labels, missing=-1)

    x = backend.asarray(X)
    want = ml.binary_cross_entropy_with_logits(X, labels, missing=-1)
    np.testing.assert_allclose(asnumpy(jax.jit(loss)(x)), want, rtol=1e-6)


@pytest.mark.needs("jax")
def test_a_class_that_the_library_cannot_hold_is_an_error(backend):
    import jax

    switch = jax.enable_x64 if hasattr(jax, "enable_x64") else jax.experimental.enable_x64
    with switch(False), pytest.raises(ValueError, match=r"`labels`.*int64.*4294967296"):
        ml.cross_entropy(backend.asarray(X), np.asarray([2**32, 1]))


@pytest.mark.needs("torch")
def test_torch_refuses_numpy_as_its_own_functions_do(backend):
    with pytest.raises(TypeError, match="one library"):
        ml.mse_loss(backend.asarray(X), X)
