"""What the examples share: a table whose labels have gaps, and three ways to train on it."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split


class Table(NamedTuple):
    """Features and labels to train on, and complete ones to score with.

    The labels to train on are 1, 0, and -1 where not known.
    """

    features: np.ndarray
    labels: np.ndarray
    test_features: np.ndarray
    test_labels: np.ndarray


def digits(seed=0):
    """Ten questions, "is it a 0?" to "is it a 9?", of each image; a few images are fully answered.

    One image in twenty has all ten answers, the others two of them.
    """
    features, digit = load_digits(return_X_y=True)
    x, x_test, d, d_test = train_test_split(
        (features / 16).astype("float32"), digit, test_size=0.5, random_state=seed, stratify=digit
    )
    rng = np.random.default_rng(seed)
    order = np.argsort(rng.uniform(size=(len(x), 10)), axis=1)
    is_known = (order < 2) | (rng.uniform(size=(len(x), 1)) < 0.05)
    labels = np.where(is_known, np.eye(10, dtype=int)[d], -1)
    return Table(x, labels, x_test, np.eye(10, dtype=int)[d_test])


def compare(table, fit):
    """Train three ways with `fit` and print the mean ROC-AUC of each.

    `fit(features, labels)` returns a function from features to scores. The same code serves all
    three: what is filled or complete has no gaps.
    """
    x, labels = table.features, table.labels
    is_complete = (labels >= 0).all(axis=1)
    ways = {
        "masked": (x, labels),
        "missing as negative": (x, np.maximum(labels, 0)),
        "incomplete rows dropped": (x[is_complete], labels[is_complete]),
    }
    scores = {}
    for name, given in ways.items():
        predict = fit(*given)
        scores[name] = float(roc_auc_score(table.test_labels, predict(table.test_features)))
        print(f"{name:24} ROC-AUC {scores[name]:.3f}")
    return scores
