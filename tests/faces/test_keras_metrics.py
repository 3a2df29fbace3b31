"""Metrics of Keras on observed labels, against plain NumPy."""

import keras
import numpy as np
import pytest
from keras import layers
from numpy import nan
from sklearn.metrics import f1_score, r2_score, roc_auc_score

import maskloss.keras as mlk
from helpers.keras_face import QUIET, table
from maskloss.keras import MaskedMetric

pytestmark = QUIET
RNG = np.random.default_rng(0)
SHAPE = (60, 4)
P = RNG.uniform(size=SHAPE).astype("float32")
YES = RNG.integers(0, 2, SHAPE)
KNOWN = RNG.uniform(size=SHAPE) < 0.6
LABELS = np.where(KNOWN, YES, -1)
CLASS = RNG.integers(0, 4, 60)
ROWS = RNG.uniform(size=60) < 0.6
# What nobody should see.
POISONED = np.where(KNOWN, P, nan).astype("float32")


def value(metric, labels, predictions, weight=None, batch=25):
    """Return the result after batches, one of them without an observed label."""
    for first in range(0, len(labels), batch):
        rows = slice(first, first + batch)
        weights = {} if weight is None else {"sample_weight": weight[rows]}
        metric.update_state(labels[rows], predictions[rows], **weights)
    metric.update_state(np.full_like(labels[:3], -1), predictions[:3])
    return np.asarray(keras.ops.convert_to_numpy(metric.result()))


def log_loss(y, p):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


Y, X = YES[KNOWN], P[KNOWN].astype("float64")
ELEMENTS = {
    "accuracy": (keras.metrics.BinaryAccuracy(), ((X > 0.5) == Y).mean()),
    "by name": ("mae", abs(X - Y).mean()),
    "mean absolute error": (keras.metrics.MeanAbsoluteError(), abs(X - Y).mean()),
    "mean squared error": (keras.metrics.MeanSquaredError(), ((X - Y) ** 2).mean()),
    "root of it": (keras.metrics.RootMeanSquaredError(), np.sqrt(((X - Y) ** 2).mean())),
    "binary crossentropy": (keras.metrics.BinaryCrossentropy(), log_loss(Y, X)),
    "precision": (keras.metrics.Precision(), Y[X > 0.5].mean()),
    "recall": (keras.metrics.Recall(), (X > 0.5)[Y == 1].mean()),
    "recall of a class": (
        keras.metrics.Recall(class_id=2),
        (P[:, 2] > 0.5)[KNOWN[:, 2] & (YES[:, 2] == 1)].mean(),
    ),
    "true positives": (keras.metrics.TruePositives(), ((X > 0.5) & (Y == 1)).sum()),
    "log cosh": (keras.metrics.LogCoshError(), np.log(np.cosh(X - Y)).mean()),
    "a function": (lambda y, p: abs(keras.ops.cast(y, p.dtype) - p), abs(X - Y).mean()),
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_metrics_of_elements(name):
    metric, want = ELEMENTS[name]
    got = value(MaskedMetric(metric, missing=-1), LABELS, POISONED)
    np.testing.assert_allclose(got, want, rtol=2e-5)


def test_the_area_under_the_curve():
    many = {"num_thresholds": 5000}
    got = value(MaskedMetric(keras.metrics.AUC(**many), missing=-1), LABELS, POISONED)
    np.testing.assert_allclose(got, roc_auc_score(Y, X), atol=2e-3)
    each = [roc_auc_score(YES[k, c], P[k, c]) for c, k in enumerate(KNOWN.T)]
    metric = keras.metrics.AUC(**many, multi_label=True, num_labels=4)
    got = value(MaskedMetric(metric, missing=-1), LABELS, POISONED)
    np.testing.assert_allclose(got, np.mean(each), atol=2e-3)


def test_other_metrics_per_class():
    labels = np.where(KNOWN, RNG.normal(size=SHAPE), nan)
    metric = MaskedMetric(keras.metrics.R2Score(class_aggregation=None), missing=(-1, nan))
    want = [r2_score(labels[k, c], P[k, c]) for c, k in enumerate(KNOWN.T)]
    np.testing.assert_allclose(value(metric, labels, POISONED), want, rtol=1e-4)
    metric = MaskedMetric(keras.metrics.F1Score(threshold=0.5), missing=-1)
    want = [f1_score(YES[k, c], P[k, c] > 0.5) for c, k in enumerate(KNOWN.T)]
    np.testing.assert_allclose(value(metric, LABELS, POISONED), want, rtol=1e-4)


@pytest.mark.parametrize("shape", [(60,), (60, 1)])
def test_metrics_of_class_indices(shape):
    labels = np.where(ROWS, CLASS, -1).reshape(shape)
    rows = np.where(ROWS[:, None], P / P.sum(1, keepdims=True), nan).astype("float32")
    accuracy = (P.argmax(1) == CLASS)[ROWS].mean()
    for metric in (keras.metrics.SparseCategoricalAccuracy(), "sparse_categorical_accuracy"):
        got = value(MaskedMetric(metric, missing=-1), labels, rows)
        np.testing.assert_allclose(got, accuracy, rtol=1e-6)
    metric = MaskedMetric(keras.metrics.SparseCategoricalCrossentropy(), missing=-1)
    want = -np.log(rows[ROWS, CLASS[ROWS]]).mean()
    np.testing.assert_allclose(value(metric, labels, rows), want, rtol=1e-5)


def test_metrics_of_rows():
    labels = np.where(ROWS[:, None], np.eye(4)[CLASS], -1)
    rows = np.where(ROWS[:, None], P / P.sum(1, keepdims=True), nan).astype("float32")
    cosine = (P / np.linalg.norm(P, axis=1, keepdims=True))[ROWS, CLASS[ROWS]].mean()
    for metric, want in (
        (keras.metrics.CategoricalAccuracy(), (P.argmax(1) == CLASS)[ROWS].mean()),
        (keras.metrics.CategoricalCrossentropy(), -np.log(rows[ROWS, CLASS[ROWS]]).mean()),
        (keras.metrics.CosineSimilarity(), cosine),
        (keras.metrics.KLDivergence(), -np.log(rows[ROWS, CLASS[ROWS]]).mean()),
    ):
        got = value(MaskedMetric(metric, missing=-1), labels, rows)
        np.testing.assert_allclose(got, want, rtol=1e-4)


def test_rows_of_steps():
    labels, known = CLASS.reshape(12, 5), ROWS.reshape(12, 5)
    logits = P.reshape(12, 5, 4)
    metric = MaskedMetric(keras.metrics.SparseCategoricalAccuracy(), missing=-1)
    got = value(metric, np.where(known, labels, -1), logits, batch=5)
    np.testing.assert_allclose(got, (logits.argmax(-1) == labels)[known].mean(), rtol=1e-6)


@pytest.mark.parametrize("of", ["samples", "labels"])
def test_sample_weights_multiply(of):
    weight = RNG.uniform(0.5, 2, SHAPE if of == "labels" else 60).astype("float32")
    each = np.broadcast_to(weight if of == "labels" else weight[:, None], SHAPE)
    metric = MaskedMetric(keras.metrics.MeanAbsoluteError(), missing=-1)
    want = np.average(abs(X - Y), weights=each[KNOWN])
    np.testing.assert_allclose(value(metric, LABELS, POISONED, weight), want, rtol=1e-5)


def test_no_observed_label_and_a_reset():
    metric = MaskedMetric("mse", missing=-1)
    metric.update_state(LABELS, POISONED)
    metric.reset_state()
    metric.update_state(np.full(SHAPE, -1), POISONED)
    assert float(metric.result()) == 0


# In models


def compiled(metrics, **keywords):
    model = table(P, None)
    model.compile("sgd", mlk.MaskedBinaryCrossentropy(missing=-1), metrics=metrics, **keywords)
    return model


def test_metrics_of_a_model_are_of_observed_labels():
    model = compiled(
        [MaskedMetric("binary_accuracy", missing=-1), MaskedMetric("mae", missing=-1)],
        weighted_metrics=[MaskedMetric("mse", missing=-1)],
    )
    weight = RNG.uniform(0.5, 2, 60)
    got = model.evaluate(
        np.arange(60), LABELS, sample_weight=weight, verbose=0, batch_size=7, return_dict=True
    )
    assert got["binary_accuracy"] == pytest.approx(((X > 0.5) == Y).mean(), rel=1e-5)
    assert got["mean_absolute_error"] == pytest.approx(abs(X - Y).mean(), rel=1e-5)
    weights = np.broadcast_to(weight[:, None], SHAPE)[KNOWN]
    assert got["mean_squared_error"] == pytest.approx(
        np.average((X - Y) ** 2, weights=weights), rel=1e-5
    )
    history = model.fit(np.arange(60), LABELS, epochs=2, verbose=0).history
    assert np.isfinite(history["binary_accuracy"]).all()


def test_the_mask_of_layers_counts():
    words = np.asarray([[3, 4, 0, 0], [5, 0, 0, 0], [6, 7, 8, 9]])
    labels = np.asarray([[1, -1, 1, 1], [0, 1, 0, 1], [1, 0, -1, 0]])
    inputs = layers.Input((None,), dtype="int32")
    hidden = layers.Embedding(10, 3, mask_zero=True)(inputs)
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(hidden))
    loss = mlk.MaskedBinaryCrossentropy(missing=-1)
    model.compile("sgd", loss, metrics=[MaskedMetric("binary_accuracy", missing=-1)])
    got = model.evaluate(words, labels[..., None], verbose=0, return_dict=True)
    known = (words > 0) & (labels >= 0)
    right = (model.predict(words, verbose=0)[..., 0] > 0.5) == labels
    assert got["binary_accuracy"] == pytest.approx(right[known].mean())


def test_a_saved_model_keeps_its_metric(tmp_path):
    inner = keras.metrics.BinaryAccuracy(threshold=0.3)
    model = compiled([MaskedMetric(inner, missing=(-1, nan), name="right")])
    want = model.evaluate(np.arange(60), LABELS, verbose=0, return_dict=True)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    got = again.evaluate(np.arange(60), LABELS, verbose=0, return_dict=True)
    assert got["right"] == pytest.approx(want["right"])
    assert want["right"] == pytest.approx(((X > 0.3) == Y).mean())


def test_a_metric_is_made_again_of_its_configuration():
    metric = MaskedMetric(keras.metrics.AUC(num_thresholds=77), missing=(-1, -2), rows=False)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert again.get_config() == metric.get_config()
    assert again.metric.num_thresholds == 77
    np.testing.assert_array_equal(value(again, LABELS, POISONED), value(metric, LABELS, POISONED))


# Mistakes


@pytest.mark.parametrize(
    ("metric", "error", "says"),
    [
        ("accuracy", ValueError, "'binary_accuracy', 'categorical_accuracy'"),
        ("acuracy", ValueError, "acuracy"),
        (keras.metrics.Mean(), TypeError, "takes values alone"),
    ],
)
def test_metrics_that_cannot_be_masked(metric, error, says):
    with pytest.raises(error, match=says):
        MaskedMetric(metric, missing=-1)


def test_class_indices_of_a_metric_of_elements_are_refused():
    metric = MaskedMetric(keras.metrics.MeanAbsoluteError(), missing=-1)
    with pytest.raises(ValueError, match=r"shape of `y_pred`, \(60, 4\), got \(60,\).*rows=True"):
        metric.update_state(CLASS, P)
    metric = MaskedMetric("sparse_categorical_accuracy", missing=-1)
    with pytest.raises(ValueError, match=r"shape of `y_pred`, \(60, 4\), got \(9,\)"):
        metric.update_state(CLASS[:9], P)
