"""Losses of an order, of scores that are infinite or NaN."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import entry_parts, native

INF, NAN = math.inf, math.nan


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


_OF_LISTS = [
    ml.softmax_ranking_loss,
    ml.pairwise_logistic_loss,
    ml.pairwise_hinge_loss,
    ml.list_mle_loss,
    ml.cox_loss,
]


def _lists_with_a_bad_one(backend, loss, has_groups):
    """Return scores, labels and options of two lists; one has a NaN alone, and does not count."""
    x, y = np.asarray([[0, 1], [math.nan, INF]]), np.asarray([[1, 0], [0, 0]])
    known, options = np.asarray([[True, True], [True, False]]), {}
    if has_groups:
        x, y, known = (array.ravel() for array in (x, y, known))
        options["groups"] = backend.asarray(np.asarray([0, 0, 1, 1]))
        if loss in {ml.pairwise_logistic_loss, ml.pairwise_hinge_loss}:
            options["max_group_size"] = 2
    x, y, options["mask"] = native(backend, x), native(backend, y), backend.asarray(known)
    if loss is ml.cox_loss:
        options |= {"events": y, "list_axis": -1 if has_groups else 1}
        return x, -y, options
    return x, y, options


def _assert_first_alone(gradient):
    first, second = asnumpy(gradient).reshape(2, 2)
    assert first.all()
    assert not second.any()


@pytest.mark.parametrize("has_groups", [False, True])
@pytest.mark.parametrize("loss", _OF_LISTS)
def test_a_bad_score_of_a_list_that_does_not_count_has_no_gradient(backend, loss, has_groups):
    x, y, options = _lists_with_a_bad_one(backend, loss, has_groups)
    _assert_first_alone(ml.value_and_grad(loss)(x, y, **options)[1])


@pytest.mark.needs("autodiff")
@pytest.mark.parametrize("has_groups", [False, True])
@pytest.mark.parametrize("loss", _OF_LISTS)
def test_nor_by_automatic_differentiation(backend, loss, has_groups):
    """Which multiplies its derivative by 0."""
    x, y, options = _lists_with_a_bad_one(backend, loss, has_groups)
    _assert_first_alone(FRAMEWORKS[backend.name].grad(lambda x: loss(x, y, **options), x))


def test_a_list_of_one_item_has_no_order(backend):
    x, y = native(backend, [[2, 0, 1], [5, 6, 7]]), native(backend, [[2, 0, 1], [0, NAN, NAN]])
    got = ml.list_mle_loss(x, y, missing=NAN)
    want = ml.list_mle_loss(x[:1, :], y[:1, :])
    np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-6)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
def test_scores_of_a_group_that_differ_by_more_than_a_float_holds(backend, order):
    x, y = (native(backend, np.asarray(a)[order]) for a in ([300, 0, -300, 0], [0, 1, 0, 0]))
    groups = backend.asarray(np.zeros(4, int))
    got = ml.softmax_ranking_loss(x, y, groups=groups)
    np.testing.assert_allclose(asnumpy(got), 300, rtol=1e-6)


def test_what_a_hinge_lacks_is_exact_near_its_kink(backend):
    """The rounding of the difference is 3e-5 of it."""
    x = np.asarray([[1.0001, 0.001]], "float32")
    got = ml.pairwise_hinge_loss(native(backend, x), native(backend, [[1, 0]]))
    np.testing.assert_allclose(asnumpy(got), 1 - (float(x[0, 0]) - float(x[0, 1])), rtol=1e-6)


def test_the_macro_mean_of_lists_in_one_dimension_is_that_of_all(backend):
    x, y = native(backend, [2, 0, 1, 3]), native(backend, [0, 1, 1, 0])
    groups = backend.asarray(np.asarray([0, 0, 1, 1]))
    got = ml.softmax_ranking_loss(x, y, groups=groups, reduction="macro")
    want = ml.softmax_ranking_loss(x, y, groups=groups)
    np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-6)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("loss", [ml.pairwise_logistic_loss, ml.list_mle_loss])
def test_torch_compiles_lists_of_several_lengths(backend, loss):
    """Dynamo makes a symbol of the length when it meets the second one."""
    import torch

    torch._dynamo.reset()
    compiled = torch.compile(loss, fullgraph=True, backend="aot_eager")
    for items in (3, 4, 5):
        x = backend.asarray(np.linspace(-1, 1, 2 * items).reshape(2, items))
        y = backend.asarray(np.arange(2 * items).reshape(2, items) % 3)
        torch.testing.assert_close(compiled(x, y), loss(x, y))
