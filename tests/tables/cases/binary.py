"""The rows of the losses of yes-or-no labels, one by one."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.oracles import binary as oracles

SHAPE = (4, 5)


def _signs(rng):
    return rng.normal(0, 3, SHAPE), 2 * rng.integers(0, 2, SHAPE) - 1


def _hard(rng):
    return rng.normal(0, 3, SHAPE), rng.integers(0, 2, SHAPE).astype(float)


def _soft(rng):
    return rng.normal(0, 3, SHAPE), rng.uniform(0, 1, SHAPE)


def _probabilities(rng):
    return rng.uniform(0.01, 0.99, SHAPE), rng.integers(0, 2, SHAPE).astype(float)


def _range(info):
    """Logits of every magnitude, 0 and the ends of the range among them.

    Densely where exp(-abs(x)) is normal: JAX takes what is smaller for 0, also as a factor.
    """
    smallest = float(info.smallest_normal)
    magnitudes = np.concatenate(
        [
            np.geomspace(smallest, float(info.max) * 0.99, 60),
            np.linspace(1e-2, -np.log(smallest) - 1e-3, 400),
        ]
    )
    held = 1.25 * np.log(float(info.max)) + 0.5  # barely beyond where nothing but x changes
    magnitudes = np.concatenate([magnitudes, [1.0, held]])
    return np.concatenate([magnitudes, -magnitudes, [0.0]]).astype(info.dtype)


def _sign_range(info):
    x = _range(info)
    return np.stack([x, x], -1), np.stack([0 * x - 1, 0 * x + 1], -1)


def _logit_range(info):
    x, y = _sign_range(info)
    return x, (y + 1) / 2


def _full_logit_range(info):
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


def _away_from(*roots, order=1):
    """Leave out logits near which the curvature changes its sign: nothing is exact at a root.

    And those where exp(-order * abs(x)) is barely normal: JAX takes its parts for 0.
    """

    def extremes(info):
        x, y = _logit_range(info)
        wrong = np.where(y == 0, x, -x)
        barely_normal = np.log(float(info.smallest_normal)) / order
        keep = np.abs(wrong - barely_normal) > (2 if order > 1 else 0)
        for root in roots:
            keep &= np.abs(wrong - root) > 0.2 * root
        keep = keep.all(-1)
        return x[keep], y[keep]

    return extremes


def _focal(name, make, options, extremes=None):
    return Case(
        f"sigmoid_focal_loss{name}",
        ml.sigmoid_focal_loss,
        make,
        oracles.sigmoid_focal,
        options,
        extremes=extremes,
    )


def _poly(name, make, options, extremes=None):
    return Case(f"poly_loss{name}", ml.poly_loss, make, oracles.poly, options, extremes=extremes)


_POS_WEIGHT = np.asarray([0.5, 2.0, 1.0, 10.0, 3.0])

BINARY = [
    Case(
        "binary_cross_entropy_with_logits",
        ml.binary_cross_entropy_with_logits,
        _hard,
        oracles.with_logits,
        extremes=_full_logit_range,
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
        "soft_margin_loss",
        ml.soft_margin_loss,
        _signs,
        oracles.soft_margin,
        extremes=_sign_range,
        torch="soft_margin_loss",
    ),
    Case("hinge_loss", ml.hinge_loss, _signs, oracles.hinge, extremes=_sign_range),
    Case(
        "squared_hinge_loss",
        ml.squared_hinge_loss,
        _signs,
        oracles.squared_hinge,
        extremes=_sign_range,
    ),
    _focal("", _hard, {}, _away_from(2.8, order=3)),
    _focal(
        ", unbalanced, gamma below 1",
        _hard,
        {"alpha": None, "gamma": 0.3},
        _away_from(5.34, order=1.3),
    ),
    _focal(", gamma 0", _hard, {"alpha": -1, "gamma": 0}, _logit_range),
    _focal(", gamma 3.7", _hard, {"alpha": 0.6, "gamma": 3.7}, _away_from(2.8, order=4.7)),
    _focal(", soft", _soft, {}),
    _focal(", soft, gamma below 1", _soft, {"alpha": 0, "gamma": 0.5}),
    _poly("", _hard, {}, _logit_range),
    _poly(", epsilon below 0", _hard, {"epsilon": -1.0}, _away_from(order=2)),
    _poly(", epsilon 2", _hard, {"epsilon": 2.0}, _away_from(np.log(3))),
    _poly(", soft", _soft, {"epsilon": -0.4}),
]
