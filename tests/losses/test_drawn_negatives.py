"""Corrections for drawn negatives, as docs/which-loss.md spells them, against plain loops."""

import math

import numpy as np

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import native

ITEMS, DRAWN = 6, 4
RNG = np.random.default_rng(0)
SHARE = RNG.dirichlet(np.ones(ITEMS))
POSITIVE = np.asarray([3, 5, 0])
NEGATIVES = RNG.choice(ITEMS, (3, DRAWN), p=SHARE)
SCORES = RNG.normal(0, 2, (3, ITEMS))


def shown():
    items = np.concatenate([POSITIVE[:, None], NEGATIVES], axis=1)
    return items, np.take_along_axis(SCORES, items, axis=1)


def test_the_log_q_correction_leaves_out_draws_that_hit_the_positive(backend):
    items, x = shown()
    is_hit = POSITIVE[:, None] == NEGATIVES
    assert is_hit.any()
    takes_part = np.concatenate([np.ones((3, 1), bool), ~is_hit], axis=1)
    got = ml.cross_entropy(
        native(backend, x - np.log(SHARE[items])),
        backend.asarray(np.zeros(3, int)),
        class_mask=backend.asarray(takes_part),
        reduction="none",
    )
    for k, loss in enumerate(asnumpy(got)):
        own = math.exp(SCORES[k, POSITIVE[k]]) / SHARE[POSITIVE[k]]
        others = [math.exp(SCORES[k, j]) / SHARE[j] for j in NEGATIVES[k] if j != POSITIVE[k]]
        np.testing.assert_allclose(loss, math.log((own + sum(others)) / own), rtol=1e-5)


def test_positives_of_gbce_have_the_power_of_the_paper(backend):
    """The loss of Petrov and Macdonald: -log(sigmoid(x)**beta) - sum of log(1 - sigmoid)."""
    t, share = 0.75, DRAWN / (ITEMS - 1)
    beta = share * (t * (1 - 1 / share) + 1 / share)
    _, x = shown()
    labels = np.broadcast_to(np.arange(1 + DRAWN) == 0, x.shape)
    got = ml.binary_cross_entropy_with_logits(
        native(backend, x), backend.asarray(labels.copy()), pos_weight=beta
    )
    p = 1 / (1 + np.exp(-x))
    want = -np.log(p[:, :1] ** beta).sum(-1) - np.log(1 - p[:, 1:]).sum(-1)
    np.testing.assert_allclose(asnumpy(got), (want / (DRAWN + 1)).mean(), rtol=1e-5)
