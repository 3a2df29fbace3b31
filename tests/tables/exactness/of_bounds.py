"""Rows of likelihoods of numbers, bounds and intervals, and the sizes of their terms."""

import math

import numpy as np

import maskloss as ml
from tables.exactness.points import sigmoid
from tables.exactness.row import row
from tables.oracles import likelihoods

_ERF = np.vectorize(math.erf)


def _normal(z):
    return np.exp(-z * z / 2) / np.sqrt(2 * np.pi), np.abs(z), (1 + _ERF(z / np.sqrt(2))) / 2


def _logistic(z):
    return sigmoid(z) * sigmoid(-z), np.ones_like(z), sigmoid(z)


def _extreme_value(z):
    w = np.exp(z)
    return w * np.exp(-w), np.maximum(1, w), -np.expm1(-w)


# The density, the size of the terms of its logarithmic derivative, and the probability below.
_OF = {"normal": _normal, "logistic": _logistic, "extreme_value": _extreme_value}


def _known_in_part(info):
    """Numbers within 2 scales, which are powers of 2, with bounds on each side, and intervals."""
    z, scale = np.meshgrid(np.linspace(-2, 2, 37), [2.0**-20, 2.0**-3, 1.0, 2.0**10])
    column = np.arange(z.size).reshape(z.shape) % 7
    y = np.full(z.shape, 0.7).astype(info.dtype)
    x = (y - z * scale).astype(info.dtype)
    width = np.asarray([np.inf, np.inf, np.inf, np.inf, 1e-3, 0.5, 3.0])[column] * scale
    censoring = np.asarray([0, -1, 1, 0, 1, 1, 1], "int32")[column]
    return (
        x,
        y,
        {
            "scale": scale.astype(info.dtype),
            "censoring": censoring,
            "upper": (y + width).astype(info.dtype),
        },
    )


def _terms(distribution):
    """Return the sizes of surprisal and logarithm of the scale, and of densities at the ends."""
    of = _OF[distribution]

    def terms(x, y, scale, censoring, upper):
        is_exact = (censoring == 0) | (upper == y)
        is_between = (censoring == 1) & (upper < np.inf)
        low, high = (y - x) / scale, (np.where(is_between, upper, y) - x) / scale
        (at, bend, below), (at_high, bend_high, below_high) = of(low), of(high)
        value = np.maximum(np.maximum(-np.log(at), np.abs(np.log(scale))), low * low / 2)
        outside = np.where(censoring == -1, 1 - below, np.where(is_between, 0.0, below))
        inside = np.where(is_between, below_high - below, 1 - outside)
        slope = np.where(is_exact, bend, np.maximum(at, at_high) / np.where(is_exact, 1, inside))
        curvature = np.maximum(slope * slope, slope * np.maximum(bend, bend_high))
        curvature = np.where(is_exact, 0.0, curvature)
        return np.where(is_exact, value, 0.0), slope / scale, curvature / scale**2

    return terms


OF_BOUNDS = [
    row(
        ml.censored_nll_loss,
        likelihoods.censored,
        _known_in_part,
        epsilons,
        _terms(distribution),
        distribution=distribution,
    )
    for distribution, epsilons in [
        ("normal", (4, 4.5, 6.5)),
        ("logistic", (4, 4, 4)),
        ("extreme_value", (9, 8, 5)),  # exp(z), of z up to 2, as the docstring says
    ]
]
