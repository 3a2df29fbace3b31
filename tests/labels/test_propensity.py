"""Inverse propensities: their values, and the loss that they make unbiased."""

import numpy as np
import pytest
from mpmath import mp, mpf

import maskloss as ml
from helpers.comparison import assert_within
from helpers.frameworks import asnumpy
from helpers.problems import native

COUNTS = np.asarray([[0, 1, 2], [10, 999, 1000]])


def exact(counts, samples, a, b):
    """Return 1 / t of the definition of t."""
    a, b, scale = mpf(a), mpf(b), mp.log(samples) - 1
    weights = []
    for n in np.ravel(counts).tolist():
        rest = scale * (b + 1) ** a * mp.exp(-a * mp.log(n + b))
        weights.append(float(1 / (1 / (1 + rest))))
    return np.reshape(weights, np.shape(counts))


@pytest.mark.parametrize(("a", "b"), [(0.55, 1.5), (0.5, 0.25), (0.0, 1.5)])
def test_weights_are_those_of_the_definition(backend, a, b):
    want = exact(COUNTS, 1000, a, b)
    for dtype in {"float32", "float64"} & set(backend.dtypes):
        got = ml.propensity_weight(native(backend, COUNTS, dtype), samples=1000, a=a, b=b)
        assert_within(asnumpy(got), want, backend.epsilons, dtype)
    got = asnumpy(ml.propensity_weight(backend.asarray(COUNTS), samples=1000, a=a, b=b))
    np.testing.assert_allclose(got, want, rtol=1e-6)
    assert (got >= 1).all()


def test_the_loss_is_unbiased(backend):
    """In expectation over which positives are seen, it is the cross-entropy of all of them."""
    x, t = np.asarray([-2.0, 0.5, 3.0]), np.asarray([0.25, 0.5, 1.0])
    weight, ones = native(backend, 1 / t), np.ones(3)
    seen, unseen = (
        asnumpy(
            ml.propensity_scored_loss(
                native(backend, x),
                native(backend, labels),
                propensity_weight=weight,
                reduction="none",
            )
        )
        for labels in (ones, 0 * ones)
    )
    truth = ml.binary_cross_entropy_with_logits(x, ones, reduction="none")
    np.testing.assert_allclose(t * seen + (1 - t) * unseen, truth, rtol=1e-5)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"samples": 2}, "`samples` must be finite, 3 or more, got 2"),
        ({"samples": np.nan}, "`samples`"),
        ({"a": -1.0}, "`a` must be finite, 0 or more, got -1"),
        ({"b": -1.0}, "`b` must be finite, 0 or more, got -1"),
    ],
)
def test_numbers_out_of_range_are_named(backend, wrong, says):
    with pytest.raises(ValueError, match=says):
        ml.propensity_weight(backend.asarray(COUNTS), **{"samples": 1000} | wrong)


def test_counts_that_are_no_numbers_are_refused(backend):
    with pytest.raises(TypeError, match=r"`counts` must be numbers of positives.*bool"):
        ml.propensity_weight(backend.asarray(COUNTS > 1), samples=1000)


@pytest.mark.parametrize("bad", [-1.0, 1001.0, np.nan])
def test_counts_out_of_range_are_refused_or_nan(backend, bad):
    counts = native(backend, [1.0, bad])
    if backend.checks_values:
        with pytest.raises(
            ValueError, match=rf"`counts` must be numbers of positives among.*, got {bad:g}$"
        ):
            ml.propensity_weight(counts, samples=1000)
    else:
        got = asnumpy(ml.propensity_weight(counts, samples=1000))
        assert np.isnan(got).tolist() == [False, True]


def test_a_label_that_never_occurs_and_no_offset_is_infinite(backend):
    got = ml.propensity_weight(backend.asarray(COUNTS), samples=1000, b=0.0)
    assert np.isinf(asnumpy(got)).tolist() == (COUNTS == 0).tolist()


@pytest.mark.parametrize("never", ["counted", "infinite"])
def test_an_infinite_weight_leaves_negatives_as_they_are(backend, never):
    """A label without a positive has one, where nothing is added to the counts."""
    x, labels = native(backend, [[-2.0, 3.0], [2.0, 3.0]]), native(backend, [[0.0, 1.0]] * 2)
    weight = ml.propensity_weight(native(backend, [0.0, 9.0]), samples=1000, b=0.0)
    seen = float(weight[1])
    if never == "infinite":
        weight = native(backend, [np.inf, seen])
    loss = ml.value_and_grad(ml.propensity_scored_loss)
    got = loss(x, labels, propensity_weight=weight, reduction="none")
    want = loss(x, labels, propensity_weight=native(backend, [1.0, seen]), reduction="none")
    for one, other in zip(got, want, strict=True):
        np.testing.assert_array_equal(asnumpy(one), asnumpy(other))
