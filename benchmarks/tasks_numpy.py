"""NumPy tasks: against the textbook formula, and scikit-learn's compiled loss."""

import functools

import exact
import memmap
import numpy as np
from arrays import entrywise, with_nan
from indexed import indexed
from task import Target, Task

import maskloss as ml

BCE = ml.value_and_grad(ml.binary_cross_entropy_with_logits)


def textbook(x, y, mask):
    p = 1 / (1 + np.exp(-x))
    losses = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    number = mask.sum()
    return (losses * mask).sum() / number, (p - y) * mask / number


def task(name, shape, target, theirs=textbook, peer="textbook formula times mask", **options):
    x, y, mask = entrywise(shape, 0.3)
    bad = with_nan(x, mask)
    return Task(
        name,
        peer,
        Target(target),
        lambda: BCE(x, y, mask=mask),
        lambda: theirs(x, y, mask),
        lambda: exact.bce(x, y, mask),
        lambda: theirs(bad, y, mask),
        counter="tracemalloc",
        **options,
    )


def against_textbook(threads, target, sizes):
    name = f"NumPy, BCE, {threads} thread{'s' * (threads > 1)}"
    return task(name, sizes.entries, target, threads=threads)


def against_scikit_learn(threads, target, sizes):
    from sklearn._loss import HalfBinomialLoss

    loss = HalfBinomialLoss()

    def theirs(x, y, mask):
        weight = mask.astype("float32").ravel()
        values, slopes = loss.loss_gradient(y.ravel(), x.ravel(), weight, n_threads=threads)
        number = weight.sum()
        return values.sum() / number, slopes.reshape(x.shape) / number

    name = f"NumPy, BCE, {threads} thread{'s' * (threads > 1)}"
    peer = "scikit-learn's HalfBinomialLoss"
    return task(name, sizes.entries, target, theirs, peer, threads=threads)


def small(_):
    return task("NumPy, 8 x 10", (8, 10), 0.5, repeat=200)


TASKS = (
    functools.partial(against_textbook, 1, 2.2),
    functools.partial(against_textbook, 2, 3.2),
    functools.partial(against_scikit_learn, 1, 4.0),
    functools.partial(against_scikit_learn, 2, 3.0),
    small,
    *memmap.TASKS,
    functools.partial(indexed, "NumPy", np.asarray, BCE, counter="tracemalloc"),
)
