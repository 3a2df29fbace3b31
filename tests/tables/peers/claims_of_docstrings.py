"""What docstrings, and pages beside them, say of other libraries."""

import tempfile
from pathlib import Path

import numpy as np
import pytest


def _torch_loss(torch, name, x, y, **options):
    """Return value and gradient of each entry, of a function of `torch.nn.functional`."""
    x = torch.tensor(x, requires_grad=True)
    value = getattr(torch.nn.functional, name)(x, torch.tensor(y), reduction="none", **options)
    value.sum().backward()
    return value.detach().numpy(), x.grad.numpy()


def _confident_labels(torch):
    name = "binary_cross_entropy_with_logits"
    value, gradient = _torch_loss(torch, name, [-20.0, 20.0], [0.0, 1.0])
    assert value[0] == gradient[1] == 0
    assert min(value[1], gradient[0]) > 0


def _confident_class(torch):
    value, gradient = _torch_loss(torch, "cross_entropy", [[20.0, 0.0]], [0])
    assert value == gradient[0, 0] == 0


def _far_below_0(torch):
    value, gradient = _torch_loss(torch, "soft_margin_loss", [-100.0], [1.0])
    assert value == np.inf
    assert np.isnan(gradient)


def _impossible_class(torch):
    value, _ = _torch_loss(torch, "kl_div", [-np.inf], [0.0])
    assert np.isnan(value)


def _clipped_norm(torch):
    """Where a norm of 1e-9 is clipped to 1e-8, a tenth of the derivative by that norm is left."""
    b = torch.tensor([3.0, 4.0])
    of_constant = b / 5 / 1e-8
    for size, share in ((1e-9, 0.1), (0.0, 0.0)):
        x = torch.tensor([size, 0.0], requires_grad=True)
        torch.nn.functional.cosine_similarity(x, b, dim=0).backward()
        expected = of_constant * torch.tensor([1 - share, 1.0])
        np.testing.assert_allclose(x.grad, expected, rtol=1e-6)


def _means_with_class_weights(torch):
    functional, weight = torch.nn.functional, torch.tensor([1.0, 3.0])
    x, shares = torch.tensor([[1.0, 0.0], [0.5, 0.0]]), torch.tensor([[0.2, 0.8], [0.5, 0.5]])
    for name, y in (("cross_entropy", shares), ("multi_margin_loss", torch.tensor([0, 1]))):
        each = getattr(functional, name)(x, y, weight=weight, reduction="none")
        got = getattr(functional, name)(x, y, weight=weight)
        np.testing.assert_allclose(got, each.sum() / 2, rtol=1e-6)


def _small_errors(keras):
    x, zero = np.full((1, 1), 1e-4, "float32"), np.zeros((1, 1), "float32")
    assert float(keras.losses.LogCosh()(zero, x)) == 0


def _slope_of_a_power(keras):
    logit = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = keras.Sequential([keras.layers.Input((1,)), logit])
    model.compile("sgd", keras.losses.BinaryFocalCrossentropy(from_logits=True, gamma=0.5))
    assert float(model.train_on_batch(np.full((1, 1), 40.0), np.ones((1, 1)))) < 1e-6
    assert bool(keras.ops.any(keras.ops.isnan(logit.kernel)))


def _swapped_weights(keras):
    p, y = np.asarray([[0.5, 1.0]], "float32"), np.asarray([[0.0, 1.0]], "float32")
    losses = [keras.losses.Tversky(alpha=alpha, beta=1 - alpha)(y, p) for alpha in (0.0, 1.0)]
    # The only error is a false positive of 1/2.
    np.testing.assert_allclose([float(each) for each in losses], [1 / 3, 0], atol=1e-6)


def _labels_that_are_all_the_same(sklearn):
    from sklearn import metrics

    y, p = np.zeros(2), np.asarray([0.2, 0.7])
    with pytest.warns(sklearn.exceptions.UndefinedMetricWarning):
        assert np.isnan(metrics.roc_auc_score(y, p))
    with pytest.raises(ValueError, match="one label"):
        metrics.log_loss(y, p)
    with pytest.warns(UserWarning, match="No positive class"):
        assert metrics.average_precision_score(y, p) == 0


def _bytes_of_a_file(pyarrow):
    from pyarrow import parquet

    numbers = pyarrow.table({"x": np.random.default_rng(0).normal(size=2**20)})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "numbers.parquet"
        parquet.write_table(numbers, file, row_group_size=2**14, compression=None)
        size = file.stat().st_size

        def most_bytes(**keywords):
            before = pyarrow.total_allocated_bytes()
            with parquet.ParquetFile(file, **keywords) as opened:
                return max(pyarrow.total_allocated_bytes() - before for _ in opened.iter_batches())

        assert most_bytes() > size
        assert most_bytes(pre_buffer=False) < size / 4


def _clipped_likelihood(xgboost):
    data = xgboost.DMatrix(np.zeros((4, 1)))
    for name in ("label_lower_bound", "label_upper_bound"):
        data.set_float_info(name, np.ones(4))
    scores = {}
    params = {
        "objective": "survival:aft",
        "eval_metric": "aft-nloglik",
        "base_score": 1e30,
        "eta": 1.0,
        "lambda": 0.0,
    }
    watch = {"evals": [(data, "train")], "evals_result": scores, "verbose_eval": False}
    trees = xgboost.train(params, data, 1, **watch)
    np.testing.assert_allclose(scores["train"]["aft-nloglik"], [-np.log(1e-12)], rtol=1e-6)
    # The derivative was log(1e30), and the second derivative 1.
    margin = trees.predict(data, output_margin=True)
    np.testing.assert_allclose(margin, np.log(1e30) - 15, rtol=1e-6)


_BINARY, _CLASSES = "binary/cross_entropy.py", "categorical/cross_entropy.py"
_TORCH = [
    (_BINARY, "also where torch 2.13 returns 0", _confident_labels),
    (_CLASSES, "rows, for which torch 2.13 returns 0", _confident_class),
    ("binary/margin.py", "there torch 2.13 is infinite, and its gradient NaN", _far_below_0),
    ("categorical/log_probabilities.py", "where torch 2.13 returns NaN", _impossible_class),
    ("regression/cosine.py", "torch 2.13 differentiates it as well, unless it is 0", _clipped_norm),
]
_KERAS = [
    ("regression/log_cosh.py", "softplus of Keras 3.15 loses all digits", _small_errors),
    ("binary/focal.py", "in Keras 3.15 the slope of q^gamma is NaN", _slope_of_a_power),
]
_LOSSES = "../src/maskloss/_losses/"
DOCSTRINGS = [
    *((_LOSSES + file, words, "torch", "2.13", check) for file, words, check in _TORCH),
    *((_LOSSES + file, words, "keras", "3.15", check) for file, words, check in _KERAS),
    (
        _LOSSES + "regression/censored.py",
        "XGBoost 3.2 clips probabilities to 1e-12 and derivatives to 15 in size",
        "xgboost",
        "3.2",
        _clipped_likelihood,
    ),
    (
        "../src/maskloss/_labels/masked_score.py",
        "`log_loss` of scikit-learn 1.9 raise or return NaN",
        "sklearn",
        "1.9",
        _labels_that_are_all_the_same,
    ),
    (
        "faces/tables.md",
        "pyarrow 26 keeps the bytes of the whole file",
        "pyarrow",
        "26",
        _bytes_of_a_file,
    ),
    (
        "guarantees.md",
        "of `multi_margin_loss`, torch 2.13 divides by the number of rows too",
        "torch",
        "2.13",
        _means_with_class_weights,
    ),
    ("coming-from.md", "Keras 3.15 and before swap", "keras", "3.15", _swapped_weights),
]
