"""The assertion for losses of the user: it passes right ones and finds each kind of mistake."""

import re

import numpy as np
import pytest

import maskloss as ml
from maskloss.testing import assert_mask_ignored

MASK = np.asarray([[True, False, True], [False, True, True]])
X = np.asarray([[0.5, -1.0, 2.0], [3.0, 0.25, -2.0]])
Y = np.asarray([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
W = np.asarray([[1.0, 2.0, 0.5], [2.5, 1.0, 3.0]])
CLASSES = np.asarray([2, 0, 1])
ROWS = np.asarray([True, False, True])


def safe(x, y, mask):
    x, y, known = ml.fill_unobserved(x, y, mask=mask)
    return ml.masked_mean((x - y) ** 2, mask=known)


def too_late(x, y, mask):
    """The value is right, and the gradient NaN."""
    return ml.masked_mean((x - y) ** 2, mask=mask)


def squared(x, y, mask, weight=1.0):
    return np.where(mask, weight * (x - y) ** 2, 0.0).sum()


def found(loss, *arrays, **options):
    with pytest.raises(AssertionError) as caught:
        assert_mask_ignored(loss, *arrays, **options)
    return str(caught.value)


@pytest.mark.needs("autodiff")
def test_a_gradient_by_automatic_differentiation(backend):
    arrays = [backend.asarray(array) for array in (X.astype("f"), Y.astype("f"), MASK)]
    poisons = ("inf", "plausible")
    assert_mask_ignored(safe, *arrays, poisons=poisons)
    text = found(too_late, *arrays, poisons=poisons)
    assert re.search(r"inf in prediction: the gradient changes from -?0 to nan at \(0, 1\)", text)
    assert "the value" not in text
    assert_mask_ignored(too_late, *arrays, grad=None, poisons=poisons)


def test_values(backend):
    arrays = [backend.asarray(array) for array in (X.astype("f"), Y.astype("f"), MASK)]
    assert_mask_ignored(ml.hinge_loss, arrays[0], 2 * arrays[1] - 1, arrays[2], grad=None)
    text = found(lambda x, y, **_: ml.l1_loss(x, y, reduction="none"), *arrays, grad=None)
    assert "nan in prediction: the value changes from 1 to nan at (0, 1)" in text


def test_every_array_alone_and_its_name():
    assert_mask_ignored(squared, X, Y, MASK, weight=W)

    def divided(x, y, mask, weight):
        return squared(x, y, mask, weight) / weight.sum()

    text = found(divided, X, Y, MASK, weight=W)
    assert re.findall(r"in (.*): the", text) == ["weight"] * 6
    assert_mask_ignored(divided, X, Y, MASK, weight=W, keep=["weight"])


def test_two_arrays_that_hide_each_other():
    def both(x, y, mask):
        hidden = np.isnan(x) & np.isnan(y) & ~mask
        return squared(x, y, mask) + hidden.sum()

    assert "nan in prediction and labels: the value changes" in found(both, X, Y, MASK)


def test_plausible_numbers():
    def only_sane(x, y, mask):
        with np.errstate(all="ignore"):
            error = (x - y) ** 2
        return np.where(np.isfinite(error) & (error < 1e6), error, 0.0)[mask | (x != X)].sum()

    text = found(only_sane, X, Y, MASK)
    assert re.findall(r"\n  (.*): the", text) == ["plausible in prediction"]


def test_an_error_of_the_loss():
    def picked(x, y, mask):
        return -np.where(mask, x[np.arange(3), y], 0.0).sum()

    text = found(picked, W.repeat(2, axis=0)[:3], CLASSES, ROWS)
    assert "huge in labels: IndexError" in text
    assert_mask_ignored(picked, W.repeat(2, axis=0)[:3], CLASSES, ROWS, keep=("labels",))


def test_a_gradient_of_the_user():
    derivatives = ml.grad_and_hessian(ml.mse_loss)
    assert_mask_ignored(ml.mse_loss, X, Y, MASK, grad=derivatives, weight=W)
    assert_mask_ignored(ml.mse_loss, X, Y, MASK, grad=ml.value_and_grad(ml.mse_loss))

    def slope(x, y, mask):
        return 2 * (x - y) * mask, np.where(mask, 2.0, 0.0)

    assert "nan in labels: the grad[0] changes from 0 to nan" in found(
        squared, X, Y, MASK, grad=slope
    )
    text = found(squared, X, Y, MASK, grad=lambda *_, **__: np.ones_like(X))
    assert text.startswith("the gradient is 1 at (0, 1), where nothing is observed")


def test_rows_and_axes_of_classes():
    logits = np.concatenate([X, X[:1] / 2])
    assert_mask_ignored(ml.cross_entropy, logits, CLASSES, ROWS)

    def of_images(x, y, mask):
        return ml.cross_entropy(np.moveaxis(x, 1, -1), y, mask=mask)

    images = np.random.default_rng(0).normal(size=(2, 4, 3))
    assert_mask_ignored(of_images, images, Y.astype(int), MASK, class_axis=1)


def test_arrays_that_are_not_sound_as_they_are():
    labels = np.where(MASK, Y, np.nan)
    text = found(lambda x, y, mask: ((x - y) ** 2 * mask).sum(), X, labels, MASK)
    assert text.startswith("the value is nan, of the arrays as they are")
    rng = np.random.default_rng(0)
    text = found(lambda x, y, mask: squared(x, y, mask) * rng.random(), X, Y, MASK)
    assert text.startswith("the same arrays twice")


@pytest.mark.needs("torch")
def test_a_detached_loss(backend):
    arrays = [backend.asarray(array) for array in (X, Y, MASK)]
    text = found(lambda x, y, mask: safe(x.detach(), y, mask), *arrays)
    assert "the gradient does not reach the prediction" in text
    text = found(lambda x, y, mask: safe(x.detach(), y, mask).item(), *arrays)
    assert "the gradient does not reach the prediction" in text


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"mask": MASK | True}, ValueError, "all is observed"),
        ({"mask": MASK[:, :2]}, ValueError, r"`prediction` must have the shape of `mask`, \(2, 2"),
        ({"poisons": ["zero"]}, ValueError, "`poisons` must be a list of 'nan', .*got \\['zero'"),
        ({"keep": "labels"}, ValueError, "`keep` must be a list of 'prediction', 'labels', got"),
        ({"keep": ["prediction", "labels"]}, ValueError, "must leave an array to fill"),
        ({"grad": True}, TypeError, '`grad` must be "auto", None or a callable, got True'),
        ({"loss": lambda *_, **__: None}, TypeError, "must return an array or a number, got None"),
        ({"labels": [1.0]}, TypeError, "`labels` must be an array"),
    ],
)
def test_mistakes(options, error, text):
    arguments = {"loss": squared, "prediction": X, "labels": Y, "mask": MASK, **options}
    with pytest.raises(error, match=text):
        assert_mask_ignored(**arguments)
