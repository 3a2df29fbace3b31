"""The arrays of the tasks, in float32."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sizes:
    """The shapes of the arrays.

    Attributes
    ----------
    entries, classes : tuple of int
        Shapes of the logits of entrywise losses, and of losses of rows.
    features : int
        Number of inputs of a linear layer.
    places : tuple of int
        Shape of logits with one observed entry in each row.
    block : tuple of int
        Shape of a block; the mapped file holds `blocks` of them.
    """

    entries: tuple[int, int] = (4096, 1000)
    classes: tuple[int, int] = (1024, 32000)
    features: int = 256
    places: tuple[int, int] = (100_000, 5_000)
    block: tuple[int, int] = (512, 1024)
    blocks: int = 1024


SMOKE = Sizes((64, 50), (16, 100), 8, (200, 50), (16, 32), 8)


def entrywise(shape, share):
    """Return logits, labels and a mask; `share` is the observed fraction."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, shape).astype("float32")
    y = (rng.random(shape) < 0.5).astype("float32")
    return x, y, rng.random(shape) < share


def rows(shape, ignored):
    """Return logits and class indices; `ignored` is the fraction that is -100."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, shape).astype("float32")
    y = rng.integers(0, shape[1], shape[0])
    return x, np.where(rng.random(y.shape) < ignored, -100, y)


def scattered(shape):
    """Return logits with one NaN, and positions and labels of one other entry in each row."""
    rng = np.random.default_rng(0)
    number, classes = shape
    x = np.resize(rng.normal(0, 3, (number, 64)).astype("float32"), shape)
    x[0, -1] = np.nan
    places = rng.permutation(number), rng.integers(0, classes - 1, number)
    return x, places, (rng.random(number) < 0.5).astype("float32")


def with_nan(x, is_observed):
    """Return a copy with a NaN at the first unobserved entry or row."""
    bad = x.copy()
    bad[tuple(np.argwhere(~is_observed)[0])] = np.nan
    return bad
