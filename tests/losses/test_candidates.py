"""Sets of candidate classes: what the table of cases does not hold."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import entry_parts, native

X = np.random.default_rng(0).normal(0, 3, (4, 5))
INDEX = np.asarray([0, 4, 2, 2])
ONE = np.eye(5)[INDEX]


def test_one_candidate_is_the_label(backend):
    x = native(backend, X)
    got = entry_parts(ml.candidate_cross_entropy, x, native(backend, ONE))
    want = entry_parts(ml.cross_entropy, x, backend.asarray(INDEX))
    for part, wanted in zip(got, want, strict=True):
        np.testing.assert_allclose(part, wanted, rtol=1e-5, atol=1e-7)


def test_a_complementary_label_makes_the_others_candidates(backend):
    p = np.exp(X) / np.exp(X).sum(-1, keepdims=True)
    got = entry_parts(ml.candidate_cross_entropy, native(backend, X), native(backend, 1 - ONE))
    want = -np.log1p(-p[np.arange(4), INDEX])
    np.testing.assert_allclose(got[0], want, rtol=1e-4)


def test_the_gradient_is_that_of_weighted_probabilities(backend):
    """PRODEN with weights from the same prediction."""
    is_in = np.asarray([1.0, 1.0, 0.0, 1.0, 0.0])
    p = np.exp(X) * is_in / (np.exp(X) * is_in).sum(-1, keepdims=True)
    x = native(backend, X)
    got = entry_parts(ml.candidate_cross_entropy, x, native(backend, np.resize(is_in, X.shape)))
    want = entry_parts(ml.cross_entropy, x, native(backend, p))
    np.testing.assert_allclose(got[1], want[1], rtol=1e-4, atol=1e-6)


def test_a_row_of_all_candidates_is_0(backend):
    ones = native(backend, np.ones_like(X))
    for part in entry_parts(ml.candidate_cross_entropy, native(backend, X), ones):
        assert not part.any()


def test_a_row_without_a_candidate_is_a_mistake(backend):
    x, none = native(backend, X), native(backend, np.where(np.arange(4)[:, None] == 1, 0, ONE))
    known = backend.asarray(np.arange(4) != 1)
    assert np.isfinite(asnumpy(ml.candidate_cross_entropy(x, none, mask=known)))
    if backend.checks_values:
        with pytest.raises(ValueError, match="`candidates` must be 1 for at least one class"):
            ml.candidate_cross_entropy(x, none)
    else:
        assert np.isnan(asnumpy(ml.candidate_cross_entropy(x, none)))


# dask computes later, outside the context that ignores it.
INVALID = pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")


@INVALID
def test_excluded_classes_have_logits_of_minus_infinity(backend):
    """As the illegal actions of a game; also where all candidates, or all others, are excluded."""
    inf = np.inf
    x = native(backend, [[0, -inf, -inf], [-inf, 0, -inf], [0, -inf, -inf], [0, -inf, -1]])
    candidates = native(backend, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]])
    value, slope, curvature = entry_parts(ml.candidate_cross_entropy, x, candidates)
    q = 1 / (1 + np.e)
    np.testing.assert_allclose(value, [0, 0, inf, -np.log1p(-q)], rtol=1e-6)
    want = [[0, 0, 0], [0, 0, 0], [1, 0, -1], [-q, 0, q]]
    np.testing.assert_allclose(slope, want, rtol=1e-6)
    assert np.isfinite(curvature).all()


@INVALID
def test_two_way_loss_of_excluded_classes(backend):
    x, y = native(backend, [[0, -np.inf, -np.inf]]), native(backend, [[1, 0, 0]])
    value, slope = ml.value_and_grad(ml.two_way_loss)(x, y)
    assert float(value) == 0
    assert not asnumpy(slope).any()
