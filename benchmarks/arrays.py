"""The arrays of the tasks, in float32."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sizes:
    """How large the arrays are.

    Attributes
    ----------
    entries, classes : tuple of int
        Of entrywise losses, and of losses of rows.
    features : int
        Before a linear layer.
    places : tuple of int
        Of logits of which one in each row is observed.
    block : tuple of int
        In memory, beside a file of `blocks` as large.
    """

    entries: tuple[int, int] = (4096, 1000)
    classes: tuple[int, int] = (1024, 32000)
    features: int = 256
    places: tuple[int, int] = (100_000, 5_000)
    block: tuple[int, int] = (512, 1024)
    blocks: int = 1024


SMOKE = Sizes((64, 50), (16, 100), 8, (200, 50), (16, 32), 8)


def entrywise(shape, share):
    """Return logits, labels and a mask that observes a share of them."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, shape).astype("float32")
    y = (rng.random(shape) < 0.5).astype("float32")
    return x, y, rng.random(shape) < share


def rows(shape, ignored):
    """Return logits and class indices, of which a share is -100."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, shape).astype("float32")
    y = rng.integers(0, shape[1], shape[0])
    return x, np.where(rng.random(y.shape) < ignored, -100, y)


def scattered(shape):
    """Return logits, of which one is NaN, and others' places and labels: one in each row."""
    rng = np.random.default_rng(0)
    number, classes = shape
    x = np.resize(rng.normal(0, 3, (number, 64)).astype("float32"), shape)
    x[0, -1] = np.nan
    places = rng.permutation(number), rng.integers(0, classes - 1, number)
    return x, places, (rng.random(number) < 0.5).astype("float32")


def with_nan(x, is_observed):
    """Return a copy with a NaN where the first entry or row is not observed."""
    bad = x.copy()
    bad[tuple(np.argwhere(~is_observed)[0])] = np.nan
    return bad
