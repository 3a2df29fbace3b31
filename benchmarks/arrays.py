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
    """

    entries: tuple[int, int] = (4096, 1000)
    classes: tuple[int, int] = (1024, 32000)
    features: int = 256


SMOKE = Sizes((64, 50), (16, 100), 8)


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


def with_nan(x, is_observed):
    """Return a copy with a NaN where the first entry or row is not observed."""
    bad = x.copy()
    bad[tuple(np.argwhere(~is_observed)[0])] = np.nan
    return bad
