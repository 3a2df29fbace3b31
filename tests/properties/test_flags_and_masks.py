"""Flags are True or False, and no mask of `numpy.ma` is dropped."""

import numpy as np
import pytest

import maskloss as ml
from maskloss._public import records
from maskloss._signatures import takes_array

FLAGS = [
    (record, name)
    for record in records()
    for name, parameter in record.options.items()
    if parameter.annotation is bool
]
NO_FLAGS = ["False", "no", 0, 1, None, np.ones(2)]


def test_some_losses_have_flags():
    names = {name for _, name in FLAGS}
    assert names >= {"log_target", "non_negative", "full", "log_input", "correct", "constant_focus"}


@pytest.mark.parametrize(("record", "name"), FLAGS, ids=lambda one: getattr(one, "name", one))
@pytest.mark.parametrize("value", NO_FLAGS, ids=str)
def test_a_flag_is_true_or_false(record, name, value):
    x = np.full((2, 3), 0.5)
    required = {key: x if takes_array(p.annotation) else 0.4 for key, p in record.required.items()}
    with pytest.raises(TypeError, match=f"`{name}` must be True or False, got "):
        record.function(x, 0 * x, **required, **{name: value})


@pytest.mark.parametrize("value", NO_FLAGS, ids=str)
@pytest.mark.parametrize("transform", [ml.value_and_grad, ml.grad_and_hessian])
def test_indexed_is_a_flag(transform, value):
    with pytest.raises(TypeError, match="`indexed` must be True or False, got "):
        transform(ml.mse_loss, indexed=value)


X = np.asarray([1.0, 2.0, 3.0])
MASKED = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])
MASKS = np.ma.array([True, True, True], mask=[False, True, False])
INDICES = np.ma.array([0, 1, 2], mask=[False, True, False])


def _mean(labels, predictions):
    return float(np.mean(predictions - labels))


REFUSED = {
    "`predictions`": lambda: ml.masked_score(_mean, X, MASKED),
    "`mask`": lambda: ml.masked_score(_mean, X, X, mask=MASKS),
    r"`target.indices\[0\]`": lambda: ml.mse_loss(X, ml.Observed(INDICES, X)),
    r"`target.indices\[1\]`": lambda: ml.mse_loss(
        np.ones((3, 3)), ml.Observed((np.arange(3), INDICES), X)
    ),
    "`input`": lambda: ml.mse_loss(MASKED, ml.Observed(np.arange(3), X)),
    "`weight`": lambda: ml.mse_loss(X, ml.Observed(np.arange(3), X), weight=MASKED),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_mask_that_would_be_dropped_is_refused(name):
    with pytest.raises(TypeError, match=f"{name} is a numpy.ma array, but only the mask"):
        REFUSED[name]()


def test_the_mask_of_stored_labels_counts():
    values = np.ma.array([0.0, 99.0, 0.0], mask=[False, True, False])
    assert ml.mse_loss(X, ml.Observed(np.arange(3), values)) == 5.0
    assert ml.masked_score(_mean, values, X) == 2.0
