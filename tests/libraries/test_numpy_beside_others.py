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
        pytest.skip(f"{name} is not chosen")
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


LIBRARIES = pytest.mark.parametrize("name", ["jax", "tensorflow"])
LABELS = np.asarray([[1, 0, -1], [0, 1, 1]])
MATRIX = np.ones((3, 3), "float32")


@LIBRARIES
def test_labels_with_their_indices_may_be_numpy(name, chosen_backends):
    if name not in chosen_backends:
        pytest.skip(f"{name} is not chosen")
    x = support(name).asarray(X)
    for values in (np.asarray([1.0, 0.0]), np.ma.masked_array([1.0, 7.0], [False, True])):
        flat = ml.Observed(np.asarray([0, 4]), values)
        of_axes = ml.Observed((np.asarray([0, 1]), np.asarray([0, 1])), values)
        want = ml.binary_cross_entropy_with_logits(X, flat)
        for labels in (flat, of_axes):
            got = ml.binary_cross_entropy_with_logits(x, labels)
            np.testing.assert_allclose(asnumpy(got), want, rtol=1e-6)
        got = ml.linear_binary_cross_entropy(x, support(name).asarray(MATRIX), flat)
        want = ml.linear_binary_cross_entropy(X, MATRIX, flat)
        np.testing.assert_allclose(asnumpy(got), want, rtol=1e-6)


@LIBRARIES
def test_scores_of_numpy_beside_a_library_are_those_of_numpy(name, chosen_backends):
    if name not in chosen_backends:
        pytest.skip(f"{name} is not chosen")
    host = {"labels": LABELS, "predictions": X, "mask": X > -3, "weight": np.arange(2.0)}
    own = {key: support(name).asarray(array) for key, array in host.items()}

    def score(arrays):
        def metric(labels, predictions, sample_weight):
            types.add(type(predictions))
            return float(np.average((labels - predictions) ** 2, weights=1 + sample_weight))

        types = set()
        keywords = {"mask": arrays["mask"], "sample_weight": arrays["weight"], "missing": -1}
        return ml.masked_score(metric, arrays["labels"], arrays["predictions"], **keywords), types

    want, _ = score(host)
    for key, array in host.items():
        for mixed in (host | {key: own[key]}, own | {key: array}):
            got, types = score(mixed)
            np.testing.assert_allclose(got, want, rtol=1e-6)
            assert types == {np.ndarray}


@LIBRARIES
def test_labels_may_have_numpy_masks_and_indices(name, chosen_backends):
    if name not in chosen_backends:
        pytest.skip(f"{name} is not chosen")
    labels = support(name).asarray(LABELS)
    got = ml.balanced_pos_weight(labels, mask=LABELS >= 0)
    np.testing.assert_allclose(asnumpy(got), ml.balanced_pos_weight(LABELS, missing=-1))
    weight = 1.0 * (LABELS >= 0)
    encoded = ml.from_encoding(labels, "deepchem", weight=weight)
    for part, want in zip(
        encoded, ml.from_encoding(LABELS, "deepchem", weight=weight), strict=True
    ):
        np.testing.assert_array_equal(asnumpy(part), want)
    drawn = np.asarray([[1], [0]])
    sampled = ml.sampled_mask(support(name).asarray(drawn), 1 - drawn, 3)
    for part, want in zip(sampled, ml.sampled_mask(drawn, 1 - drawn, 3), strict=True):
        np.testing.assert_array_equal(asnumpy(part), want)


@LIBRARIES
def test_sums_add_to_sums_of_numpy(name, chosen_backends):
    if name not in chosen_backends:
        pytest.skip(f"{name} is not chosen")
    host = ml.mse_loss(X, LABELS, missing=-1, reduction="sums")
    own = ml.mse_loss(support(name).asarray(X), LABELS, missing=-1, reduction="sums")
    for added in (host + own, own + host):
        np.testing.assert_allclose(asnumpy(added.mean()), asnumpy(host.mean()), rtol=1e-6)


@LIBRARIES
@pytest.mark.parametrize("dtype", [object, str, "longdouble"])
def test_numpy_dtypes_that_the_library_lacks_are_errors_of_ours(name, dtype, chosen_backends):
    if name not in chosen_backends:
        pytest.skip(f"{name} is not chosen")
    with pytest.raises(TypeError, match="`target` must be bool, integer or floating, got"):
        ml.mse_loss(support(name).asarray(X), LABELS.astype(dtype))


@pytest.mark.needs("numpy")
def test_a_masked_weight_of_a_score_is_refused(backend):
    weight = np.ma.masked_array([1.0, 2.0], [True, False])
    with pytest.raises(TypeError, match="`sample_weight`"):
        ml.masked_score(np.vdot, LABELS, X, sample_weight=weight)
