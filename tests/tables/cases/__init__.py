"""The table of cases: one row per loss and way to call it.

To add a loss is to add its rows here; every property of the matrix runs over them.
"""

import numpy as np
import pytest

import maskloss as ml
from helpers.case import Case
from tables.cases.binary import MARGIN
from tables.cases.categorical import CATEGORICAL
from tables.cases.censoring import CENSORING
from tables.cases.multilabel import MULTILABEL
from tables.cases.partial import PARTIAL
from tables.cases.ranking import RANKING
from tables.cases.regression import REGRESSION
from tables.cases.segmentation import OVERLAP
from tables.cases.similarity import COSINE
from tables.oracles import exact as oracles

CLASSES = 5


def _hard(rng):
    return rng.normal(0, 3, (4, CLASSES)), rng.integers(0, 2, (4, CLASSES)).astype(float)


def _soft(rng):
    return rng.normal(0, 3, (4, CLASSES)), rng.uniform(0, 1, (4, CLASSES))


def _probabilities(rng):
    return rng.uniform(0.01, 0.99, (4, CLASSES)), rng.integers(0, 2, (4, CLASSES)).astype(float)


def _numbers(rng):
    return rng.normal(0, 3, (4, CLASSES)), rng.normal(0, 3, (4, CLASSES))


def _logit_range(info):
    """Logits of every magnitude with both labels, 0 and the ends of the range among them."""
    magnitudes = np.concatenate(
        [
            np.geomspace(float(info.smallest_normal), float(info.max) * 0.99, 60),
            np.linspace(1e-2, -np.log(float(info.smallest_normal)), 400),
        ]
    )
    x = np.concatenate([magnitudes, -magnitudes, [0.0]]).astype(info.dtype)
    return np.stack([x, x], -1), np.stack([0 * x, 0 * x + 1], -1)


def _probability_range(info):
    p = np.geomspace(float(info.smallest_normal), 0.5, 200)
    p = np.concatenate([p, 1 - p[p > info.eps], [0.0, 0.5, 1.0]]).astype(info.dtype)
    return np.stack([p, p], -1), np.stack([0 * p, 0 * p + 1], -1)


def _number_range(info):
    x = np.concatenate([np.geomspace(1e-15, 1e15, 60), [0.0]]).astype(info.dtype)
    return np.stack([x, -x, x], -1), np.stack([0 * x, x, x], -1)


_POS_WEIGHT = np.asarray([0.5, 2.0, 1.0, 10.0, 3.0])

CASES = [
    Case(
        "binary_cross_entropy_with_logits",
        ml.binary_cross_entropy_with_logits,
        _hard,
        oracles.with_logits,
        extremes=_logit_range,
        torch="binary_cross_entropy_with_logits",
    ),
    Case(
        "binary_cross_entropy_with_logits, pos_weight",
        ml.binary_cross_entropy_with_logits,
        _hard,
        oracles.with_logits,
        {"pos_weight": _POS_WEIGHT},
        torch="binary_cross_entropy_with_logits",
    ),
    Case(
        "binary_cross_entropy_with_logits, soft and smoothed",
        ml.binary_cross_entropy_with_logits,
        _soft,
        oracles.with_logits,
        {"label_smoothing": 0.1},
    ),
    Case(
        "binary_cross_entropy",
        ml.binary_cross_entropy,
        _probabilities,
        oracles.probabilities,
        extremes=_probability_range,
        torch="binary_cross_entropy",
    ),
    Case(
        "mse_loss", ml.mse_loss, _numbers, oracles.squared, extremes=_number_range, torch="mse_loss"
    ),
    Case(
        "l1_loss", ml.l1_loss, _numbers, oracles.absolute, extremes=_number_range, torch="l1_loss"
    ),
    *CATEGORICAL,
    *REGRESSION,
    *CENSORING,
    *MARGIN,
    *MULTILABEL,
    *COSINE,
    *OVERLAP,
    *RANKING,
    *PARTIAL,
]

# The cases whose keywords are not all in another one with the same labels.
RICH = [
    case
    for case in CASES
    if not any(
        (c.loss, c.make) == (case.loss, case.make) and case.options.keys() < c.options.keys()
        for c in CASES
    )
]
# The case of each loss that has the most keywords.
RICHEST = [
    case
    for case in CASES
    if case is max((c for c in CASES if c.loss is case.loss), key=lambda c: len(c.options))
]
# Libraries whose compiling, building and dispatching takes longer than all else together.
SLOW = {"jax", "dask", "tensorflow"}
# One case of entries, one of rows whose labels carry weight, one of coupled rows.
_KINDS = {"mse_loss", "cross_entropy, class_weight", "multilabel_soft_margin_loss"}
KINDS = [case for case in CASES if case.name in _KINDS]


def by_case(cases=CASES):
    """Run a test on each of the cases."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)
