"""The task with one observed entry in each row of many classes, for NumPy and torch."""

import functools

import exact
import numpy as np
from arrays import scattered
from room import ask_for
from task import Target, Task

import maskloss as ml


def indexed(library, asarray, dense, sizes, **options):
    """Compare with `dense`, which returns value and gradient, on entries gathered by hand."""
    loss = ml.value_and_grad(ml.binary_cross_entropy_with_logits, indexed=True)

    @functools.cache
    def arrays():
        rows, classes = sizes.places
        ask_for(memory=4 * rows * classes)
        x, places, y = scattered(sizes.places)
        x, places, y = asarray(x), tuple(map(asarray, places)), asarray(y)
        return x, places, y, ml.Observed(places, y)

    def ours():
        x, _, _, labels = arrays()
        value, gradient = loss(x, labels)
        return np.asarray(value), np.asarray(gradient.values)

    def theirs():
        x, places, y, _ = arrays()
        return tuple(map(np.asarray, dense(x[places], y)))

    def in_float64():
        x, places, y, _ = arrays()
        return exact.bce(np.asarray(x[places]), np.asarray(y), np.ones(len(y), bool))

    return Task(
        f"{library}, indexed labels",
        "logits[rows, classes], then the dense loss",
        Target(0.8, megabytes=20),
        ours,
        theirs,
        in_float64,
        theirs,
        **options,
    )
