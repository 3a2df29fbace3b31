"""Losses of overlap with labels that are class indices equal those with one-hot labels."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import native

SHAPE, CLASSES = (2, 3, 4, 5), 3
LOSSES = [ml.dice_loss, ml.jaccard_loss, ml.tversky_loss]
AXES = [(2, 3), (0, 2, 3), (0, 3), 1, (1, 2, 3), ...]
each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)


def arrays_of(class_axis):
    """Return probabilities, class indices of which some are 255, and the same one-hot."""
    rng = np.random.default_rng(0)
    p, y = rng.dirichlet(np.ones(CLASSES), (2, 4, 5)), rng.integers(0, CLASSES, (2, 4, 5))
    one_hot = np.eye(CLASSES)[y]
    y[rng.uniform(size=y.shape) < 0.3] = 255
    p[y == 255] = np.nan
    return np.moveaxis(p, -1, class_axis), y, np.moveaxis(one_hot, -1, class_axis)


def parts(loss, *arrays, **keywords):
    value, gradient = ml.value_and_grad(loss)(*arrays, **keywords)
    _, hessian = ml.grad_and_hessian(loss)(*arrays, **keywords)
    return [asnumpy(part) for part in (value, gradient, hessian)]


def same(got, want):
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)
        assert np.isfinite(one).all()


@each_loss
@pytest.mark.parametrize("class_axis", [1, -1])
@pytest.mark.parametrize("spatial_axes", AXES, ids=str)
@pytest.mark.parametrize(
    ("marked_by", "activation"), [("missing", None), ("mask", "softmax"), ("missing", "softmax")]
)
def test_indices_equal_one_hot_labels(
    backend, loss, class_axis, spatial_axes, marked_by, activation
):
    p, y, one_hot = arrays_of(class_axis)
    known = y != 255
    x, labels = native(backend, p), native(backend, y, "int32")
    ways = {"missing": {"missing": 255}, "mask": {"mask": native(backend, known, "bool")}}
    everywhere = np.broadcast_to(np.expand_dims(known, class_axis), p.shape)
    for reduction in ("none", "mean", "weighted_mean"):
        keywords = {"spatial_axes": spatial_axes, "reduction": reduction, "squared": True}
        keywords |= {"class_axis": class_axis, "activation": activation}
        want = parts(
            loss,
            native(backend, np.nan_to_num(p)),
            native(backend, one_hot),
            mask=native(backend, everywhere, "bool"),
            **keywords,
        )
        got = parts(loss, x, labels, **ways[marked_by], **keywords)
        same(got, want)


def test_macro_averages_over_the_class_axis(backend):
    p, y, one_hot = arrays_of(1)
    p = np.nan_to_num(p)
    known = native(backend, np.broadcast_to((y != 255)[:, None], p.shape), "bool")
    x, labels, one_hot = native(backend, p), native(backend, y, "int32"), native(backend, one_hot)
    got = ml.dice_loss(x, labels, missing=255, class_axis=1, spatial_axes=-1, reduction="macro")
    each = ml.dice_loss(x, one_hot, mask=known, spatial_axes=-1, reduction="none")
    counts = asnumpy(known).any(-1)
    want = (asnumpy(each).sum((0, 2)) / counts.sum((0, 2))).mean()
    np.testing.assert_allclose(asnumpy(got), want, rtol=1e-5)


def test_one_hot_labels_may_name_the_axis_too(backend):
    p, y, one_hot = arrays_of(1)
    mask = native(backend, y != 255, "bool")
    x = native(backend, p)
    got = parts(ml.dice_loss, x, native(backend, one_hot), mask=mask, class_axis=1)
    want = parts(ml.dice_loss, x, native(backend, y, "int32"), missing=255, class_axis=1)
    same(got, want)


@each_loss
@pytest.mark.parametrize("spatial_axes", AXES, ids=str)
def test_the_softmax_is_that_of_the_observed_classes(backend, loss, spatial_axes):
    """As composed by hand, with weights; a class that is masked has no effect on the others."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(0, 2, SHAPE), rng.integers(0, 2, (2, 4, 5))
    known = np.broadcast_to(np.asarray([True, True, False])[:, None, None], SHAPE).copy()
    known[0, :, 0] = False
    powers = np.exp(x) * known
    p = powers / np.maximum(powers.sum(1, keepdims=True), 1e-30)
    x[~known] = np.nan
    mask, labels = native(backend, known, "bool"), native(backend, y, "int32")
    given = {"class_axis": 1, "spatial_axes": spatial_axes, "mask": mask}
    want = loss(native(backend, p), labels, reduction="none", **given)
    got = loss(native(backend, x), labels, reduction="none", activation="softmax", **given)
    np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-5, atol=1e-7)


@pytest.mark.needs("numpy")
def test_the_mask_of_a_masked_array_counts():
    p, y, _ = arrays_of(1)
    got = ml.dice_loss(p, np.ma.masked_equal(y, 255), class_axis=1)
    want = ml.dice_loss(p, y, missing=255, class_axis=1)
    np.testing.assert_allclose(got, want, rtol=1e-14)


@pytest.mark.needs("numpy")
def test_large_predictions_in_blocks():
    rng = np.random.default_rng(1)
    p, y = rng.dirichlet(np.ones(4), (6, 300, 300)), rng.integers(0, 4, (6, 300, 300))
    p, one_hot = np.moveaxis(p, -1, 1), np.moveaxis(np.eye(4)[y], -1, 1)
    keywords = {"spatial_axes": (2, 3), "reduction": "none"}
    y[::2, 0] = 255
    mask = np.broadcast_to((y != 255)[:, None], p.shape)
    got = parts(ml.dice_loss, p, y, missing=255, class_axis=1, **keywords)
    same(got, parts(ml.dice_loss, p, one_hot, mask=mask, **keywords))
    softmax = {"activation": "softmax", "class_axis": 1}
    value, *_ = parts(ml.dice_loss, np.log(p), y, missing=255, **softmax, **keywords)
    np.testing.assert_allclose(value, got[0], rtol=1e-12)


def test_the_whole_has_no_sums_however_its_axes_are_named(backend):
    p, y = native(backend, [[0.2, 0.7]]), native(backend, [[0.0, 1.0]])
    for axes in (..., (0, 1), (-2, -1), (1, -2)):
        with pytest.raises(ValueError, match="cannot be added up"):
            ml.dice_loss(p, y, spatial_axes=axes, reduction="sums")
    whole = ml.dice_loss(p[0, :], y[0, :], spatial_axes=0, reduction="sums")
    np.testing.assert_allclose(asnumpy(whole.total), asnumpy(ml.dice_loss(p, y)), rtol=1e-6)


@pytest.mark.parametrize("axis", [3, -4])
def test_an_axis_of_classes_that_is_none(backend, axis):
    x = native(backend, np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match="is no axis of `input`"):
        ml.dice_loss(x, x, spatial_axes=2, class_axis=axis, activation="softmax")


@pytest.mark.needs("jax")
def test_an_index_out_of_range_is_nan_under_a_trace(backend):
    import jax

    p = backend.asarray(np.full((1, 2, 2), 0.5, np.float32))
    loss = jax.jit(
        lambda p, y: ml.dice_loss(
            p, y, class_axis=1, missing=255, spatial_axes=-1, reduction="none"
        )
    )
    assert np.isnan(loss(p, backend.asarray(np.asarray([[2, 0]])))).all()
    assert np.isfinite(loss(p, backend.asarray(np.asarray([[255, 0]])))).all()
