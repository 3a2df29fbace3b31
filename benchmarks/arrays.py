"""The arrays of the tasks: 4096 x 1000 entries and 1024 rows of 32000 classes, in float32."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sizes:
    """How large the arrays are."""

    entries: tuple[int, int] = (4096, 1000)
    classes: tuple[int, int] = (1024, 32000)
    features: int = 256


SMOKE = Sizes((64, 50), (16, 100), 8)


def entrywise(sizes, share):
    """Return logits, labels and a mask that observes a share of them."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, sizes.entries).astype("float32")
    y = (rng.random(sizes.entries) < 0.5).astype("float32")
    return x, y, rng.random(sizes.entries) < share


def rows(sizes, ignored):
    """Return logits and class indices, of which a share is -100."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, sizes.classes).astype("float32")
    y = rng.integers(0, sizes.classes[1], sizes.classes[0])
    return x, np.where(rng.random(y.shape) < ignored, -100, y)
