"""Losses for labels that may be wrong: what the table of cases does not hold."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import entry_parts, native

X = np.random.default_rng(0).normal(0, 3, (4, 3))
INDEX = np.asarray([0, 2, 2, 1])
P = np.exp(X) / np.exp(X).sum(-1, keepdims=True)
OWN = P[np.arange(4), INDEX]
NOISE = np.asarray([[0.75, 0.25, 0.0], [0.0, 1.0, 0.0], [0.125, 0.25, 0.625]])


def _none(loss, backend, x=X, **options):
    given = loss(native(backend, x), backend.asarray(INDEX), reduction="none", **options)
    return asnumpy(given)


def test_the_mean_absolute_error_is_that_of_probabilities(backend):
    got = _none(ml.active_passive_loss, backend, alpha=0.0, log_of_zero=-2.0)
    want = np.abs(P - np.eye(3)[INDEX]).sum(-1)
    np.testing.assert_allclose(got, want, rtol=1e-5)


def test_normalised_losses_of_all_labels_add_up_to_1(backend):
    x = native(backend, X)
    labels = (backend.asarray(np.full(4, k)) for k in range(3))
    each = [ml.active_passive_loss(x, y, beta=0.0, reduction="none") for y in labels]
    np.testing.assert_allclose(sum(map(asnumpy, each)), np.ones(4), rtol=1e-5)


def test_the_reverse_cross_entropy_is_that_of_clipped_labels(backend):
    """As the authors' code has it."""
    got = _none(ml.symmetric_cross_entropy, backend, alpha=0.5, log_of_zero=np.log(1e-4))
    clipped = np.clip(np.eye(3)[INDEX], 1e-4, 1)
    want = -0.5 * np.log(OWN) - (P * np.log(clipped)).sum(-1)
    np.testing.assert_allclose(got, want, rtol=1e-5)


@pytest.mark.parametrize("log_of_zero", [0.0, -0.5])
def test_a_small_bound_of_the_logarithm(backend, log_of_zero):
    got = _none(ml.symmetric_cross_entropy, backend, alpha=2.0, log_of_zero=log_of_zero)
    np.testing.assert_allclose(got, -2 * np.log(OWN) - log_of_zero * (1 - OWN), rtol=1e-5)


def test_rows_of_one_class_are_0(backend):
    x, y = native(backend, [[3.0]]), backend.asarray(np.asarray([0]))
    for part in entry_parts(ml.active_passive_loss, x, y):
        assert not part.any()


def test_forward_correction_compares_the_labels_with_changed_probabilities(backend):
    got = _none(ml.forward_corrected_cross_entropy, backend, transition=native(backend, NOISE))
    np.testing.assert_allclose(got, -np.log((P @ NOISE)[np.arange(4), INDEX]), rtol=1e-5)


def test_no_noise_is_the_cross_entropy(backend):
    x, y = native(backend, X), backend.asarray(INDEX)
    eye = native(backend, np.eye(3))
    got = entry_parts(ml.forward_corrected_cross_entropy, x, y, transition=eye)
    for part, want in zip(got, entry_parts(ml.cross_entropy, x, y), strict=True):
        np.testing.assert_allclose(part, want, rtol=1e-5, atol=1e-7)


def test_logits_of_minus_infinity_take_no_part(backend):
    x = native(backend, [[0.0, -np.inf, 1.0]])
    y, noise = backend.asarray(np.asarray([2])), native(backend, NOISE)
    with np.errstate(invalid="ignore"):  # dask computes here
        got = entry_parts(ml.forward_corrected_cross_entropy, x, y, transition=noise)
    q = 1 / (1 + np.e)
    np.testing.assert_allclose(got[0], -np.log(0.625 * (1 - q)), rtol=1e-5)
    np.testing.assert_allclose(got[1], [[q, 0, -q]], rtol=1e-5)


def test_bad_transitions_are_nan_where_none_are_read(backend):
    x, y = native(backend, X), backend.asarray(INDEX)
    for bad in (NOISE.T, -NOISE, np.eye(3)[[0, 1, 1]]):
        call = {"transition": native(backend, bad), "reduction": "none"}
        if backend.checks_values:
            with pytest.raises(ValueError, match="`transition`"):
                ml.forward_corrected_cross_entropy(x, y, **call)
        else:
            got = asnumpy(ml.forward_corrected_cross_entropy(x, y, **call))
            assert np.isnan(got[INDEX == 2]).all()
