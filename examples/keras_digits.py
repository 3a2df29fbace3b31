"""Keras: ten one-digit classifiers as one network, trained on images with few known answers."""

import gaps
import keras

import maskloss.keras as mlk


def fit(features, labels):
    """Train a network on the known labels."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input(features.shape[1:]),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(labels.shape[1]),
        ]
    )
    loss = mlk.MaskedBinaryCrossentropy(from_logits=True, missing=-1)
    model.compile(keras.optimizers.Adam(3e-3), loss)
    model.fit(features, labels, batch_size=64, epochs=15, verbose=0)
    return lambda images: model.predict(images, verbose=0)


gaps.compare(gaps.digits, fit)
