"""Pairs of the samples of a batch, some of unknown class, and the contrastive loss of them."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import native

LABELS = np.asarray([4, 0, -1, 4, 7, 0, 4, -1])
KNOWN = LABELS != -1
Z = np.random.default_rng(0).normal(size=(8, 3))
SIMILARITY = (Z @ Z.T) / np.linalg.norm(Z, axis=1) / np.linalg.norm(Z, axis=1)[:, None] / 0.1


def supervised_contrastive(similarity, labels, known):
    """The mean over samples with a positive, by plain loops over the known others."""
    losses = []
    for i in np.flatnonzero(known):
        others = [j for j in np.flatnonzero(known) if j != i]
        positives = [j for j in others if labels[j] == labels[i]]
        total = math.log(sum(math.exp(similarity[i, j]) for j in others))
        if positives:
            losses.append(sum(total - similarity[i, j] for j in positives) / len(positives))
    return sum(losses) / len(losses)


def test_the_softmax_loss_of_pairs_is_supervised_contrastive(backend):
    same, known = ml.pairs_from_labels(backend.asarray(LABELS), missing=-1)
    got = ml.softmax_ranking_loss(native(backend, SIMILARITY), same, mask=known)
    want = supervised_contrastive(SIMILARITY, LABELS, KNOWN)
    np.testing.assert_allclose(asnumpy(got), want, rtol=1e-5)


def test_pairs_of_an_unknown_sample_have_no_part(backend):
    labels, mask = backend.asarray(np.where(KNOWN, LABELS, 4)), backend.asarray(KNOWN)
    same, known = ml.pairs_from_labels(labels, mask=mask)
    x = np.where(KNOWN & KNOWN[:, None], SIMILARITY, np.nan)
    np.fill_diagonal(x, np.inf)
    call = ml.value_and_grad(ml.softmax_ranking_loss)
    value, gradient = call(native(backend, x), same, mask=known)
    without = np.ix_(KNOWN, KNOWN)
    same, known = ml.pairs_from_labels(backend.asarray(LABELS[KNOWN]))
    want, slope = call(native(backend, SIMILARITY[without]), same, mask=known)
    np.testing.assert_allclose(asnumpy(value), asnumpy(want), rtol=1e-6)
    np.testing.assert_allclose(asnumpy(gradient)[without], asnumpy(slope), rtol=1e-5, atol=1e-8)
    assert not asnumpy(gradient)[~KNOWN].any()


def test_pairs_along_the_last_axis(backend):
    labels = np.stack([LABELS, LABELS[::-1]])
    same, known = ml.pairs_from_labels(backend.asarray(labels), missing=-1)
    assert tuple(same.shape) == tuple(known.shape) == (2, 8, 8)
    for k in range(2):
        for got, want in zip(
            (same, known), ml.pairs_from_labels(labels[k], missing=-1), strict=True
        ):
            np.testing.assert_array_equal(asnumpy(got)[k], want)


@pytest.mark.needs("jit")
def test_pairs_in_a_compiled_function(backend):
    jit = FRAMEWORKS[backend.name].jit
    got = jit(lambda y: ml.pairs_from_labels(y, missing=-1))(backend.asarray(LABELS))
    for part, want in zip(got, ml.pairs_from_labels(LABELS, missing=-1), strict=True):
        np.testing.assert_array_equal(asnumpy(part), want)


def test_classes_that_are_no_integers_are_refused(backend):
    with pytest.raises(TypeError, match=r"`labels`.*must be integers"):
        ml.pairs_from_labels(native(backend, LABELS))
    with pytest.raises(ValueError, match="axis of samples"):
        ml.pairs_from_labels(backend.asarray(np.asarray(3)))
