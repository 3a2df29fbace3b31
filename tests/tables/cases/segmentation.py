"""The rows of the losses of overlap."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.oracles import segmentation as oracles

SHAPE = (3, 2, 2, 4)


def _regions(rng):
    return rng.uniform(0.01, 0.99, SHAPE), rng.integers(0, 2, SHAPE).astype(float)


def _classes(rng):
    """Probabilities of three classes along the second axis, and class indices."""
    p = np.moveaxis(rng.dirichlet(np.ones(3), (3, 2, 4)), -1, 1)
    return p, rng.integers(0, 3, (3, 2, 4))


def _logits(rng):
    return rng.normal(0, 3, SHAPE), rng.integers(0, 2, SHAPE).astype(float)


def _pixels(rng):
    """Logits of three classes along the second axis, and one-hot labels."""
    y = np.moveaxis(np.eye(3)[rng.integers(0, 3, (2, 2, 2))], -1, 1)
    return rng.normal(0, 2, y.shape), y


def _soft_pixels(rng):
    """Logits of three classes along the last axis, and probabilities."""
    return rng.normal(0, 2, (2, 2, 3)), rng.dirichlet(np.ones(3), (2, 2))


def _soft(rng):
    return rng.uniform(0, 1, SHAPE), rng.uniform(0, 1, SHAPE)


def _soft_logits(rng):
    return rng.normal(0, 3, SHAPE), rng.uniform(0, 1, SHAPE)


def _labels(shape):
    """Regions of every kind, some of which are empty or full."""
    y = np.random.default_rng(6).integers(0, 2, shape).astype(float)
    y[::5] = 0
    y[1::5] = 1
    return y


def _probability_range(info):
    rng = np.random.default_rng(7)
    low = np.geomspace(float(info.smallest_normal), 0.5, 60)
    ends = np.concatenate([low, 1 - low[low > info.eps], [0, 1]])
    p = np.concatenate([rng.choice(ends, (80, 6)), rng.uniform(0, 1, (40, 6))]).astype(info.dtype)
    return p, _labels(p.shape)


def _logit_range(info):
    """Logits of every size but the smallest, near which the curvature changes its sign."""
    rng = np.random.default_rng(8)
    sizes = np.concatenate([np.linspace(1.5, 80, 60), np.geomspace(100, float(info.max) / 2, 9)])
    x = (rng.choice(sizes, (120, 6)) * rng.choice([-1, 1], (120, 6))).astype(info.dtype)
    return x, _labels(x.shape)


SEGMENTATION = [
    Case(
        "dice_loss",
        ml.dice_loss,
        _regions,
        oracles.dice,
        coupled=True,
        is_whole=True,
        is_split=False,
    ),
    Case(
        "dice_loss, regions",
        ml.dice_loss,
        _regions,
        oracles.dice,
        {"spatial_axes": (-1, 2)},
        class_axis=(2, 3),
        coupled=True,
    ),
    Case(
        "dice_loss, class indices",
        ml.dice_loss,
        _classes,
        oracles.dice,
        {"spatial_axes": (2, 3), "class_axis": 1},
        class_axis=(2, 3),
        coupled=True,
    ),
    Case(
        "dice_loss, probabilities",
        ml.dice_loss,
        _soft,
        oracles.dice,
        {"spatial_axes": -1, "smooth": 1e-5},
        extremes=_probability_range,
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "dice_loss, squared",
        ml.dice_loss,
        _soft_logits,
        oracles.dice,
        {"spatial_axes": (0, 2, 3), "squared": True, "activation": "sigmoid"},
        class_axis=(0, 2, 3),
        coupled=True,
    ),
    Case(
        "tversky_loss",
        ml.tversky_loss,
        _logits,
        oracles.tversky,
        {"alpha": 0.3, "beta": 0.7, "spatial_axes": -1, "activation": "sigmoid"},
        extremes=_logit_range,
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "tversky_loss, squared",
        ml.tversky_loss,
        _soft,
        oracles.tversky,
        {"alpha": 0.8, "beta": 0.4, "smooth": 0.01, "spatial_axes": -1, "squared": True},
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "jaccard_loss",
        ml.jaccard_loss,
        _regions,
        oracles.jaccard,
        {"spatial_axes": -1, "smooth": 0},
        extremes=_probability_range,
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "dice_loss, softmax",
        ml.dice_loss,
        _pixels,
        oracles.dice_of_softmax,
        {"spatial_axes": (2, 3), "class_axis": 1, "activation": "softmax"},
        class_axis=(2, 3),
        coupled=True,
        of_pixels=True,
    ),
    Case(
        "tversky_loss, softmax",
        ml.tversky_loss,
        _soft_pixels,
        oracles.tversky_of_softmax,
        {
            "alpha": 0.3,
            "beta": 0.8,
            "smooth": 0.01,
            "squared": True,
            "spatial_axes": (1, 2),
            "class_axis": -1,
            "activation": "softmax",
        },
        class_axis=(1, 2),
        coupled=True,
        of_pixels=True,
    ),
    Case(
        "jaccard_loss, softmax",
        ml.jaccard_loss,
        _pixels,
        oracles.jaccard_of_softmax,
        {"class_axis": 1, "activation": "softmax"},
        coupled=True,
        is_whole=True,
        is_split=False,
        of_pixels=True,
    ),
]
