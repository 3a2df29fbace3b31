"""Rows of losses of missing labels, and the sizes of their terms."""

import functools

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.exactness.points import logits, sigmoid
from tables.exactness.row import Row, row
from tables.oracles import partial


def _partly_observed(info):
    """Rows of 4 logits of every magnitude, with labels from 0 to 1, some of them observed."""
    rng = np.random.default_rng(9)
    end = -np.log(float(info.smallest_normal))
    x = rng.uniform(-1, 1, (60, 4)) * np.geomspace(1e-3, end, 60)[:, None]
    y = rng.choice([0.0, 1e-8, 0.3, 1.0], (60, 4))
    mask = rng.uniform(size=(60, 4)) < 0.6
    mask[:, 0] = True
    return x.astype(info.dtype), y.astype(info.dtype), {"mask": mask}


def _factor_terms(alpha, beta, gamma):
    """Return the sizes of the factor's terms; for alpha < 0, one is 0 in a complete row."""

    def terms(x, y, mask):
        share = mask.mean(-1, keepdims=True) ** gamma
        parts = [alpha + beta, alpha * (1 - share)] if alpha < 0 else [alpha * share, beta]
        factor = np.maximum(*map(np.abs, parts)) * mask / 4
        value = factor * (y * np.logaddexp(0, -x) + (1 - y) * np.logaddexp(0, x))
        slope = factor * np.maximum(y * sigmoid(-x), (1 - y) * sigmoid(x))
        return value.sum(-1), slope, factor * sigmoid(x) * sigmoid(-x)

    return terms


def _selective(points, bound, **options):
    case = Case(
        "selective_asymmetric_loss",
        ml.selective_asymmetric_loss,
        None,
        partial.selective,
        {"mode": "negative"} | options,
        is_batchwise=True,
    )
    return Row(case, points, (bound,) * 3)


def _robust_terms(w, b, mu, sigma, q2, q3):
    """Return the sizes of the pulls of a positive and of a negative, and what bends each."""

    def terms(x, y):
        p, q = sigmoid(x), sigmoid(-x)
        weight = np.exp(-(((p - mu) / sigma) ** 2) / 2)
        first, second = weight * sigmoid(w * p + b), weight * sigmoid(-w * p - b)
        pulls = first * p**q2 * q, second * q**q3 * p
        slope = np.maximum(*pulls)
        bends = [
            pulls[0] * np.maximum(p, q2 * q),
            pulls[1] * np.maximum(q, q3 * p),
            abs(w) * p * q * first * sigmoid(-w * p - b) * np.maximum(p**q2 * q, q**q3 * p),
            np.abs(p - mu) / sigma**2 * slope * p * q,
        ]
        return 0.0, slope, functools.reduce(np.maximum, bends)

    return terms


def _robust(bound, **options):
    numbers = {"w": 2.0, "b": -2.0, "mu": 0.8, "sigma": 0.5, "q2": 0.01, "q3": 1.0} | options
    return row(
        ml.gr_loss,
        partial.gr,
        logits(-1),
        (bound,) * 3,
        _robust_terms(**numbers),
        **options,
    )


def _positive_or_not(info):
    x = np.random.default_rng(10).normal(0, 1, 40) * np.geomspace(1e-3, 60, 40)
    return x.astype(info.dtype), np.where(np.arange(40) % 3, -1, 1)


def _risk_terms(prior, gamma):
    def terms(x, y):
        p, q, is_positive = sigmoid(x), sigmoid(-x), y == 1
        of_positive = prior * p[is_positive].mean()
        value = max(prior * q[is_positive].mean(), of_positive, p[~is_positive].mean())
        return value, 0.0, 0.0

    return terms


OF_PARTIAL = [
    *(
        Row(
            Case(
                "partial_bce_loss",
                ml.partial_bce_loss,
                None,
                partial.partial_bce,
                {"alpha": alpha, "beta": beta, "gamma": gamma},
                class_axis=-1,
                coupled=True,
            ),
            _partly_observed,
            terms=_factor_terms(alpha, beta, gamma),
        )
        for alpha, beta, gamma in [
            (-4.45, 5.45, 1.0),
            (1.0, 0.0, -1.0),
            (-1.0, 1.0, 0.5),
            (0.0, 1.0, 0.0),
            (1e-6, 1e3, 3.0),
        ]
    ),
    # As many epsilons as for `asymmetric_loss`.
    _selective(
        logits(1, 0, -1, largest=0.25),
        5.5,
        gamma_pos=0.0,
        gamma_neg=1.0,
        gamma_unann=3.0,
        alpha_neg=0.0,
    ),
    _selective(
        logits(0, -1, floats_above=[np.log(0.05 / 0.95)], largest=0.25),
        3.5 + 2 * 3,
        gamma_neg=0.0,
        gamma_unann=3.0,
        clip=0.05,
        alpha_unann=10.0,
    ),
    _robust(4 + 2),
    _robust(4, w=0.0, mu=0.5, sigma=2.0),
    _robust(4, w=0.0, b=0.0, mu=0.0, sigma=1.0, q2=1.0),
    _robust(4 + 2, q2=1e-6, q3=1e-6, mu=1.0),
    *(
        Row(
            Case(
                "nnpu_loss",
                ml.nnpu_loss,
                None,
                partial.nnpu,
                {"prior": prior, "beta": beta, "gamma": gamma},
                coupled=True,
                is_whole=True,
            ),
            _positive_or_not,
            terms=_risk_terms(prior, gamma),
        )
        for prior, beta, gamma in [
            (0.0, 0.0, 1.0),
            (0.2, 0.01, 1.0),
            (1.0, 0.0, 0.5),
            (1.0, 0.0, 0.0),
        ]
    ),
]
