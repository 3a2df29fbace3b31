"""Keras, two heads: the digit that the upper half of an image shows, and the ink in the lower half.

Each label is known for one image in seven, so that few images have both labels.
"""

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split

import maskloss.keras as mlk

images, digit = load_digits(return_X_y=True)
upper, ink = (images[:, :32] / 16).astype("float32"), images[:, 32:].mean(axis=1)
ink = (ink - ink.mean()) / ink.std()
x, x_test, digit, digit_test, ink, ink_test = train_test_split(
    upper, digit, ink, test_size=0.5, random_state=0, stratify=digit
)
rng = np.random.default_rng(0)
digit = np.where(rng.uniform(size=len(x)) < 0.15, digit, -1)
ink = np.where(rng.uniform(size=len(x)) < 0.15, ink, np.nan)
both = (digit >= 0) & ~np.isnan(ink)
ways = {
    "masked": (x, digit, ink),
    "missing filled with 0": (x, np.maximum(digit, 0), np.nan_to_num(ink)),
    "incomplete rows dropped": (x[both], digit[both], ink[both]),
}


def fit(features, digits, inks):
    """Train a network with two heads on the known labels."""
    keras.utils.set_random_seed(0)
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
    return model.predict(x_test, verbose=0)


scores = {}
for name, given in ways.items():
    predicted = fit(*given)
    accuracy = accuracy_score(digit_test, predicted["digit"].argmax(axis=1))
    scores[name] = accuracy, r2_score(ink_test, predicted["ink"])
    print(f"{name:24} accuracy {accuracy:.3f}  R2 {scores[name][1]:6.3f}")
for masked, *others in zip(*scores.values(), strict=True):
    assert masked >= max(others)
