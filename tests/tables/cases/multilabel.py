"""The rows of the losses of rows of yes-or-no labels."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.oracles import multilabel as oracles

SHAPE = (3, 2, 5)
TABLE = (24, 4)


def _hard(rng):
    return rng.normal(0, 3, SHAPE), rng.integers(0, 2, SHAPE).astype(float)


def _binary(rng):
    return rng.normal(0, 1, SHAPE), rng.integers(0, 2, SHAPE)


def _listed(rng):
    """Classes of each row, some of them twice, with anything behind the first -1."""
    classes = rng.integers(-1, SHAPE[-1], SHAPE)
    classes[0, 0, 0] = -1  # a row without a label
    classes[1, 0] = [3, 1, 3, -1, 2]
    return rng.normal(0, 1, SHAPE), classes


def _few_listed(rng):
    x, classes = _listed(rng)
    return x[:, 0], classes[:, 0]


def _soft(rng):
    return rng.normal(0, 3, SHAPE), rng.uniform(0, 1, SHAPE)


def _one_label_range(info):
    """Rows of one label, at logits of every magnitude."""
    smallest = float(info.smallest_normal)
    x = np.concatenate([np.geomspace(smallest, 80, 60), np.linspace(1e-2, -np.log(smallest), 200)])
    x = np.concatenate([x, -x, [0.0]]).astype(info.dtype)
    return np.concatenate([x, x])[:, None], np.repeat([0.0, 1.0], x.size)[:, None]


def _margin_range(info):
    """Rows of every scale, tied, at the kink, and a rounding error to either side of it."""
    rng = np.random.default_rng(2)
    eps = float(info.eps)
    scales = [1e-30, eps, 1e-3, 0.5, 1.0, 3.0, 1e3, 1e6, 1e30]
    rows = [scale * rng.uniform(-1, 1, (8, 6)) for scale in scales]
    rows += [np.round(2 * rng.uniform(-1, 1, (30, 6))) / 2, np.zeros((1, 6))]
    rows += [np.linspace(0, 1, 6)[None] + shift for shift in (0, 0.1, 1e3)]
    kink = np.asarray([1.0, 0.0, -eps, 1 + eps, 1 - eps / 2, 1e-20])
    rows += [kink[rng.permutation(6)][None] for _ in range(20)]
    x = np.concatenate(rows).astype(info.dtype)
    return x, rng.integers(0, 2, x.shape)


def _margin_range_of_indices(info):
    x, _ = _margin_range(info)
    classes = np.random.default_rng(3).integers(-1, x.shape[-1], x.shape)
    return x, classes


def _row_range(info):
    """Rows of every scale, confident and wrong, tied, and of one label."""
    rng = np.random.default_rng(4)
    scales = [1e-30, 1e-4, 1.0, 10.0, 30.0, 60.0, 80.0, 500.0, 1e4, 1e30]
    rows = [scale * rng.uniform(-1, 1, (16, 6)) for scale in scales]
    rows += [np.zeros((2, 6)), np.full((1, 6), 1e30), np.full((1, 6), -1e30)]
    x = np.concatenate(rows).astype(info.dtype)
    y = rng.integers(0, 2, x.shape).astype(float)
    y[::4] = (x > 0)[::4]
    y[1::8] = 0
    y[5::8] = 1
    return x, y


def _table_range(info):
    """Samples of every scale, confident and wrong, with few labels or none."""
    rng = np.random.default_rng(5)
    x = np.geomspace(1e-4, 30, TABLE[0])[:, None] * rng.uniform(-1, 1, TABLE)
    y = rng.integers(0, 3, TABLE) // 2
    y[::3] = (x > 0)[::3]
    y[:, 3] = 0
    return x.astype(info.dtype), y


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
    Case(
        "multilabel_margin_loss",
        ml.multilabel_margin_loss,
        _few_listed,
        oracles.margin_of_indices,
        extremes=_margin_range_of_indices,
        torch="multilabel_margin_loss",
        class_axis=-1,
    ),
    Case(
        "multilabel_margin_loss, class_axis",
        ml.multilabel_margin_loss,
        _listed,
        oracles.margin_of_indices,
        {"class_axis": 2},
        class_axis=2,
    ),
    Case(
        "multilabel_margin_loss, multi_hot",
        ml.multilabel_margin_loss,
        _binary,
        oracles.margin_of_binary,
        {"multi_hot": True},
        extremes=_margin_range,
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "zlpr_loss",
        ml.zlpr_loss,
        _hard,
        oracles.zlpr,
        extremes=_row_range,
        class_axis=-1,
        coupled=True,
    ),
    Case(
        "zlpr_loss, soft",
        ml.zlpr_loss,
        _soft,
        oracles.zlpr,
        {"class_axis": 1},
        class_axis=1,
        coupled=True,
    ),
    Case(
        "two_way_loss",
        ml.two_way_loss,
        _binary,
        oracles.two_way_of_shapes(SHAPE, TABLE, class_axis=-1),
        extremes=_table_range,
        coupled=True,
        is_whole=True,
        is_split=False,
    ),
    Case(
        "two_way_loss, temperatures",
        ml.two_way_loss,
        _binary,
        oracles.two_way_of_shapes(SHAPE, class_axis=1),
        {"class_axis": 1, "positive_temperature": 1.5, "negative_temperature": 0.7},
        coupled=True,
        is_whole=True,
        is_split=False,
    ),
]
