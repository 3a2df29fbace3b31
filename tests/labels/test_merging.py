"""Merged classes have the sum of their probabilities, in every loss of a softmax."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import native

SHAPE, BACKGROUND = (2, 4, 3, 5), 1
OUTLINED = np.asarray([[True, True, True, True], [False, True, True, False]])[:, :, None, None]


def problem():
    """Return logits, class indices of which some are 255, and the same one-hot."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 2, SHAPE), rng.integers(0, 4, (2, 3, 5))
    y = np.where(np.take_along_axis(OUTLINED, y[:, None], 1)[:, 0], y, BACKGROUND)
    missing = rng.uniform(size=y.shape) < 0.3
    return x, np.where(missing, 255, y), np.moveaxis(np.eye(4)[y], -1, 1)


def merged(backend, x, y):
    """Return merged logits, labels and the mask of the classes that are left."""
    x, y = native(backend, x), native(backend, y, "int32")
    x, mask = ml.merge_classes(x, native(backend, ~OUTLINED, bool), into=BACKGROUND, class_axis=1)
    return x, y, mask


def added(x):
    """Return the softmax with the probabilities of merged classes added to the background's."""
    p = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    together = np.where(OUTLINED, 0, p).sum(1) + p[:, BACKGROUND]
    p = np.where(OUTLINED, p, 0)
    p[:, BACKGROUND] = together
    return p


def test_the_marginal_dice_loss_adds_probabilities(backend):
    x, y, one_hot = problem()
    known = (y != 255)[:, None] & OUTLINED
    p, keywords = added(x), {"spatial_axes": (2, 3), "reduction": "none"}
    want = np.zeros((2, 4))
    for case, organ in np.ndindex(want.shape):
        at = known[case, organ]
        if at.any():
            overlap = (p * one_hot)[case, organ][at].sum()
            sizes = p[case, organ][at].sum() + one_hot[case, organ][at].sum()
            want[case, organ] = 1 - (2 * overlap + 1) / (sizes + 1)
    logits, labels, mask = merged(backend, np.where((y != 255)[:, None], x, np.nan), y)
    got = ml.dice_loss(
        logits, labels, class_axis=1, missing=255, mask=mask, activation="softmax", **keywords
    )
    np.testing.assert_allclose(asnumpy(got), want, rtol=1e-5, atol=1e-7)


def test_the_marginal_cross_entropy_is_that_of_candidates(backend):
    x, y, one_hot = problem()
    is_background = (y == BACKGROUND)[:, None]
    candidates = np.where(is_background, ~OUTLINED | (one_hot == 1), one_hot == 1)
    known = native(backend, y != 255, bool)
    want = ml.candidate_cross_entropy(
        native(backend, x), native(backend, candidates), class_axis=1, mask=known
    )
    logits, labels, mask = merged(backend, x, y)
    got = ml.cross_entropy(logits, labels, class_axis=1, missing=255, class_mask=mask)
    np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-5)


@pytest.mark.needs("autodiff")
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_a_missing_pixel_reaches_no_gradient(backend, poison):
    x, y, _ = problem()
    labels = native(backend, y, "int32")
    organs = native(backend, ~OUTLINED, bool)

    def loss(x):
        x, mask = ml.merge_classes(x, organs, into=BACKGROUND, class_axis=1)
        given = {"class_axis": 1, "missing": 255}
        dice = ml.dice_loss(
            x, labels, activation="softmax", spatial_axes=(2, 3), mask=mask, **given
        )
        return dice + ml.cross_entropy(x, labels, class_mask=mask, **given)

    grad = FRAMEWORKS[backend.name].grad
    missing = np.broadcast_to((y == 255)[:, None], SHAPE)
    clean = asnumpy(grad(loss, native(backend, x)))
    got = asnumpy(grad(loss, native(backend, np.where(missing, poison, x))))
    np.testing.assert_array_equal(got, clean)
    assert not got[missing].any()
    assert got[~missing].all()


def test_an_observed_nan_stays_visible(backend):
    x = native(backend, [[np.nan, 0.0, 1.0], [0.0, -np.inf, 1.0]])
    logits, mask = ml.merge_classes(x, native(backend, [True, False, False], bool), into=1)
    got = asnumpy(ml.cross_entropy(logits, native(backend, [2, 2], "int32"), class_mask=mask))
    assert np.isnan(got)
    np.testing.assert_allclose(asnumpy(logits)[1, 1], 0.0)


@pytest.mark.needs("numpy")
@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "says"),
    [
        (
            (np.ones((2, 3)), np.ones(4, bool)),
            {},
            ValueError,
            r"`merged`.*\(3,\).*got shape \(4,\)",
        ),
        ((np.ones((2, 3)), np.ones(3, bool)), {"into": 3}, ValueError, "`into`.*3 classes, got 3"),
        ((np.ones((2, 3)), np.ones(3, bool)), {"class_axis": 2}, ValueError, "`class_axis`=2"),
        ((np.ones((2, 3), int), np.ones(3, bool)), {}, TypeError, "`logits`.*floating"),
        ((np.ones((2, 3)), np.asarray([0, 1, 2])), {}, ValueError, "`merged` must be bool"),
    ],
)
def test_a_mistake_is_named(arguments, keywords, error, says):
    with pytest.raises(error, match=says):
        ml.merge_classes(*arguments, **keywords)
