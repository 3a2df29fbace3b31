"""Keras, two heads: the digit that the upper half of an image shows, and the ink in the lower half.

Each label is known for one image in seven, so that few images have both labels.
"""

import gaps
import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split

import maskloss.keras as mlk


def halves(seed):
    """Return upper halves, digits and ink, of images to train on and then of others."""
    images, digit = load_digits(return_X_y=True)
    upper, ink = (images[:, :32] / 16).astype("float32"), images[:, 32:].mean(axis=1)
    ink = (ink - ink.mean()) / ink.std()
    parts = train_test_split(upper, digit, ink, test_size=0.5, random_state=seed, stratify=digit)
    return parts[::2], parts[1::2]


def fit(features, digits, inks, seed):
    """Train a network with two heads on the known labels."""
    keras.utils.set_random_seed(seed)
    inputs = keras.layers.Input(features.shape[1:])
    hidden = keras.layers.Dense(64, activation="relu")(inputs)
    digit_head = keras.layers.Dense(10, activation="softmax")(hidden)
    model = keras.Model(inputs, {"digit": digit_head, "ink": keras.layers.Dense(1)(hidden)})
    model.compile(
        keras.optimizers.Adam(3e-3),
        loss={
            "digit": mlk.MaskedSparseCategoricalCrossentropy(missing=-1),
            "ink": mlk.MaskedHuber(missing=np.nan),
        },
    )
    model.fit(features, {"digit": digits, "ink": inks}, batch_size=64, epochs=20, verbose=0)
    return model


accuracies, fits = [], []
for seed in gaps.SEEDS:
    (x, digit, ink), (x_test, digit_test, ink_test) = halves(seed)
    rng = np.random.default_rng(seed)
    digit = np.where(rng.uniform(size=len(x)) < 0.15, digit, -1)
    ink = np.where(rng.uniform(size=len(x)) < 0.15, ink, np.nan)
    both = (digit >= 0) & ~np.isnan(ink)
    ways = {
        "masked": (x, digit, ink),
        "missing filled with 0": (x, np.maximum(digit, 0), np.nan_to_num(ink)),
        "incomplete rows dropped": (x[both], digit[both], ink[both]),
    }
    of_way = {name: fit(*given, seed).predict(x_test, verbose=0) for name, given in ways.items()}
    accuracies.append(
        {k: accuracy_score(digit_test, p["digit"].argmax(axis=1)) for k, p in of_way.items()}
    )
    fits.append({k: r2_score(ink_test, p["ink"]) for k, p in of_way.items()})
gaps.report(accuracies, "accuracy of the digit")
gaps.report(fits, "r2_score of the ink")
