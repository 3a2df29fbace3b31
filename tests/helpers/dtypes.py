"""The losses that the tests of dtypes run on, and labels that they take."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy

LOSSES = [
    ml.binary_cross_entropy_with_logits,
    ml.binary_cross_entropy,
    ml.cross_entropy,
    ml.mse_loss,
    ml.l1_loss,
]


by_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)


def all_equal(got, want):
    for one, other in zip(got, want, strict=True):
        np.testing.assert_array_equal(asnumpy(one), asnumpy(other))


def hard(loss):
    """Predictions, labels of 0 and 1, and a mask."""
    rng = np.random.default_rng(5)
    x = rng.uniform(0.05, 0.95, (4, 3))
    y = np.eye(3)[rng.integers(0, 3, 4)]
    rows = loss is ml.cross_entropy
    return x, y, np.asarray([True, False, True, True])[slice(None) if rows else (slice(None), None)]
