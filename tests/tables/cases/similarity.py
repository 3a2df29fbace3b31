"""The rows of the loss of an angle."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.oracles import similarity as oracles

SHAPE = (3, 2, 5)


def _numbers(rng):
    return rng.normal(0, 3, SHAPE), rng.normal(0, 3, SHAPE)


def _alike(rng):
    x = rng.normal(0, 3, SHAPE)
    y = x + rng.normal(0, 1, SHAPE)
    y[0, 1] = 0
    x[1, 0] *= 1e-4  # shorter than epsilon
    return x, y


def _range(info):
    """Rows of every length at wide angles, away from the roots of slope and curvature."""
    angles = [(a, a + t) for a in (0.45, 0.8, 2.2, 3.95, 5.7) for t in (1.2, 1.9)]
    lengths = [(n, m) for n in (1e-30, 1e-12, 1e-3, 1.0, 1e30) for m in (1e-12, 1.0, 1e30)]
    rows = [
        (n * np.cos(a), n * np.sin(a), m * np.cos(b), m * np.sin(b))
        for a, b in angles
        for n, m in lengths
    ]
    rows = np.asarray(rows).astype(info.dtype)
    return rows[:, :2], rows[:, 2:]


COSINE = [
    Case(
        "cosine_similarity_loss",
        ml.cosine_similarity_loss,
        _numbers,
        oracles.cosine_similarity,
        extremes=_range,
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "cosine_similarity_loss, apart",
        ml.cosine_similarity_loss,
        _alike,
        oracles.cosine_similarity,
        {"similarity": -1, "margin": 0.2},
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "cosine_similarity_loss, some apart",
        ml.cosine_similarity_loss,
        _alike,
        oracles.cosine_similarity,
        {"similarity": np.asarray([[1, -1], [-1, 1], [1, -1]]), "eps": 1e-3},
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "cosine_similarity_loss, short rows",
        ml.cosine_similarity_loss,
        _alike,
        oracles.cosine_similarity,
        {"eps": 1e-3},
        class_axis=-1,
        coupled=True,
    ),
]
