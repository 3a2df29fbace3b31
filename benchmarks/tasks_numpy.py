"""Tasks of NumPy: against the textbook, and scikit-learn's compiled loss."""

import numpy as np
from arrays import entrywise
from contest import Task

import maskloss as ml

BCE = ml.value_and_grad(ml.binary_cross_entropy_with_logits)


def textbook(x, y, mask):
    p = 1 / (1 + np.exp(-x))
    losses = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    number = mask.sum()
    return (losses * mask).sum() / number, (p - y) * mask / number


def exact_bce(x, y, mask):
    x, y = x.astype(float), y.astype(float)
    losses = np.logaddexp(0, x) - y * x
    slope = np.where(y == 1, -1 / (1 + np.exp(x)), 1 / (1 + np.exp(-x)))
    return np.where(mask, losses, 0).sum() / mask.sum(), np.where(mask, slope, 0) / mask.sum()


def poisoned(function, x, y, mask):
    x = x.copy()
    x[tuple(np.argwhere(~mask)[0])] = np.nan
    return lambda: function(x, y, mask)


def against_textbook(sizes):
    x, y, mask = entrywise(sizes, 0.3)
    return Task(
        "NumPy, BCE",
        "textbook formula times mask",
        2.2,
        lambda: BCE(x, y, mask=mask),
        lambda: textbook(x, y, mask),
        lambda: exact_bce(x, y, mask),
        poisoned(textbook, x, y, mask),
    )


def against_scikit_learn(sizes):
    from sklearn._loss import HalfBinomialLoss

    x, y, mask = entrywise(sizes, 0.3)
    weight = mask.astype("float32").ravel()
    loss = HalfBinomialLoss()

    def theirs():
        values, slopes = loss.loss_gradient(y.ravel(), x.ravel(), weight, n_threads=2)
        number = weight.sum()
        return values.sum() / number, slopes.reshape(x.shape) / number

    return Task(
        "NumPy, BCE ",
        "scikit-learn's HalfBinomialLoss, 2 threads",
        3.0,
        lambda: BCE(x, y, mask=mask),
        theirs,
        lambda: exact_bce(x, y, mask),
    )


def small(_):
    rng = np.random.default_rng(0)
    x, mask = rng.normal(size=(8, 10)).astype("float32"), rng.random((8, 10)) < 0.3
    y = mask.astype("float32")
    return Task(
        "NumPy, 8 x 10",
        "textbook formula times mask",
        0.5,
        lambda: BCE(x, y, mask=mask),
        lambda: textbook(x, y, mask),
        repeat=200,
    )


def indexed(sizes):
    """One entry in fifty observed, each of them stored."""
    x, y, _ = entrywise(sizes, 0.3)
    number = x.size // 50
    rng = np.random.default_rng(1)
    places = tuple(rng.integers(0, size, number) for size in x.shape)
    values = y[places]
    labels = ml.Observed(places, values)
    loss = ml.value_and_grad(ml.binary_cross_entropy_with_logits, indexed=True)

    def ours():
        value, gradient = loss(x, labels)
        return value, gradient.values

    return Task(
        "NumPy, indexed labels",
        "logits at the places, then the dense loss",
        0.8,
        ours,
        lambda: BCE(x[places], values),
    )


TASKS = (against_textbook, against_scikit_learn, small, indexed)
