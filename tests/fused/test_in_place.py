"""Loops that read whole arrays of a call from an offset on, and write there."""

import numpy as np
import pytest

import maskloss as ml
from helpers.eager import blocks_of
from maskloss._evaluation import fused_blocks

pytestmark = [pytest.mark.needs("numpy"), pytest.mark.needs("blocks")]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 6, 3)).astype("float32")
# Predictions whose entries are (4, 6) elements, or rows that lie in order in memory.
LOSSES = {
    "elements": (ml.mse_loss, X[..., 0].copy(), {}),
    "rows along the last axis": (ml.cross_entropy, X, {}),
    "rows along another axis": (ml.cross_entropy, np.moveaxis(X, -1, 1), {"class_axis": 1}),
}
LABELS, MASK = RNG.integers(0, 3, (4, 6)), RNG.random((4, 6)) < 0.7
WEIGHT = RNG.random((4, 6)).astype("float32")


def assert_same_bits(*results):
    for one, other in zip(*results, strict=True):
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


@pytest.fixture
def selected(monkeypatch):
    """Return a list to which each selection of arrays adds its number of entries."""
    numbers, arrays_of = [], fused_blocks.arrays_of

    def spied(checked, recording, layout, selection):
        numbers.append(selection.number)
        return arrays_of(checked, recording, layout, selection)

    monkeypatch.setattr(fused_blocks, "arrays_of", spied)
    return numbers


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("is_weighted", [True, False])
def test_arrays_read_in_place_and_block_by_block_give_the_same_bits(
    backend, kind, is_weighted, selected
):
    loss, x, options = LOSSES[kind]
    options = {**options, "weight": WEIGHT} if is_weighted else options
    results = []
    for mask, is_in_place in ((MASK, True), (np.repeat(MASK, 2, axis=-1)[:, ::2], False)):
        selected.clear()
        with blocks_of(7):
            value = loss(x, LABELS, mask=mask, **options)
            assert (selected == [LABELS.size]) == is_in_place
            results.append([value, *ml.value_and_grad(loss)(x, LABELS, mask=mask, **options)])
    assert_same_bits(*results)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize("threads", ["1", "2"])
def test_how_many_blocks_a_loop_runs_over_changes_no_bit(backend, axis, most, threads, monkeypatch):
    x, labels = (np.repeat(array, 9, axis=axis) for array in (X[..., 0], LABELS))
    mask = RNG.random(x.shape) < 0.7
    results = []
    for number in (16, most):
        monkeypatch.setattr(fused_blocks, "_MOST_BLOCKS", number)
        with blocks_of(7):
            results.append(ml.value_and_grad(ml.mse_loss)(x, labels, mask=mask))
        monkeypatch.setenv("MASKLOSS_NUM_THREADS", threads)
    assert_same_bits(*results)


def test_a_wrong_label_of_a_late_block_is_named(backend):
    labels = MASK.astype("float32")
    labels[-1, -1] = 2
    with blocks_of(7), pytest.raises(ValueError, match=r"`labels` must be in \[0, 1\], got 2"):
        ml.value_and_grad(ml.binary_cross_entropy_with_logits)(X[..., 0].copy(), labels)


@pytest.mark.parametrize("name", ["x", "labels", "mask", "weight"])
def test_an_array_that_is_not_in_order_is_read_block_by_block(backend, name, selected):
    arrays = {"x": X[..., 0].copy(), "labels": LABELS, "mask": MASK, "weight": WEIGHT}
    want = ml.mse_loss(*list(arrays.values())[:2], mask=MASK, weight=WEIGHT)
    arrays[name] = np.asfortranarray(arrays[name])
    selected.clear()
    with blocks_of(7):
        x, labels, mask, weight = arrays.values()
        got = ml.mse_loss(x, labels, mask=mask, weight=weight)
    assert len(selected) > 1
    np.testing.assert_allclose(got, want, rtol=1e-6)
