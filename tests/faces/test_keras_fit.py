"""Losses in models of Keras that train on gaps."""

import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers
from numpy import nan

import maskloss as ml
import maskloss.keras as mlk
from helpers.keras_face import BACKEND, NUMBERS, QUIET, RNG, YES, X, gradient, table

pytestmark = QUIET


def test_the_gradient_is_that_of_the_function():
    x, y = X.astype("float32"), np.where(RNG.uniform(size=X.shape) < 0.5, -1, YES)
    _, expected = ml.value_and_grad(ml.binary_cross_entropy_with_logits)(x, y, missing=-1)
    got = gradient(table(x, mlk.MaskedBinaryCrossentropy(from_logits=True, missing=-1)), y)
    assert got == pytest.approx(expected, abs=1e-6)
    assert not got[y == -1].any()


@pytest.mark.parametrize("marker", [-1, nan])
def test_a_prediction_without_a_label_may_be_nan(marker):
    x = np.asarray([[1.0, nan, 0.5], [-np.inf, 2.0, nan]], "float32")
    y = np.asarray([[1.0, marker, 0.0], [marker, 1.0, marker]])
    known = np.isfinite(x)
    model = table(x, mlk.MaskedBinaryCrossentropy(from_logits=True, missing=(-1, nan)))
    assert np.isfinite(model.evaluate(np.arange(2), y, verbose=0))
    model.train_on_batch(np.arange(2), y)
    after = model.get_layer("table").get_weights()[0]
    assert np.isfinite(after[known]).all()
    assert (after[known] != x[known]).all()
    assert np.array_equal(after[~known], x[~known], equal_nan=True)


@pytest.mark.parametrize("loss", ["MaskedCategoricalCrossentropy", "MaskedBinaryCrossentropy"])
def test_probabilities_without_a_label_may_be_nan(loss):
    p = np.asarray([[0.5, 0.5], [nan, nan], [0.0, 1.0], [0.0, 0.0]], "float32")
    y = np.asarray([[1.0, 0.0], [-1, -1], [0.0, 1.0], [-1, -1]])
    got = gradient(table(p, getattr(mlk, loss)(missing=-1)), y)
    assert np.isfinite(got[[0, 2, 3]]).all()
    assert got[0].any()
    assert not got[3].any()


def test_a_saturated_softmax_has_finite_gradients():
    x = np.asarray([[0.0, 1000.0], [1000.0, 0.0], [0.0, 1.0]], "float32")
    loss = mlk.MaskedSparseCategoricalCrossentropy(missing=-1)
    model = table(x, loss, activation="softmax")
    got = gradient(model, np.asarray([1, 1, 0]))
    assert np.isfinite(got).all()
    assert got[2] == pytest.approx(np.asarray([-1, 1]) / (1 + np.exp(-1)) / 3)


def test_logits_taken_for_probabilities_are_seen():
    model = table([[3.0, -1.0], [0.5, 0.5]], mlk.MaskedSparseCategoricalCrossentropy(missing=-1))
    if BACKEND == "torch":
        with pytest.raises(ValueError, match="from_logits=True"):
            model.evaluate(np.arange(2), np.asarray([0, 1]), verbose=0)
    else:  # values cannot be read where they are traced
        assert np.isnan(model.evaluate(np.arange(2), np.asarray([0, 1]), verbose=0))
    assert np.isfinite(model.evaluate(np.arange(2), np.asarray([-1, 1]), verbose=0))


def test_a_nan_with_a_label_is_seen():
    model = table([[nan, 1.0]], mlk.MaskedMeanSquaredError(missing=-1))
    assert np.isnan(model.evaluate(np.arange(1), np.ones((1, 2)), verbose=0))


def test_fit_learns_from_gaps():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(100, 5)).astype("float32")
    truth = (x @ rng.normal(size=(5, 3)) > 0).astype(int)
    labels = np.where(rng.uniform(size=truth.shape) < 0.6, -1, truth)
    labels[40:60] = -1  # a batch without any
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layers.Input((5,)), layers.Dense(3)])
    loss = mlk.MaskedBinaryCrossentropy(from_logits=True, missing=-1)
    model.compile(keras.optimizers.Adam(0.05), loss)
    before = model.evaluate(x, truth, verbose=0, batch_size=100)
    history = model.fit(x, labels, epochs=20, batch_size=20, shuffle=False, verbose=0).history
    after = model.evaluate(x, truth, verbose=0, batch_size=100)
    assert np.isfinite(history["loss"]).all()
    assert after < before / 2
    assert ((model.predict(x, verbose=0) > 0) == truth).mean() > 0.9


def depth_and_class():
    keras.utils.set_random_seed(0)
    features = layers.Input((4,))
    hidden = layers.Dense(8, activation="relu")(features)
    heads = {
        "kind": layers.Dense(3, activation="softmax", name="kind")(hidden),
        "depth": layers.Dense(1, name="depth")(hidden),
    }
    model = keras.Model(features, heads)
    model.compile(
        keras.optimizers.Adam(0.05),
        loss={
            "kind": mlk.MaskedSparseCategoricalCrossentropy(missing=-1),
            "depth": mlk.MaskedHuber(missing=nan, delta=2.0),
        },
        loss_weights={"kind": 0.5, "depth": 2.0},
    )
    return model


def two_targets(rng):
    x = rng.normal(size=(64, 4)).astype("float32")
    kind, depth = x[:, :3].argmax(1), x @ np.asarray([1.0, -1, 0.5, 2])
    return x, {"kind": kind, "depth": depth}


def test_heads_with_gaps_of_their_own():
    rng = np.random.default_rng(0)
    x, whole = two_targets(rng)
    has_kind, has_depth = rng.uniform(size=64) < 0.5, rng.uniform(size=64) < 0.5
    gaps = {
        "kind": np.where(has_kind, whole["kind"], -1),
        "depth": np.where(has_depth, whole["depth"], nan),
    }
    model = depth_and_class()
    p = model.predict(x, verbose=0)
    kind = ml.nll_loss(np.log(p["kind"]), gaps["kind"], missing=-1)
    depth = ml.huber_loss(p["depth"][:, 0], gaps["depth"], missing=nan, delta=2.0)
    got = model.evaluate(x, gaps, batch_size=64, verbose=0, return_dict=True)
    assert got["kind_loss"] == pytest.approx(kind, rel=1e-5)
    assert got["depth_loss"] == pytest.approx(depth, rel=1e-5)
    assert got["loss"] == pytest.approx(0.5 * kind + 2 * depth, rel=1e-5)
    model.fit(x, gaps, epochs=60, batch_size=32, verbose=0)
    after = model.evaluate(x, whole, batch_size=64, verbose=0, return_dict=True)
    assert after["kind_loss"] < kind / 2
    assert after["depth_loss"] < depth / 2


def test_a_head_without_a_label_adds_nothing():
    x, whole = two_targets(np.random.default_rng(0))
    model = depth_and_class()
    head = model.get_layer("depth").get_weights()
    targets = {"kind": whole["kind"], "depth": np.full(64, nan)}
    got = model.train_on_batch(x, targets, return_dict=True)
    assert got["depth_loss"] == 0
    assert got["loss"] == pytest.approx(0.5 * got["kind_loss"], rel=1e-6)
    for old, new in zip(head, model.get_layer("depth").get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_a_loaded_model_has_its_losses(tmp_path):
    rng = np.random.default_rng(0)
    x, targets = two_targets(rng)
    targets["kind"][::2], targets["depth"][1::2] = -1, nan
    model = depth_and_class()
    model.fit(x, targets, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    values = [m.evaluate(x, targets, verbose=0, return_dict=True) for m in (model, loaded)]
    assert values[1] == pytest.approx(values[0], rel=1e-6)
    assert str(loaded.loss["depth"].get_config()) == str(model.loss["depth"].get_config())
    loaded.fit(x, targets, epochs=5, verbose=0)
    assert loaded.evaluate(x, targets, verbose=0) != values[0]["loss"]


def test_sample_weights_in_fit():
    x, y = X.astype("float32"), np.where(RNG.uniform(size=X.shape) < 0.5, nan, NUMBERS)
    w = np.asarray([0, 1, 2, 3, 0.5, 1])
    _, expected = ml.value_and_grad(ml.mse_loss)(x, y, missing=nan, weight=w[:, None])
    got = gradient(table(x, mlk.MaskedMeanSquaredError(missing=nan)), y, sample_weight=w)
    assert got == pytest.approx(expected, abs=1e-5)


def test_weights_of_classes_in_fit():
    x, y = X.astype("float32"), np.asarray([0, -1, 2, 3, 1, -1])
    w = {0: 2.0, 1: 0.5, 2: 1.0, 3: 3.0}
    by_class = np.asarray(list(w.values()))
    _, expected = ml.value_and_grad(ml.cross_entropy)(x, y, missing=-1, class_weight=by_class)
    loss = mlk.MaskedSparseCategoricalCrossentropy(missing=-1, from_logits=True)
    assert gradient(table(x, loss), y, class_weight=w) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("weight", [None, np.asarray([1.0, 2.0, 0.0, 3.0])], ids=["", "weighted"])
def test_the_mask_of_layers_counts(weight):
    """Steps of padding and labels that are missing are left out, whatever stands there."""
    words = np.asarray([[1, 2, 0], [3, 0, 0], [0, 0, 0], [4, 5, 6]])
    tags = np.asarray([[0, 1, 7], [1, 7, 7], [7, 7, 7], [-1, 0, 1]])
    known = (words > 0) & (tags >= 0)
    keras.utils.set_random_seed(0)
    index = layers.Input((None,), dtype="int32")
    logits = layers.Dense(2)(layers.Embedding(7, 4, mask_zero=True)(index))
    model = keras.Model(index, logits)
    loss = mlk.MaskedSparseCategoricalCrossentropy(from_logits=True, missing=-1)
    model.compile(keras.optimizers.Adam(0.1), loss)
    w = None if weight is None else np.broadcast_to(weight[:, None], words.shape)
    x = model.predict(words, verbose=0)
    expected = ml.cross_entropy(x, tags, mask=known, weight=w)
    got = model.evaluate(words, tags, sample_weight=weight, verbose=0)
    assert got == pytest.approx(expected, rel=1e-5)
    model.fit(words, tags, sample_weight=weight, epochs=3, verbose=0)
    assert model.evaluate(words, tags, sample_weight=weight, verbose=0) < got


DISTRIBUTED = """
import keras, numpy as np, tensorflow as tf
import maskloss.keras as mlk
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
x, y = np.eye(4, dtype="float32"), np.asarray([1.0, np.nan, 3.0, 4.0])
for options in {}, {"divisor": 3.0}:
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
        model.layers[0].set_weights([np.full((4, 1), 5.0), np.zeros(1)])
        loss = mlk.MaskedMeanSquaredError(missing=np.nan, **options)
        model.compile(keras.optimizers.SGD(1.0), loss, jit_compile=False)
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0)
    print("step", *(5 - model.get_weights()[0].ravel()).round(5))
"""


@pytest.mark.skipif(BACKEND != "tensorflow", reason="of tf.distribute")
def test_replicas_add_up():
    done = subprocess.run(
        [sys.executable, "-c", DISTRIBUTED], capture_output=True, text=True, check=False
    )
    steps = re.findall(r"^step (.*)$", done.stdout, re.MULTILINE)
    assert len(steps) == 2, done.stderr
    of_two_means, of_one_mean = [np.asarray(step.split(), float) for step in steps]
    slopes = 2 * np.asarray([4.0, 0, 2, 1])
    assert of_two_means == pytest.approx(slopes / np.asarray([1, 1, 2, 2]) / 2, abs=1e-4)
    assert of_one_mean == pytest.approx(slopes / 3, abs=1e-4)
