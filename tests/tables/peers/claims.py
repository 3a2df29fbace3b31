"""What the documentation says of other libraries, each with a small input that shows it.

A row has the page, words of it that name the version, the library with this version, and a function
that asserts what the words say, given the modules.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from tables.peers.claims_of_boosting import BOOSTING
from tables.peers.claims_of_docstrings import DOCSTRINGS


@dataclass(frozen=True)
class Claim:
    """A statement about another library."""

    page: str
    words: str
    library: str
    version: str
    check: Callable

    def __str__(self):
        return f"{self.library} {self.version}: {self.check.__name__.strip('_')}"


def _loss(torch, name, x, y, **options):
    """Return value and gradient of a loss of `torch.nn.functional` in float32."""
    x = torch.tensor(x, requires_grad=True)
    value = getattr(torch.nn.functional, name)(x, torch.tensor(y), **options)
    value.sum().backward()
    return value.detach().numpy(), x.grad.numpy()


_BCE = "binary_cross_entropy_with_logits"


def _confident_negative(torch):
    assert _loss(torch, _BCE, [-20.0], [0.0])[0] == 0


def _confident_positive(torch):
    value, gradient = _loss(torch, _BCE, [20.0], [1.0])
    assert gradient == 0
    assert value > 0


def _confident_row(torch):
    value, gradient = _loss(torch, "cross_entropy", [[20.0, 0.0]], [0])
    assert value == 0
    assert gradient[0, 0] == 0


def _infinite_logits(torch):
    value, _ = _loss(torch, _BCE, [np.inf, np.inf], [1.0, 0.0], reduction="none")
    np.testing.assert_array_equal(value, [np.nan, np.inf])


def _nothing_observed(torch):
    assert np.isnan(_loss(torch, "cross_entropy", [[1.0, 0.0]], [-100])[0])


def _class_weights(torch):
    weight, x, y = torch.tensor([1.0, 3.0]), [[1.0, 0.0], [0.5, 0.0]], [0, 1]
    each, _ = _loss(torch, "cross_entropy", x, y, reduction="none", weight=weight)
    got, _ = _loss(torch, "cross_entropy", x, y, weight=weight)
    np.testing.assert_allclose(got, each.sum() / 4, rtol=1e-6)


def _weights_of_numbers(torch):
    x, y, weight = [1.0, 2.0], [0.0, 0.0], torch.tensor([3.0, 1.0])
    for name, each in ((_BCE, None), ("huber_loss", [0.5, 1.5])):
        got, _ = _loss(torch, name, x, y, weight=weight)
        each = _loss(torch, name, x, y, reduction="none")[0] if each is None else each
        np.testing.assert_allclose(got, np.dot(each, [3, 1]) / 2, rtol=1e-6)


def _batchmean(torch):
    x, y = [[0.0, 0.0, 0.0]] * 2, [[1.0, 0.0, 1.0]] * 2
    total, _ = _loss(torch, "kl_div", x, y, reduction="sum")
    assert _loss(torch, "kl_div", x, y, reduction="batchmean")[0] == total / 2


def _tensors_only(torch):
    with pytest.raises((TypeError, AttributeError)):
        torch.nn.functional.mse_loss(torch.zeros(2), np.zeros(2))


def _numpy_in_jax(jax):
    assert float(jax.numpy.subtract(jax.numpy.ones(2), np.ones(2)).sum()) == 0


def _mean_of_nothing(jax):
    assert np.isnan(jax.numpy.mean(jax.numpy.ones(2), where=np.zeros(2, bool)))


def _flushed(jax):
    halved = jax.jit(lambda x: x * np.float32(0.5))(np.float32(1.5e-38))
    assert float(halved) == 0


def _numpy_in_tensorflow(tensorflow):
    assert float(tensorflow.reduce_sum(tensorflow.ones(2) - np.ones(2, "float32"))) == 0


def _added_to_logarithms(tensorflow):
    loss = tensorflow.compat.v1.losses.log_loss(np.ones(1, "f4"), np.zeros(1, "f4"))
    np.testing.assert_allclose(float(loss), -np.log(1e-7), rtol=1e-6)


def _mean_over_entries(keras):
    loss = keras.losses.MeanSquaredError()
    y, x = np.zeros((2, 2, 1)), np.asarray([[[1.0], [3.0]]] * 2)
    assert float(loss(y, x, sample_weight=np.asarray([[1.0, 0.0]] * 2))) == 0.5
    masked = keras.ops.convert_to_tensor(x)
    keras.src.backend.set_keras_mask(masked, keras.ops.convert_to_tensor([[True, False]] * 2))
    assert float(loss(y, masked)) == 1


def _weights_before_broadcasting(keras):
    loss = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
    ones = np.ones((2, 3, 1))
    assert float(loss(0 * ones, ones, sample_weight=np.ones((2, 1)))) == 3


def _clipped(keras):
    loss = keras.losses.BinaryCrossentropy()
    got = float(loss(np.ones((1, 1), "f4"), np.zeros((1, 1), "f4")))
    np.testing.assert_allclose(got, -np.log(1e-7), rtol=1e-6)


def _refuse_nan(sklearn):
    from sklearn import metrics

    y, p = np.asarray([0, 1, np.nan]), np.asarray([0.1, 0.5, 0.9])
    for score in (metrics.roc_auc_score, metrics.average_precision_score, metrics.r2_score):
        with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="NaN"):
            score(y, p)


def _folds_of_nan(_):
    from sklearn import model_selection

    y = np.asarray([0, 1, np.nan, 1])
    with np.errstate(invalid="ignore"), pytest.raises(ValueError, match="NaN"):
        model_selection.check_cv(2, y, classifier=True)


def _dropped_mask(keras):
    if keras.backend.backend() == "jax":
        pytest.skip("on JAX, `fit` raises an error of JAX")
    logit = keras.layers.Dense(1, kernel_initializer="zeros")
    model = keras.Sequential([keras.layers.Input((1,)), logit])
    model.compile("sgd", "mean_squared_error")
    labels = np.ma.masked_array([[3.0], [5.0]], [[False], [True]])
    history = model.fit(np.ones((2, 1)), labels, verbose=0).history
    assert history["loss"] == [(9 + 25) / 2]


_TORCH = [
    ("guarantees.md", "In torch 2.13 with float32", _confident_negative),
    ("guarantees.md", "In torch 2.13 with float32", _confident_positive),
    ("guarantees.md", "In torch 2.13 with float32", _confident_row),
    ("../README.md", "torch 2.13 rounds a value or a gradient to 0", _confident_positive),
    ("coming-from.md", "exact where torch 2.13 rounds to 0", _confident_negative),
    ("guarantees.md", "are NaN, as torch 2.13 is", _infinite_logits),
    ("coming-from.md", "as torch 2.13", _nothing_observed),
    ("coming-from.md", "torch 2.13, Keras 3.15", _class_weights),
    ("coming-from.md", "torch 2.13, Keras 3.15", _weights_of_numbers),
    ("coming-from.md", "torch 2.13, Keras 3.15", _batchmean),
    ("keywords.md", "torch (2.13) takes tensors only", _tensors_only),
]
_OTHERS = [
    ("keywords.md", "JAX (0.10) and TensorFlow (2.21)", "jax", "0.10", _numpy_in_jax),
    ("keywords.md", "JAX (0.10) and TensorFlow (2.21)", "tensorflow", "2.21", _numpy_in_tensorflow),
    ("coming-from.md", "`jnp.mean(where=)` of JAX 0.10", "jax", "0.10", _mean_of_nothing),
    ("guarantees.md", "JAX (0.10) takes numbers below", "jax", "0.10", _flushed),
    ("coming-from.md", "TensorFlow 2.21", "tensorflow", "2.21", _added_to_logarithms),
    ("coming-from.md", "Keras 3.15", "keras", "3.15", _mean_over_entries),
    ("coming-from.md", "Keras 3.15", "keras", "3.15", _weights_before_broadcasting),
    ("coming-from.md", "Keras 3.15", "keras", "3.15", _clipped),
    ("faces/sklearn.md", "scorers of scikit-learn (1.9) refuse NaN", "sklearn", "1.9", _refuse_nan),
    ("faces/sklearn.md", "scikit-learn (1.9) looks at the labels", "sklearn", "1.9", _folds_of_nan),
    ("faces/keras.md", "`fit` of Keras 3.15 drops the mask", "keras", "3.15", _dropped_mask),
]

CLAIMS = [
    *(Claim(page, words, "torch", "2.13", check) for page, words, check in _TORCH),
    *(Claim(*row) for row in (*_OTHERS, *BOOSTING, *DOCSTRINGS)),
]
