"""Losses of an order, of infinite scores: the subject is surely the next, or surely the last."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.problems import entry_parts, native

INF = math.inf


def _list_mle(backend, x, **options):
    return entry_parts(ml.list_mle_loss, x, native(backend, [3, 2, 1, 0]), **options)


def _list_mle_of_groups(backend, x):
    return _list_mle(backend, x, groups=backend.asarray(np.zeros(4, int)))


def _cox(backend, x):
    time, event = native(backend, [0, 1, 2, 3]), native(backend, [1, 1, 1, 0])
    return entry_parts(ml.cox_loss, x, time, event, normalize=False)


@pytest.mark.parametrize("parts", [_list_mle, _list_mle_of_groups, _cox])
@pytest.mark.parametrize(
    ("scores", "value", "slope"),
    [
        ([0, 0, 0, INF], INF, [-1, -1, -1, 3]),
        ([INF, 0, 0, 0], math.log(6), [0, -2 / 3, -1 / 6, 5 / 6]),
        ([0, 0, 0, -INF], math.log(6), [-2 / 3, -1 / 6, 5 / 6, 0]),
        ([0, -INF, 0, 0], INF, [-2 / 3, -1, 1 / 3, 4 / 3]),
    ],
)
def test_an_infinite_score_is_surely_first_or_last(backend, parts, scores, value, slope):
    got, gradient, curvature = parts(backend, native(backend, scores))
    np.testing.assert_allclose(got.sum(), value, rtol=1e-6)
    np.testing.assert_allclose(gradient.ravel(), slope, atol=1e-6)
    assert np.isfinite(curvature).all()
