"""What the tests of the losses for Keras share: its backend, and a model to look into."""

import keras
import numpy as np
import pytest
from keras import layers, ops

BACKEND = keras.backend.backend()

# Keras makes arrays of its variables in a way that NumPy 2 deprecates.
QUIET = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't:DeprecationWarning")

if BACKEND == "jax":
    import jax

    # Keras promotes dtypes and ranks, which conftest.py forbids.
    jax.config.update("jax_enable_x64", False)
    jax.config.update("jax_numpy_dtype_promotion", "standard")
    jax.config.update("jax_numpy_rank_promotion", "allow")

RNG = np.random.default_rng(0)
X, YES, NUMBERS = RNG.normal(size=(6, 4)), RNG.integers(0, 2, (6, 4)), RNG.normal(size=(6, 4))
CLASS = RNG.integers(0, 4, 6)
P = np.exp(X) / np.exp(X).sum(1, keepdims=True)


def in_training(loss, labels, prediction):
    """Return the value as training computes it: traced where the backend traces."""
    if BACKEND == "jax":
        return jax.jit(loss)(labels, prediction)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        arrays = [ops.convert_to_tensor(array) for array in (labels, prediction)]
        batches = [tf.TensorSpec([None, *array.shape[1:]], array.dtype) for array in arrays]
        return tf.function(loss, input_signature=batches)(*arrays)
    return loss(labels, prediction)


def table(predictions, loss, activation=None):
    """Return a model whose prediction for sample k is row k of a table."""
    predictions = np.asarray(predictions, "float32")
    index = layers.Input((), dtype="int32")
    rows = layers.Embedding(*predictions.shape, name="table")
    outputs = rows(index)
    if activation:
        outputs = layers.Activation(activation)(outputs)
    model = keras.Model(index, outputs)
    rows.set_weights([predictions])
    model.compile(keras.optimizers.SGD(1.0), loss)
    return model


def gradient(model, labels, **keywords):
    """Return the gradient that a step of training takes."""
    before = model.get_layer("table").get_weights()[0]
    model.train_on_batch(np.arange(len(before)), labels, **keywords)
    return before - model.get_layer("table").get_weights()[0]
