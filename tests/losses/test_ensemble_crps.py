"""The score of ensembles: what the table of cases does not hold."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.problems import entry_parts, native

INF = math.inf


@pytest.mark.parametrize("fair", [True, False])
def test_equal_members_have_equal_slopes(backend, fair):
    x, y = native(backend, [[2, 2, 5], [1, 1, 1]]), native(backend, [2, 4])
    _, slope, _ = entry_parts(ml.ensemble_crps_loss, x, y, fair=fair)
    pairs = 6 if fair else 9
    # At the number itself, that of the spread alone.
    np.testing.assert_allclose(slope[0], [1 / pairs, 1 / pairs, 1 / 3 - 2 / pairs], rtol=1e-6)
    np.testing.assert_allclose(slope[1], [-1 / 3] * 3, rtol=1e-6)


def test_two_members(backend):
    x, y = native(backend, [[1, 4], [1, 4]]), native(backend, [3, 6])
    value, slope, _ = entry_parts(ml.ensemble_crps_loss, x, y)
    np.testing.assert_allclose(value, [0, 2], rtol=1e-6)
    np.testing.assert_allclose(slope, [[0, 0], [0, -1]], atol=1e-6)


def test_one_member_is_the_absolute_error(backend):
    x, y = native(backend, [3, -1, 0.5]), native(backend, [1, 1, 0.5])
    column = backend.namespace.reshape(x, (3, 1))
    got = entry_parts(ml.ensemble_crps_loss, column, y, fair=False)
    for part, want in zip(got, entry_parts(ml.l1_loss, x, y), strict=True):
        np.testing.assert_array_equal(part.ravel(), want)


def test_a_member_beyond_the_number_and_all_others_does_not_matter_to_the_fair_score(backend):
    x, y = native(backend, [[0, 1, 5], [0, 1, INF]]), native(backend, [0.5, 0.5])
    value, slope, _ = entry_parts(ml.ensemble_crps_loss, x, y)
    np.testing.assert_allclose(value, [1 / 6, 1 / 6], rtol=1e-6)
    np.testing.assert_allclose(slope[:, 2], 0)


@pytest.mark.parametrize("fair", [True, False])
@pytest.mark.parametrize("place", range(3))
def test_a_nan_stays_visible(backend, fair, place):
    x = native(backend, [np.where(np.arange(3) == place, np.nan, [0, 1, 2])])
    value, slope, _ = entry_parts(ml.ensemble_crps_loss, x, native(backend, [0.5]), fair=fair)
    assert np.isnan(value).all()
    assert np.isnan(slope[0, place])
