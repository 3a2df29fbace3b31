"""Numbers per class lie along the class axis, which must be named above two dimensions."""

import inspect

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import native
from maskloss._public import records

SHAPE, AXIS = (2, 3, 4, 5), 1
ELEMENTWISE = [
    record.function
    for record in records()
    if {"class_axis", "class_weight"} <= {*record.options} and record.inputs is not None
]
ELEMENTWISE = [
    loss for loss in ELEMENTWISE if inspect.signature(loss).parameters["class_axis"].default is None
]
REQUIRED = {
    "clipped_policy_loss": "advantages",
    "gaussian_crps_loss": "var",
    "gaussian_nll_loss": "var",
    "large_loss": "fraction",
    "propensity_scored_loss": "propensity_weight",
}
WEIGHTS = np.asarray([0.5, 2.0, 1.0])
each_loss = pytest.mark.parametrize("loss", ELEMENTWISE, ids=lambda loss: loss.__name__)


def arrays_of(loss, backend):
    """Return predictions, labels and mask in which the class axis is not the last."""
    rng = np.random.default_rng(0)
    inputs = loss.record.inputs
    domain = inputs.domains[1]
    values = domain.values or (domain.fill_value, 1.0)
    x, y = rng.uniform(0.1, 0.9, SHAPE), rng.choice(np.asarray(values, float), SHAPE)
    given = {}
    if loss in {ml.gaussian_crps_loss, ml.gaussian_nll_loss}:
        given["var"] = native(backend, rng.uniform(0.5, 2, SHAPE))
    if loss is ml.clipped_policy_loss:
        given["advantages"] = native(backend, rng.normal(0, 1, SHAPE))
    if loss is ml.large_loss:
        given["fraction"] = 0.2
    if loss is ml.propensity_scored_loss:
        given["propensity_weight"] = 2.0
    mask = native(backend, rng.uniform(size=SHAPE) < 0.7, "bool")
    return native(backend, x), native(backend, y), mask, given


def last(array):
    """Move the class axis to the end."""
    return np.moveaxis(asnumpy(array), AXIS, -1)


@each_loss
def test_class_weight_multiplies_along_the_class_axis(backend, loss):
    x, y, mask, given = arrays_of(loss, backend)
    weight = native(backend, WEIGHTS)
    per_entry = native(backend, np.broadcast_to(WEIGHTS[:, None, None], SHAPE))
    for reduction in ("none", "mean", "weighted_mean"):
        got = loss(
            x, y, mask=mask, class_weight=weight, class_axis=AXIS, reduction=reduction, **given
        )
        want = loss(x, y, mask=mask, weight=per_entry, reduction=reduction, **given)
        np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-5, atol=1e-7)


@each_loss
def test_macro_averages_over_the_class_axis(backend, loss):
    x, y, mask, given = arrays_of(loss, backend)
    got = loss(x, y, mask=mask, reduction="macro", class_axis=AXIS, **given)
    per_class = loss(x, y, mask=mask, axis=(0, 2, 3), **given)
    np.testing.assert_allclose(asnumpy(got), asnumpy(per_class).mean(), rtol=1e-5)


@each_loss
def test_above_two_dimensions_the_class_axis_must_be_named(backend, loss):
    x, y, mask, given = arrays_of(loss, backend)
    weight = native(backend, np.ones(SHAPE[-1]))
    for wrong in ({"class_weight": weight}, {"reduction": "macro"}):
        with pytest.raises(ValueError, match=r"`class_axis` must name.*\(2, 3, 4, 5\)"):
            loss(x, y, mask=mask, **wrong, **given)
    with pytest.raises(ValueError, match=r"`class_axis`=4 is no axis"):
        loss(x, y, mask=mask, class_axis=4, **given)


def test_options_per_class_lie_along_the_class_axis(backend):
    bce, quantile = ml.binary_cross_entropy_with_logits, ml.quantile_loss
    x, y, mask, _ = arrays_of(bce, backend)
    for loss, name in ((bce, "pos_weight"), (quantile, "quantile")):
        numbers = native(backend, WEIGHTS / 2)
        full = native(backend, (WEIGHTS / 2)[None, :, None, None])
        got = loss(x, y, mask=mask, class_axis=AXIS, **{name: numbers})
        want = loss(x, y, mask=mask, **{name: full})
        np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-6)
        with pytest.raises(ValueError, match=f"`class_axis` must name.*`{name}`"):
            loss(x, y, mask=mask, **{name: native(backend, np.ones(SHAPE[-1]))})


@pytest.mark.parametrize(
    "weights",
    [ml.class_balanced_weight, ml.inverse_frequency_weight, ml.balanced_pos_weight],
    ids=lambda weights: weights.__name__,
)
def test_weights_are_counted_along_the_class_axis(backend, weights):
    _, y, mask, _ = arrays_of(ml.binary_cross_entropy_with_logits, backend)
    moved = native(backend, last(y).reshape(-1, 3)), native(backend, last(mask).reshape(-1, 3))
    want = weights(moved[0], mask=native(backend, asnumpy(moved[1]), "bool"))
    got = weights(y, mask=mask, class_axis=AXIS)
    np.testing.assert_allclose(asnumpy(got).ravel(), asnumpy(want).ravel(), rtol=1e-5)
    with pytest.raises(ValueError, match=r"`class_axis` must name.*weights per class"):
        weights(y, mask=mask)


@pytest.mark.parametrize("weights", [ml.distribution_balanced_weight, ml.partial_label_weight])
def test_weights_of_entries_are_counted_along_the_class_axis(backend, weights):
    _, y, mask, _ = arrays_of(ml.binary_cross_entropy_with_logits, backend)
    moved = native(backend, last(y).reshape(-1, 3)), native(backend, last(mask).reshape(-1, 3))
    want = weights(moved[0], mask=native(backend, asnumpy(moved[1]), "bool"))
    got = last(weights(y, mask=mask, class_axis=AXIS))
    np.testing.assert_allclose(got.reshape(want.shape), asnumpy(want), rtol=1e-5)
    with pytest.raises(ValueError, match=r"`class_axis` must name.*weights per class"):
        weights(y, mask=mask)


def test_sparse_labels_have_the_class_of_their_place(backend):
    x, *_ = arrays_of(ml.mse_loss, backend)
    positions = np.argwhere(np.random.default_rng(1).uniform(size=SHAPE) < 0.3).T
    values = native(backend, np.ones(positions.shape[1]))
    labels = ml.Observed(tuple(native(backend, k, "int32") for k in positions), values)
    mask = np.zeros(SHAPE, bool)
    mask[tuple(positions)] = True
    dense = native(backend, np.ones(SHAPE))
    for way in ({"class_weight": native(backend, WEIGHTS)}, {"reduction": "macro"}):
        got = ml.mse_loss(x, labels, class_axis=AXIS, **way)
        want = ml.mse_loss(x, dense, mask=native(backend, mask, "bool"), class_axis=AXIS, **way)
        np.testing.assert_allclose(asnumpy(got), asnumpy(want), rtol=1e-5)


@pytest.mark.needs("torch")
def test_a_module_keeps_the_weights_of_classes(backend):
    import torch

    from maskloss.torch import MaskedBCEWithLogitsLoss

    x, y, mask, _ = arrays_of(ml.binary_cross_entropy_with_logits, backend)
    module = MaskedBCEWithLogitsLoss(class_weight=torch.tensor(WEIGHTS), class_axis=AXIS)
    assert "class_weight" in dict(module.named_buffers())
    want = ml.binary_cross_entropy_with_logits(
        x, y, mask=mask, class_weight=torch.tensor(WEIGHTS), class_axis=AXIS
    )
    torch.testing.assert_close(module(x, y, mask=mask), want)


@pytest.mark.needs("torch")
def test_class_weight_is_the_weight_of_torch(backend):
    import torch

    x, y, *_ = arrays_of(ml.binary_cross_entropy_with_logits, backend)
    x, y = x[:, :, 0, 0], y[:, :, 0, 0]
    weight = torch.tensor(WEIGHTS, dtype=torch.float32)
    want = torch.nn.BCEWithLogitsLoss(weight=weight)(x, y)
    got = ml.binary_cross_entropy_with_logits(x, y, class_weight=weight, reduction="mean_over_all")
    torch.testing.assert_close(got, want)
