"""Rows of likelihoods, scores and angles of numbers, and the sizes of their terms."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.exactness.row import Row, row
from tables.oracles import likelihoods, regression


def _spread_numbers(info):
    """Differences of every size beside a number, with variances of every size."""
    size = np.concatenate([np.geomspace(1e-6, 1e6, 25), [0.0]])
    variances = [0.0, 1e-12, 1e-7, 1e-3, 0.7, 1.0, 1.0001, 3.0, 1e4, 1e12]
    d, var = np.meshgrid(np.concatenate([size, -size]), variances)
    y = np.where(np.arange(d.size).reshape(d.shape) % 2, 1.3, 0.0).astype(info.dtype)
    return (d + y).astype(info.dtype), y, {"var": var.astype(info.dtype)}


def _positive_spread(least):
    def points(info):
        x, y, options = _spread_numbers(info)
        return x, y, {"var": np.maximum(options["var"], info.dtype.type(least))}

    return points


def _gaussian_terms(eps, constant=0.0):
    def terms(x, y, var):
        size = np.maximum(var, eps)
        value = np.maximum(np.abs(np.log(size)), (x - y) * ((x - y) / size)) / 2
        return np.maximum(value, constant), 0.0, 0.0

    return terms


def _crps_terms(eps):
    """Return the sizes of distance and mean distances; a slope is 1 minus two tails."""

    def terms(x, y, var):
        return np.maximum(np.abs(x - y), np.sqrt(np.maximum(var, eps))), 1.0, 0.0

    return terms


def _near_the_mean(info):
    """Numbers within 2 standard deviations, beyond which the density is less exact."""
    z, scale = np.meshgrid(np.linspace(-2, 2, 41), [1e-3, 0.3, 1.0, 7.0, 1e6])
    y = np.full(z.shape, 0.7).astype(info.dtype)
    return (z * scale).astype(info.dtype) + y, y, {"var": (scale**2).astype(info.dtype)}


def _angles(info):
    """Rows of every length at angles from close to parallel to close to opposite."""
    rng = np.random.default_rng(7)
    angles = np.concatenate([np.geomspace(1e-6, 1, 20), np.pi - np.geomspace(1e-6, 1, 20)])
    angles = np.concatenate([angles, -angles, [np.pi / 2, 1.0, 2.0]])
    start = rng.uniform(0, 2 * np.pi, angles.size)
    lengths = 10 ** rng.uniform(-6, 6, (2, angles.size))
    x, y = (
        np.stack([n * np.cos(a), n * np.sin(a), 0.3 * n], -1)
        for n, a in zip(lengths, (start, start + angles), strict=True)
    )
    return x.astype(info.dtype), y.astype(info.dtype)


def _angle_terms(similarity, margin, eps):
    """Return the sizes of a cosine's terms; close to 0, of the square root of the value."""

    def terms(x, y):
        (u, length), (v, _) = (_direction(row, eps) for row in (x, y))
        products = np.abs(u * v).sum(-1)
        apart = np.sqrt(((u - v) ** 2).sum(-1) / 2)
        value = np.minimum(apart, 2.0) if similarity == 1 else np.maximum(products, margin)
        slope = np.maximum(np.abs(v), np.abs(u) * products[..., None]) / length
        bend = np.maximum(np.maximum(3 * u * u, 1) * products[..., None], 2 * np.abs(u * v))
        if similarity == -1:
            active = (u * v).sum(-1) > margin
            return value * active, slope * active[..., None], bend / length**2 * active[..., None]
        return value, slope, bend / length**2

    return terms


def _direction(row, eps):
    length = np.maximum(np.sqrt((row * row).sum(-1, keepdims=True)), eps)
    return row / length, length


def _ensembles(info):
    """Ensembles of every width, around a number and on either side, some of them tied."""
    rng = np.random.default_rng(8)
    size = np.geomspace(1e-6, 1e6, 60)[:, None]
    x = size * rng.normal(0, 1, (60, 5))
    x[::5, 1] = x[::5, 0]
    y = size[:, 0] * np.asarray([0, 10, -10, 1e-3])[np.arange(60) % 4]
    return x.astype(info.dtype), y.astype(info.dtype)


def _ensemble_terms(x, y):
    distance = np.abs(x - y[:, None]).mean(-1)
    spread = np.abs(x[:, :, None] - x[:, None]).mean((-1, -2))
    return np.maximum(distance, spread), 1.0 / x.shape[-1], 0.0


OF_NUMBERS = [
    *(
        row(
            ml.gaussian_nll_loss,
            regression.gaussian,
            points,
            terms=_gaussian_terms(eps, 0.92 if full else 0.0),
            eps=eps,
            full=full,
        )
        for eps, points in [
            (0.0, _positive_spread(1e-12)),
            (1e-6, _spread_numbers),
            (1.0, _spread_numbers),
        ]
        for full in (False, True)
    ),
    *(
        row(
            ml.gaussian_crps_loss,
            likelihoods.gaussian_crps,
            points,
            terms=_crps_terms(eps),
            eps=eps,
        )
        for eps, points in [(0.0, _near_the_mean), (1e-6, _near_the_mean), (1.0, _near_the_mean)]
    ),
    *(
        Row(
            Case(
                "cosine_similarity_loss",
                ml.cosine_similarity_loss,
                None,
                regression.cosine_similarity,
                {"similarity": similarity, "margin": margin, "eps": eps},
                class_axis=-1,
                coupled=True,
            ),
            _angles,
            (4, 4.5, 5),
            _angle_terms(similarity, margin, eps),
        )
        for similarity, margin, eps in [
            (1, 0.0, 1e-8),
            (1, 0.0, 1.0),
            (-1, 0.0, 1e-8),
            (-1, 0.3, 1e-8),
            (-1, -1.0, 1e-8),
        ]
    ),
    *(
        Row(
            Case(
                "ensemble_crps_loss",
                ml.ensemble_crps_loss,
                None,
                likelihoods.ensemble_crps,
                {"fair": fair},
                class_axis=-1,
            ),
            _ensembles,
            terms=_ensemble_terms,
        )
        for fair in (False, True)
    ),
]
