"""The rows of the losses of rankings."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.oracles import ranking as oracles

SHAPE = (3, 2, 5)
_ITEM_WEIGHT = np.random.default_rng(3).uniform(0.5, 3, (2, 5, 3))
GROUPS = np.asarray([2, 0, 2, 1, 2, 0, 3, 1, 2])


def _relevances(rng):
    return rng.normal(0, 3, SHAPE), rng.integers(0, 3, SHAPE).astype(float)


def _grades(rng):
    return rng.normal(0, 3, SHAPE), rng.integers(0, 3, SHAPE)


def _grades_second(rng):
    """Lists along the second axis, each with items of every grade."""
    x = rng.normal(0, 3, (2, 5, 3))
    return x, (np.arange(5)[:, None] + rng.integers(0, 3, (2, 1, 3))) % 3


def _relevances_second(rng):
    x, y = _grades_second(rng)
    return x, y.astype(float)


def _relevances_of_groups(rng):
    shape = (2, GROUPS.size)
    return rng.normal(0, 3, shape), rng.integers(0, 3, shape).astype(float)


def _grades_of_groups(rng):
    x, y = _relevances_of_groups(rng)
    return x, y.astype(int)


def _row_range(info):
    """Lists of every scale, in order and in reverse, tied, and wide apart.

    Of two grades: between others, the pulls on an item cancel.
    """
    rng = np.random.default_rng(9)
    scales = [1e-30, 1e-4, 1.0, 10.0, 30.0, 60.0, 500.0, 1e4, 1e30]
    rows = [scale * rng.uniform(-1, 1, (16, 4)) for scale in scales]
    rows += [np.zeros((2, 4)), np.full((2, 4), 1e30)]
    x = np.concatenate(rows).astype(info.dtype)
    y = rng.integers(0, 2, x.shape)
    y[::4] = np.argsort(np.argsort(x, -1), -1)[::4] // 2
    y[1::8] = 0
    return x, y


def _one_relevant_range(info):
    x, y = _row_range(info)
    return x, np.eye(4)[np.argmax(y, -1)]


def _pair_range(info):
    """Lists of two items in order: else the terms of a second derivative cancel."""
    x = np.sort(_row_range(info)[0][:, :2], -1)
    y = np.asarray([0, 1])
    turned = np.arange(len(x)) % 2 == 1
    return np.where(turned[:, None], x[:, ::-1], x), np.where(turned[:, None], y[::-1], y)


def _rows(name, loss, make, oracle, options=None, extremes=None, axis=-1, **spec):
    options = options or {}
    return Case(
        name,
        loss,
        make,
        oracle,
        options,
        extremes=extremes,
        class_axis=axis,
        coupled=True,
        **spec,
    )


def _groups(name, loss, make, oracle, options, **spec):
    return Case(
        name, loss, make, oracle, {"groups": GROUPS} | options, needs_whole_call=True, **spec
    )


# Every subject of two columns, in any order, with ties of all kinds.
_EVENTS = np.resize([1, 0, 1, 1, 0, 1, 1], (7, 2))


def _durations(rng):
    return rng.normal(0, 2, (7, 2)), rng.integers(1, 5, (7, 2)).astype(float)


def _durations_of_groups(rng):
    shape = (2, GROUPS.size)
    return rng.normal(0, 2, shape), rng.integers(1, 4, shape).astype(float)


def _cox(name, options):
    events = {"events": _EVENTS}
    return Case(
        f"cox_loss{name}",
        ml.cox_loss,
        _durations,
        oracles.cox,
        events | options,
        class_axis=0,
        coupled=True,
        held=("labels",),
        is_split=False,
    )


_COX = [
    _cox("", {}),
    _cox(", breslow", {"ties": "breslow", "normalize": False}),
    Case(
        "cox_loss, groups",
        ml.cox_loss,
        _durations_of_groups,
        oracles.cox_of_groups,
        {"groups": GROUPS, "events": np.resize([1, 1, 0], (2, GROUPS.size))},
        needs_whole_call=True,
        held=("labels",),
        is_split=False,
        not_compiled_by=("mlx",),  # as lists of `list_mle_loss`
    ),
]


RANKING = [
    _rows(
        "softmax_ranking_loss",
        ml.softmax_ranking_loss,
        _relevances,
        oracles.softmax,
        extremes=_one_relevant_range,
    ),
    _rows(
        "softmax_ranking_loss, list_axis",
        ml.softmax_ranking_loss,
        _relevances_second,
        oracles.softmax,
        {"list_axis": 1, "normalize": False},
        axis=1,
    ),
    _groups(
        "softmax_ranking_loss, groups",
        ml.softmax_ranking_loss,
        _relevances_of_groups,
        oracles.softmax_of_groups,
        {"normalize": False},
        not_compiled_by=("mlx",),
    ),
    _rows(
        "pairwise_logistic_loss",
        ml.pairwise_logistic_loss,
        _grades,
        oracles.pairwise,
        extremes=_row_range,
    ),
    _rows(
        "pairwise_logistic_loss, list_axis",
        ml.pairwise_logistic_loss,
        _grades_second,
        oracles.pairwise,
        {"list_axis": 1, "normalize": False, "item_weight": _ITEM_WEIGHT},
        axis=1,
    ),
    _groups(
        "pairwise_logistic_loss, groups",
        ml.pairwise_logistic_loss,
        _grades_of_groups,
        oracles.pairwise_of_groups,
        {"max_group_size": 4},
    ),
    *_COX,
    _rows(
        "pairwise_hinge_loss",
        ml.pairwise_hinge_loss,
        _grades,
        oracles.hinge,
        extremes=_row_range,
    ),
    _rows(
        "pairwise_hinge_loss, list_axis",
        ml.pairwise_hinge_loss,
        _grades_second,
        oracles.hinge,
        {"list_axis": 1, "normalize": False, "margin": 3.0, "item_weight": _ITEM_WEIGHT},
        axis=1,
    ),
    _groups(
        "pairwise_hinge_loss, groups",
        ml.pairwise_hinge_loss,
        _grades_of_groups,
        oracles.hinge_of_groups,
        {"max_group_size": 4, "margin": 0.25},
    ),
    _rows(
        "list_mle_loss",
        ml.list_mle_loss,
        _grades,
        oracles.list_mle,
        extremes=_pair_range,
        not_compiled_by=("mlx",),  # 0.32.4: IndexError, _Map_base::at
    ),
    _rows(
        "list_mle_loss, list_axis",
        ml.list_mle_loss,
        _grades_second,
        oracles.list_mle,
        {"list_axis": 1},
        axis=1,
        not_compiled_by=("mlx",),
    ),
    _groups(
        "list_mle_loss, groups",
        ml.list_mle_loss,
        _grades_of_groups,
        oracles.list_mle_of_groups,
        {},
        not_compiled_by=("mlx",),
    ),
]
