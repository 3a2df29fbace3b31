"""Lists whose items come in any order, with the number of their group."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy

LISTS, ITEMS = 7, 5
by_loss = pytest.mark.parametrize(
    "loss",
    [
        ml.list_mle_loss,
        ml.softmax_ranking_loss,
        ml.pairwise_logistic_loss,
        ml.pairwise_hinge_loss,
    ],
    ids=lambda loss: loss.__name__,
)
PAIRWISE = (ml.pairwise_logistic_loss, ml.pairwise_hinge_loss)
SIZE = {ml.list_mle_loss: {}, ml.softmax_ranking_loss: {}} | {
    key: {"max_group_size": ITEMS} for key in PAIRWISE
}


def lists(loss=None):
    """Return scores, labels and mask of lists, of which one has nothing observed.

    Labels of a loss that keeps the order of ties have none.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, (LISTS, ITEMS)).astype("float32")
    mask = rng.uniform(size=x.shape) < 0.7
    mask[2] = False
    ranks = rng.permuted(np.tile(np.arange(ITEMS), (LISTS, 1)), axis=1)
    labels = ranks if loss is ml.list_mle_loss else ranks // 2
    return np.where(mask, x, np.nan), labels, mask


def shuffled(backend, seed=1, loss=None):
    """Return the same, item by item with their groups, and the order they come in."""
    order = np.random.default_rng(seed).permutation(LISTS * ITEMS)
    numbers = np.repeat([3, -7, 2**31 - 1, 0, 11, 10, -(2**31)], ITEMS)
    arrays = (*(array.ravel() for array in lists(loss)), numbers)
    return [backend.asarray(array[order]) for array in arrays], order


@by_loss
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "sum"])
def test_groups_in_any_order_are_lists(backend, loss, normalize, reduction):
    (x, y, mask, groups), order = shuffled(backend, loss=loss)
    options = {"reduction": reduction}
    if loss is not ml.list_mle_loss:
        options["normalize"] = normalize
    got = ml.value_and_grad(loss)(x, y, mask=mask, groups=groups, **SIZE[loss], **options)
    x, y, mask = map(backend.asarray, lists(loss))
    value, gradient = ml.value_and_grad(loss)(x, y, mask=mask, **options)
    np.testing.assert_allclose(asnumpy(got[0]), asnumpy(value), rtol=1e-5)
    np.testing.assert_allclose(asnumpy(got[1]), asnumpy(gradient).ravel()[order], rtol=1e-5)


@pytest.mark.parametrize("loss", PAIRWISE, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("normalize", [True, False])
def test_weights_of_items_of_groups_are_those_of_lists(backend, loss, normalize):
    (x, y, mask, groups), order = shuffled(backend)
    weight = np.random.default_rng(5).uniform(0.5, 2, (LISTS, ITEMS)).astype("float32")
    weight[~lists()[2]] = np.nan
    options = {"normalize": normalize, "reduction": "weighted_mean"}
    items = backend.asarray(weight.ravel()[order])
    got = ml.value_and_grad(loss)(
        x, y, mask=mask, groups=groups, item_weight=items, **SIZE[loss], **options
    )
    x, y, mask = map(backend.asarray, lists())
    value, gradient = ml.value_and_grad(loss)(
        x, y, mask=mask, item_weight=backend.asarray(weight), **options
    )
    np.testing.assert_allclose(asnumpy(got[0]), asnumpy(value), rtol=1e-5)
    np.testing.assert_allclose(asnumpy(got[1]), asnumpy(gradient).ravel()[order], rtol=1e-5)


@by_loss
def test_groups_of_the_last_axis_are_those_of_each_row(backend, loss):
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 3, (2, 3, 4)).astype("float32"), rng.integers(0, 3, (2, 3, 4))
    groups = np.asarray([5, 2, 5, 2])
    got, want = (
        ml.value_and_grad(loss)(
            *map(backend.asarray, (x, y)), groups=backend.asarray(g), **SIZE[loss]
        )
        for g in (groups, np.broadcast_to(groups, x.shape).copy())
    )
    for part, wanted in zip(got, want, strict=True):
        np.testing.assert_array_equal(asnumpy(part), asnumpy(wanted))


@by_loss
def test_sums_count_groups(backend, loss):
    (x, y, mask, groups), _ = shuffled(backend, loss=loss)
    got = loss(x, y, mask=mask, groups=groups, reduction="sums", **SIZE[loss])
    x, y, mask = map(backend.asarray, lists(loss))
    want = loss(x, y, mask=mask, reduction="sums")
    assert int(asnumpy(got.count)) == int(asnumpy(want.count)) < LISTS
    np.testing.assert_allclose(asnumpy(got.total), asnumpy(want.total), rtol=1e-5)


@by_loss
def test_a_group_has_the_weight_and_the_place_of_its_first_observed_item(backend, loss):
    x = np.asarray([np.nan, 1.0, 2.0, 0.0, 3.0], "float32")
    y, groups = np.asarray([5, 0, 1, 1, 0]), np.asarray([4, 4, 8, 4, 8])
    weight = np.asarray([np.nan, 10.0, 3.0, 7.0, 5.0], "float32")
    observed = np.isfinite(x)
    arrays = [backend.asarray(array) for array in (x, y, observed, groups, weight)]
    x, y, mask, groups, weight = arrays
    options = {"mask": mask, "groups": groups, **SIZE[loss]}
    plain = ml.value_and_grad(loss)(x, y, reduction="none", **options)
    value, gradient = ml.value_and_grad(loss)(x, y, reduction="none", weight=weight, **options)
    np.testing.assert_allclose(asnumpy(value), asnumpy(plain[0]) * [0, 10, 3, 0, 0], rtol=1e-6)
    assert (asnumpy(value) > 0).tolist() == [False, True, True, False, False]
    factor = [0, 10, 3, 10, 3]
    np.testing.assert_allclose(asnumpy(gradient), asnumpy(plain[1]) * factor, rtol=1e-6)


def test_a_nan_stays_in_its_group(backend):
    x = np.asarray([np.nan, 1.0, 2.0, 0.0], "float32")
    y, groups = np.asarray([0, 0, 1, 1]), np.asarray([1, 0, 1, 0])
    arrays = map(backend.asarray, (x, y))
    value, gradient = ml.value_and_grad(ml.softmax_ranking_loss)(
        *arrays, groups=backend.asarray(groups), reduction="none"
    )
    assert np.isnan(asnumpy(value)).tolist() == [True, False, False, False]
    assert np.isnan(asnumpy(gradient)).tolist() == [True, False, True, False]


@pytest.mark.needs("jit")
def test_a_group_that_is_larger_than_was_said_is_nan_under_jit(backend):
    (x, y, mask, groups), _ = shuffled(backend)

    def loss(x, y, mask, size=2):
        return ml.pairwise_logistic_loss(
            x, y, mask=mask, groups=groups, max_group_size=size, reduction="none"
        )

    got = asnumpy(FRAMEWORKS[backend.name].jit(loss)(x, y, mask))
    want = asnumpy(loss(x, y, mask, size=ITEMS))
    known = asnumpy(mask)
    sizes = np.asarray([known[asnumpy(groups) == group].sum() for group in asnumpy(groups)])
    assert np.isnan(got[(sizes > 2) & (want > 0)]).all()
    np.testing.assert_allclose(got[sizes <= 2], want[sizes <= 2], rtol=1e-5)


@pytest.mark.needs("jit")
def test_how_large_groups_are_must_be_said_under_jit(backend):
    (x, y, mask, groups), _ = shuffled(backend)

    def loss(x, mask):
        return ml.pairwise_logistic_loss(x, y, mask=mask, groups=groups)

    error = RuntimeError if backend.name == "torch" else ValueError
    with pytest.raises(error, match=r"(?s)(?=.*`max_group_size`)(?=.*traced)(?=.*`groups`)"):
        FRAMEWORKS[backend.name].jit(loss)(x, mask)


@pytest.mark.needs("numpy")
def test_no_item_at_all(backend):
    nothing = np.zeros(0, "float32")
    for loss in SIZE:
        assert float(loss(nothing, nothing, groups=np.zeros(0, int))) == 0.0


@pytest.mark.needs("numpy")
def test_long_groups_are_summed_exactly(backend):
    x = np.zeros(100_000, "float32")
    groups = np.zeros(x.size, int)
    value = ml.softmax_ranking_loss(x, np.ones_like(x), groups=groups)
    np.testing.assert_allclose(float(value), np.log(x.size), rtol=1e-6)


@pytest.mark.needs("autodiff", "second order")
@pytest.mark.parametrize("loss", [ml.pairwise_logistic_loss, ml.softmax_ranking_loss])
def test_lists_of_one_item_have_derivatives_of_zero(backend, loss):
    x, y = (backend.asarray(np.ones((3, 1), "float32")) for _ in range(2))
    framework = FRAMEWORKS[backend.name]
    assert not asnumpy(framework.grad(lambda x: loss(x, y), x)).any()
    assert not asnumpy(framework.hessian_diagonal(lambda x: loss(x, y), x)).any()


def test_a_group_may_have_as_many_items_as_are_given(backend):
    x = backend.asarray(np.asarray([1.0, 2.0, 4.0], "float32"))
    y, groups = (backend.asarray(np.asarray(numbers)) for numbers in ([0, 1, 1], [7, 7, 9]))
    loss = ml.pairwise_logistic_loss(x, y, groups=groups, max_group_size=2)
    np.testing.assert_allclose(asnumpy(loss), np.log1p(np.exp(-1.0)), rtol=1e-6)
