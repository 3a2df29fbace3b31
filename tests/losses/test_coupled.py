"""What is particular to losses that couple the elements of a row."""

import functools

import numpy as np
import pytest

import maskloss as ml
from helpers.case import Case
from helpers.frameworks import asnumpy
from helpers.problems import Problem

X = np.asarray([[1.0, -2.0, 0.5], [3.0, 1.0, np.nan], [0.0, 2.0, 1.0]], "float32")
KNOWN = np.asarray([[True, True, True], [True, True, False], [True, True, True]])
LISTWISE, PAIRWISE = ml.softmax_ranking_loss, ml.pairwise_logistic_loss
PAIRS_OF_LABELS = functools.partial(ml.multilabel_margin_loss, multi_hot=True)

# Of each, labels of a row without a term, and of two rows with one.
WITHOUT_A_TERM = [
    (LISTWISE, [0, 0, 7], [1, 0, 2]),
    (PAIRWISE, [1, 1, 7], [0, 1, 2]),
    (functools.partial(LISTWISE, normalize=False), [0, 0, 7], [1, 0, 2]),
    (functools.partial(PAIRWISE, normalize=False), [1, 1, 7], [0, 1, 2]),
]


def value_and_grad(backend, loss, *arrays, **keywords):
    keywords = {k: backend.asarray(v) for k, v in keywords.items() if k != "reduction"} | {
        k: v for k, v in keywords.items() if k == "reduction"
    }
    value, gradient = ml.value_and_grad(loss)(*map(backend.asarray, arrays), **keywords)
    return asnumpy(value), asnumpy(gradient)


@pytest.mark.parametrize(("loss", "without", "labels"), WITHOUT_A_TERM, ids=range(4))
def test_a_row_without_a_term_is_not_counted(backend, loss, without, labels):
    y = np.asarray([labels, without, labels])
    value, gradient = value_and_grad(backend, loss, X, y, mask=KNOWN)
    others = [0, 2]
    want, slope = value_and_grad(backend, loss, X[others], y[others])
    np.testing.assert_allclose(value, want, rtol=1e-6)
    np.testing.assert_allclose(gradient[others], slope, rtol=1e-6)
    assert not gradient[1].any()
    sums = loss(*map(backend.asarray, (X, y)), mask=backend.asarray(KNOWN), reduction="sums")
    assert int(asnumpy(sums.count)) == 2


def test_a_row_without_a_pair_of_labels_counts_as_0_as_in_torch(backend):
    y = np.asarray([[1, 0, 0], [1, 1, 7], [0, 1, 0]])
    value, gradient = value_and_grad(backend, PAIRS_OF_LABELS, X, y, mask=KNOWN)
    others = [0, 2]
    want, slope = value_and_grad(backend, PAIRS_OF_LABELS, X[others], y[others])
    np.testing.assert_allclose(value, want * 2 / 3, rtol=1e-6)
    np.testing.assert_allclose(gradient[others], slope * 2 / 3, rtol=1e-6)
    assert not gradient[1].any()


def test_two_ways_without_a_label_of_1_are_empty(backend):
    x, y = backend.asarray(X[:, :2].copy()), backend.asarray(np.zeros((3, 2), int))
    value, gradient = ml.value_and_grad(ml.two_way_loss)(x, y, empty=3.0)
    assert float(value) == 3.0
    assert not asnumpy(gradient).any()


@pytest.mark.parametrize("loss", [ml.dice_loss, ml.jaccard_loss, ml.tversky_loss])
def test_a_region_that_is_nowhere_is_no_loss(backend, loss):
    """Nor has it a slope: its first step up would be a whole loss of 1."""
    bound = functools.partial(loss, smooth=0, spatial_axes=-1, reduction="none")
    p = np.asarray([[0.0, 0.0], [0.5, 0.5]], "float32")
    value, gradient = value_and_grad(backend, bound, p, np.zeros_like(p))
    np.testing.assert_array_equal(value, [0, 1])
    assert not gradient.any()


def test_a_region_whose_misses_cost_nothing_is_no_loss(backend):
    """Nothing of it is found, and nothing costs: 0 / 0."""
    bound = functools.partial(
        ml.tversky_loss, beta=0.0, smooth=0, spatial_axes=-1, reduction="none"
    )
    parts = value_and_grad(backend, bound, np.zeros((1, 2), "float32"), np.ones((1, 2), "float32"))
    for part in parts:
        np.testing.assert_array_equal(part, 0)


@pytest.mark.needs("autodiff")
def test_the_derivative_of_a_region_that_is_nowhere(backend):
    from helpers.frameworks import FRAMEWORKS

    p = backend.asarray(np.zeros((2, 3), "float32"))
    got = FRAMEWORKS[backend.name].grad(lambda x: ml.dice_loss(x, p, smooth=0), p)
    assert not asnumpy(got).any()


def test_many_classes_are_those_of_all_pairs(backend):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 2, (3, 200)).astype("float32")
    y = rng.integers(0, 2, x.shape)
    gaps = np.maximum(0, 1 - x[:, :, None].astype(float) + x[:, None, :])
    is_pair = (y[:, :, None] == 1) & (y[:, None, :] == 0)
    want = (gaps * is_pair).sum((1, 2)) / 200
    active = (gaps > 0) & is_pair
    slope = (active.sum(1) - active.sum(2)) / 200
    value, gradient = value_and_grad(backend, PAIRS_OF_LABELS, x, y, reduction="none")
    np.testing.assert_allclose(value, want, rtol=4e-6)
    np.testing.assert_allclose(gradient, slope, rtol=1e-6)


def test_an_infinite_score_is_as_far_as_can_be(backend):
    x = np.asarray([[np.inf, 0.0, 0.5], [-np.inf, 0.0, 0.5], [1.0, -np.inf, 0.5]], "float32")
    with np.errstate(invalid="ignore"):  # dask computes here
        value, _ = value_and_grad(backend, PAIRS_OF_LABELS, x, [[1, 0, 0]] * 3, reduction="none")
    np.testing.assert_allclose(value, [0, np.inf, 0.5 / 3], rtol=1e-6)


@pytest.mark.needs("autodiff")
def test_the_derivative_by_a_hard_label(backend):
    """Where the logarithm of its weight is infinite."""
    from helpers.frameworks import FRAMEWORKS

    x, y = np.asarray([0.5, -1.0, 2.0]), np.asarray([1.0, 0.0, 0.0])
    got = FRAMEWORKS[backend.name].grad(
        lambda labels: ml.zlpr_loss(backend.asarray(x.astype("float32")), labels),
        backend.asarray(y.astype("float32")),
    )
    negative, positive = 1 + ((1 - y) * np.exp(x)).sum(), 1 + (y * np.exp(-x)).sum()
    want = np.exp(-x) / positive - np.exp(x) / negative
    np.testing.assert_allclose(asnumpy(got), want, rtol=1e-5)


def test_rows_that_are_almost_parallel_keep_half_their_digits(backend):
    y = np.asarray([[1.0, 1e-4]], "float32")
    value, _ = value_and_grad(
        backend, ml.cosine_similarity_loss, np.asarray([[1.0, 0.0]], "float32"), y
    )
    np.testing.assert_allclose(value, 5e-9, rtol=1e-3)


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("apart", [1e-1, 1e-2, 1e-4, 1e-6])
def test_the_cosine_distance_of_nearly_parallel_rows(apart):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype("float32")
    y = (x * (1 + apart * rng.normal(size=x.shape))).astype("float32")
    got = ml.cosine_similarity_loss(x, y, reduction="none")
    u, v = (rows.astype("longdouble") for rows in (x, y))
    u, v = (rows / np.sqrt((rows * rows).sum(-1, keepdims=True)) for rows in (u, v))
    want = ((u - v) ** 2).sum(-1) / 2
    assert (np.abs(got - want) <= 2 * np.finfo("float32").eps * np.sqrt(want)).all()


@pytest.mark.needs("second order")
@pytest.mark.parametrize("loss", [ml.dice_loss, ml.jaccard_loss, ml.tversky_loss])
@pytest.mark.parametrize(("squared", "size"), [(False, 1e-20), (False, 1e-37), (True, 1e-18)])
def test_a_region_without_a_label_is_1_for_any_prediction(backend, loss, squared, size):
    """The square of a small sum of predictions underflows; the sums themselves are normal."""
    options = {"smooth": 0.0, "squared": squared, "spatial_axes": -1}
    case = Case(loss.__name__, loss, None, None, options, class_axis=-1, coupled=True)
    problem = Problem.of(backend, case, np.full((2, 3), size), np.zeros((2, 3)), dtype="float32")
    value, *derivatives = problem.parts(reduction="none")
    np.testing.assert_array_equal(value, 1.0)
    composed = problem.framework.hessian_diagonal(problem.bind(loss), *problem.arrays)
    for derivative in (*derivatives, asnumpy(composed)):
        np.testing.assert_array_equal(derivative, 0.0)
