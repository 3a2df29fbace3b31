"""The mean of the means of groups, such as sequences packed into rows, equals a plain loop."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import Problem, native
from tables.cases import CASES, by_case

# Lists of rankings are groups of their own; a whole prediction has no entries to group.
each_case = by_case(
    [case for case in CASES if not case.is_whole and "groups" not in case.loss.record.parameters]
)


def _shares(ids, counted):
    """Return the share of each entry in the mean of the means of groups, by a plain loop."""
    shares = np.zeros(counted.shape)
    ids = ids if ids.ndim == 2 else ids[None]
    rows, known = shares.reshape(*ids.shape, -1), counted.reshape(*ids.shape, -1)
    groups = [(k, ids[k] == number) for k in range(len(ids)) for number in set(ids[k].tolist())]
    groups = [(k, members) for k, members in groups if known[k][members].any()]
    for k, members in groups:
        share = known[k] & members[:, None]
        rows[k][share] = 1 / share.sum() / len(groups)
    return shares


@each_case
@pytest.mark.parametrize("ndim", [1, 2])
def test_equals_a_plain_loop(backend, case, ndim):
    problem = Problem.make(backend, case)
    _, _, mask, _ = case.arrays()
    counted = case.counted(mask, problem.x.shape)
    ids = np.random.default_rng(0).integers(-1, 2, counted.shape[:ndim])
    given = {"reduction": "samples", "groups": native(backend, ids, "int32")}
    shares = _shares(ids, counted)
    value, *derivatives = problem.parts(reduction="none")
    np.testing.assert_allclose(problem.parts(**given)[0], (shares * value).sum(), rtol=2e-5)
    for got, each in zip(problem.parts(**given)[1:], derivatives, strict=True):
        factor = problem.along_rows(shares) if each.ndim > shares.ndim else shares
        np.testing.assert_allclose(got, factor * each, rtol=2e-5, atol=1e-7)


def test_one_group_for_each_row_is_a_sample(backend):
    x, y = native(backend, np.arange(6).reshape(2, 3)), native(backend, np.zeros((2, 3)))
    mask = native(backend, [[1, 1, 0], [0, 0, 0]], "bool")
    for groups in (np.zeros((2, 3)), [4, 2]):
        ids = native(backend, groups, "int64")
        got = ml.mse_loss(x, y, mask=mask, reduction="samples", groups=ids)
        want = ml.mse_loss(x, y, mask=mask, reduction="samples")
        assert float(got) == float(want) == 0.5


def test_no_observed_entry_is_empty(backend):
    x, ids = native(backend, np.ones((2, 3))), native(backend, np.zeros((2, 3)), "int32")
    given = {"mask": False, "reduction": "samples", "groups": ids, "empty": float("nan")}
    assert np.isnan(float(ml.mse_loss(x, x, **given)))


def test_ids_and_weights_of_missing_entries_have_no_effect(backend):
    x, y = native(backend, [1.0, 2.0, 3.0]), native(backend, [0, 0, -1], "int32")
    results = []
    for last, weight in ((0, 1.0), (99, np.inf)):
        ids = native(backend, [0, 0, last], "int32")
        keywords = {"missing": -1, "weight": native(backend, [1, 3, weight])}
        loss = ml.value_and_grad(ml.mse_loss)
        results.append(loss(x, y, reduction="samples", groups=ids, **keywords))
    (value, gradient), (other, others) = results
    assert float(value) == float(other) == 6.5
    assert asnumpy(gradient).tolist() == asnumpy(others).tolist()


@pytest.mark.needs("jit")
def test_under_a_compiler(backend):
    rng = np.random.default_rng(0)
    x, ids = rng.normal(size=(2, 4, 3)), rng.integers(0, 2, (2, 4))
    arrays = native(backend, x), native(backend, ids * 2, "int32"), native(backend, ids, "int32")

    def loss(x, y, ids):
        return ml.cross_entropy(x, y, missing=0, reduction="samples", groups=ids)

    compiled = FRAMEWORKS[backend.name].jit(loss)(*arrays)
    np.testing.assert_allclose(float(compiled), float(loss(*arrays)), rtol=1e-6)


@pytest.mark.needs("numpy")
def test_of_a_linear_layer():
    rng = np.random.default_rng(1)
    features, matrix = rng.normal(size=(2, 4, 3)), rng.normal(size=(5, 3))
    y, ids = rng.integers(-1, 5, (2, 4)), rng.integers(0, 2, (2, 4))
    given = {"missing": -1, "reduction": "samples", "groups": ids}
    got = ml.linear_cross_entropy(features, matrix, y, **given)
    np.testing.assert_allclose(got, ml.cross_entropy(features @ matrix.T, y, **given), rtol=1e-12)
