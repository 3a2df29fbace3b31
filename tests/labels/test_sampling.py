"""Labels and mask of positives and drawn negatives."""

import tracemalloc

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy, refuse_to_compute
from tables.oracles import labels as oracles

ITEMS = 9


def drawn(seed=0, rows=6, positives=3, negatives=12, items=ITEMS):
    """Return indices with padding, doublets, and negatives that are positives of their row."""
    rng = np.random.default_rng(seed)
    first = rng.integers(-1, items, (rows, positives))
    first[0] = -1
    second = rng.integers(-1, items, (rows, negatives))
    second[1] = -1
    second[2:, 0] = first[2:, 0]
    return first, second


def check(pair, first, second, items=ITEMS):
    for got, want in zip(pair, oracles.sampled(first, second, items), strict=True):
        got = asnumpy(got)
        assert got.dtype == bool
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64"])
def test_positives_and_drawn_negatives_are_observed_and_nothing_else(backend, dtype):
    for seed in range(3):
        arrays = drawn(seed)
        pair = ml.sampled_mask(*(backend.asarray(a.astype(dtype)) for a in arrays), ITEMS)
        check(pair, *arrays)


def test_unsigned_indices(backend):
    arrays = [np.abs(array).astype("uint8") for array in drawn()]
    check(ml.sampled_mask(*map(backend.asarray, arrays), ITEMS), *arrays)


def test_one_positive_per_row(backend):
    first, second = drawn()
    pair = ml.sampled_mask(backend.asarray(first[:, 1]), backend.asarray(second), ITEMS)
    check(pair, first[:, 1:2], second)


def test_rows_may_share_their_negatives(backend):
    first, second = drawn()
    pair = ml.sampled_mask(backend.asarray(first), backend.asarray(second[:1]), ITEMS)
    check(pair, first, np.repeat(second[:1], len(first), 0))


def test_rows_may_have_several_axes(backend):
    first, second = drawn()
    arrays = first.reshape(2, 3, -1), second.reshape(2, 3, -1)
    pair = ml.sampled_mask(*map(backend.asarray, arrays), ITEMS)
    assert tuple(pair[0].shape) == tuple(pair[1].shape) == (2, 3, ITEMS)
    flat = [backend.namespace.reshape(part, (-1, ITEMS)) for part in pair]
    check(flat, first, second)


def test_one_row(backend):
    labels, mask = ml.sampled_mask(
        backend.asarray(np.asarray(2)), backend.asarray(np.asarray([0, 2])), np.int64(4)
    )
    np.testing.assert_array_equal(asnumpy(labels), [False, False, True, False])
    np.testing.assert_array_equal(asnumpy(mask), [True, False, True, False])


@pytest.mark.parametrize("sizes", [(0, 2, 3), (4, 0, 3), (4, 2, 0)], ids=str)
def test_nothing_drawn(backend, sizes):
    arrays = drawn(rows=4, positives=2, negatives=3)
    rows, *numbers = sizes
    arrays = [array[:rows, :n] for array, n in zip(arrays, numbers, strict=True)]
    pair = ml.sampled_mask(*map(backend.asarray, arrays), ITEMS)
    assert tuple(pair[0].shape) == tuple(pair[1].shape) == (rows, ITEMS)
    if rows:
        check(pair, *arrays)


@pytest.mark.needs("jit")
def test_jit(backend):
    compiled = FRAMEWORKS[backend.name].jit(lambda *arrays: ml.sampled_mask(*arrays, ITEMS))
    for seed in range(2):
        check(compiled(*map(backend.asarray, drawn(seed))), *drawn(seed))


@pytest.mark.needs("jit")
def test_an_index_that_is_no_item_observes_nothing_under_jit(backend):
    compiled = FRAMEWORKS[backend.name].jit(lambda *arrays: ml.sampled_mask(*arrays, ITEMS))
    first, second = drawn()
    for bad in (ITEMS, -2, -ITEMS, 2**31 - 1, -(2**31)):
        arrays = (np.where(array == -1, bad, array).astype("int32") for array in (first, second))
        check(compiled(*map(backend.asarray, arrays)), first, second)


@pytest.mark.needs("vmap")
def test_vmap(backend):
    mapped = FRAMEWORKS[backend.name].vmap(lambda *arrays: ml.sampled_mask(*arrays, ITEMS))
    check(mapped(*map(backend.asarray, drawn())), *drawn())


def test_the_pair_goes_into_a_loss(backend):
    first, second = drawn()
    labels, mask = oracles.sampled(first, second, ITEMS)
    x = np.random.default_rng(1).normal(0, 3, (len(first), ITEMS))
    want = np.where(labels, np.log1p(np.exp(-x)), np.log1p(np.exp(x)))[np.asarray(mask)].mean()
    pair = ml.sampled_mask(backend.asarray(first), backend.asarray(second), ITEMS)
    x = backend.asarray(np.where(mask, x, np.nan).astype("float32"))
    value, gradient = ml.value_and_grad(ml.binary_cross_entropy_with_logits)(
        x, pair[0], mask=pair[1]
    )
    np.testing.assert_allclose(float(value), want, rtol=1e-6)
    np.testing.assert_array_equal(asnumpy(gradient) != 0, mask)


@pytest.mark.needs("numpy")
def test_memory_does_not_grow_with_the_number_of_negatives(backend):
    items, peaks = 20_000, []
    for negatives in (1, 100):
        arrays = drawn(rows=20, negatives=negatives, items=items)
        tracemalloc.start()
        ml.sampled_mask(*arrays, items)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] < 5 * 20 * items


@pytest.mark.needs("torch")
def test_torch_meta_tensors_are_never_read(backend):
    arrays = (backend.asarray(array).to("meta") for array in drawn())
    for part in ml.sampled_mask(*arrays, ITEMS):
        assert part.device.type == "meta"
        assert part.shape == (6, ITEMS)


@pytest.mark.needs("dask")
def test_dask_computes_nothing_until_asked(backend):
    import dask

    arrays = [backend.asarray(array).rechunk(2) for array in drawn()]
    with refuse_to_compute():
        pair = ml.sampled_mask(*arrays, ITEMS)
    assert all(dask.is_dask_collection(part) for part in pair)
    check(pair, *drawn())
