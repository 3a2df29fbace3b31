"""The rows of the losses of rows of yes-or-no labels."""

import numpy as np
import oracles
from case import Case

import maskloss as ml

SHAPE = (3, 2, 5)


def _hard(rng):
    return rng.normal(0, 3, SHAPE), rng.integers(0, 2, SHAPE).astype(float)


def _soft(rng):
    return rng.normal(0, 3, SHAPE), rng.uniform(0, 1, SHAPE)


def _one_label_range(info):
    """Rows of one label, at logits of every magnitude."""
    smallest = float(info.smallest_normal)
    x = np.concatenate([np.geomspace(smallest, 80, 60), np.linspace(1e-2, -np.log(smallest), 200)])
    x = np.concatenate([x, -x, [0.0]]).astype(info.dtype)
    return np.concatenate([x, x])[:, None], np.repeat([0.0, 1.0], x.size)[:, None]


_CLASS_WEIGHT = np.asarray([0.5, 2.0, 1.0, 0.1, 3.0])

MULTILABEL = [
    Case(
        "multilabel_soft_margin_loss",
        ml.multilabel_soft_margin_loss,
        _hard,
        oracles.multilabel_soft_margin,
        extremes=_one_label_range,
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "multilabel_soft_margin_loss, soft and weighted",
        ml.multilabel_soft_margin_loss,
        _soft,
        oracles.multilabel_soft_margin,
        {"class_weight": _CLASS_WEIGHT},
        class_axis=-1,
        coupled=True,
    ),
]
