"""Points at which rounding shows, and the terms that a result is measured by."""

import numpy as np


def logits(*labels, floats_above=(), largest=1.0):
    """Logits of every magnitude with each label, and the first floats above some numbers."""

    def points(info):
        end = -np.log(float(info.smallest_normal)) * largest
        magnitudes = np.concatenate([np.geomspace(1e-6, 1e-2, 9), np.linspace(0.03, end, 173)])
        x = np.concatenate([magnitudes, -magnitudes, [0.0]]).astype(info.dtype)
        for start in floats_above:
            steps = np.concatenate([np.geomspace(1e-5, 1.0, 40), np.linspace(1.0, 3.0, 20)])
            # From 0 on, where floats are denser than a formula has a use for.
            above = [np.nextafter(info.dtype.type(start or 1e-20), info.dtype.type(np.inf))]
            for _ in range(4):
                above.append(np.nextafter(above[-1], info.dtype.type(np.inf)))
            x = np.concatenate([x, np.asarray(above), (start + steps).astype(info.dtype)])
        return np.stack([x] * len(labels), -1), np.stack([0 * x + y for y in labels], -1)

    return points


def sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x > 0, 1, small) / (1 + small)


def soft(info):
    """Logits of every magnitude with labels from 0 to 1."""
    x, _ = logits(0)(info)
    return [array.copy() for array in np.broadcast_arrays(x, _soft(info))]


def cross_entropy_terms(smoothing, *, pos_weight=1.0):
    def terms(x, y):
        share, other = (v * (1 - smoothing) + smoothing / 2 for v in (y, 1 - y))
        slope = np.maximum(pos_weight * share * sigmoid(-x), other * sigmoid(x))
        return 0.0, slope, slope

    return terms


def propensity_terms(weight):
    """Return the sizes of the terms of 1 - w y as (1 - y) - (w - 1) y, which it is rounded to."""

    def terms(x, y):
        of_negative = np.maximum(1 - y, (weight - 1) * y)
        of_positive = weight * y
        step = sigmoid(x) * sigmoid(-x)
        return (
            np.maximum(of_positive * np.logaddexp(0, -x), of_negative * np.logaddexp(0, x)),
            np.maximum(of_positive * sigmoid(-x), of_negative * sigmoid(x)),
            np.maximum(of_positive, of_negative) * step,
        )

    return terms


def hill_terms(lam):
    def terms(x, y):
        p, step = sigmoid(x), sigmoid(x) * sigmoid(-x)
        largest = max(lam, 1.0)
        return (1 - y) * largest * np.stack([p * p, 3 * step * p, 6 * step * p])

    return terms


def assumed_negative_terms(smoothing):
    def terms(x, y):
        return cross_entropy_terms(2 * smoothing)(x, y == 1)

    return terms


def role_terms(x, y, **_):
    """Return the sizes for estimates that are the negative logits, as in `confident`."""
    p, q = sigmoid(x), sigmoid(-x)
    annotated = np.where(y == 1, q, np.where(y == 0, p, 0.0))
    expectation = 2 * p * q * abs(p.mean() - 1 / 3)
    return 0.0, np.maximum(np.maximum(p * p, annotated), expectation) / x.size / 2, 0.0


def confident(info):
    """Return logits of 3 classes with the estimates that contradict them."""
    end = -np.log(float(info.smallest_normal)) / 3
    x = np.linspace(-end, end, 30).astype(info.dtype).reshape(-1, 3)
    return x, np.resize([1, -1, 0, -1], x.shape), {"estimates": -x}


def soft_probabilities(info):
    """Return probabilities close to 0 and to 1 with labels from 0 to 1."""
    small = np.geomspace(1e-18, 0.5, 60)
    p = np.concatenate([small, 1 - np.maximum(small, float(info.eps))])
    return [
        array.copy() for array in np.broadcast_arrays(p.astype(info.dtype)[:, None], _soft(info))
    ]


def _soft(info):
    return np.asarray([0.0, 1e-20, 1e-8, 0.1, 0.5, 0.9, 1 - 1e-6, 1.0]).astype(info.dtype)


def rows_of_one(info):
    """Make rows of 1 class, with logits of every magnitude and labels from 0 to 1."""
    return [array.reshape(-1, 1) for array in soft(info)]


def soft_rows(*labels):
    """Make rows of 3 classes of all sizes, with labels in some order, repeated."""

    def points(info):
        rng = np.random.default_rng(1)
        sizes = np.geomspace(1e-3, -np.log(float(info.smallest_normal)) / 3, 90)[:, None]
        x = (rng.normal(0, 1, (90, 3)) * sizes).astype(info.dtype)
        y = np.resize(np.asarray(labels, info.dtype), (len(labels), 3))
        return x, rng.permuted(np.resize(y, x.shape), axis=1)

    return points


def softmax_terms(smoothing=0.0):
    def terms(x, y):
        powers = np.exp(x - x.max(-1, keepdims=True))
        share = y * (1 - smoothing) + smoothing / x.shape[-1]
        slope = np.maximum(powers * others(share), share * others(powers))
        slope = slope / powers.sum(-1, keepdims=True)
        return 0.0, slope, slope

    return terms


def others(rows):
    """Sum the other elements of each row, without a difference."""
    return rows @ (1 - np.eye(rows.shape[-1]))


def regions(info):
    """Make regions of 4 probabilities, close to soft and hard labels and not, some tiny."""
    rng = np.random.default_rng(2)
    soft, hard = rng.uniform(0, 1, (40, 4)), rng.integers(0, 2, (40, 4)).astype(float)
    errors = float(info.eps) * 10 ** rng.uniform(1, 6, soft.shape)
    close = np.clip(soft * (1 + errors), 0, 1)
    close[:, 0] = rng.uniform(0, 1, 40) ** 8
    surprise = rng.uniform(0, 1, (40, 4)) ** 12
    surprise[::2, 0] = 1 - 1e-8
    p = np.concatenate([close, np.where(hard == 1, 1 - surprise, surprise), 1 - surprise])
    y = np.concatenate([soft, hard, np.ones((40, 4))])
    return p.astype(info.dtype), y.astype(info.dtype)


def logit_regions(info):
    x = np.random.default_rng(3).normal(0, 1, (80, 4)) * np.geomspace(1e-8, 20, 80)[:, None]
    return x.astype(info.dtype), regions(info)[1][:80]


def overlap_terms(weight, *, smooth, squared, activation=None):
    """Return the sizes for the Tversky index whose weights are both `weight`."""

    def terms(x, y):
        p, q = (sigmoid(x), sigmoid(-x)) if activation else (x, 1 - x)
        error = weight * (p - y) ** 2 if squared else weight * (p * (1 - y) + y * q)
        error = error.sum(-1, keepdims=True)
        overlap = (p * y).sum(-1, keepdims=True) + smooth * weight
        size = np.where(error + overlap == 0, 1.0, error + overlap)
        first = weight * (2 * np.maximum(p, y) if squared else np.maximum(y, 1 - y))
        slope = np.maximum(first * overlap, y * error) / size**2
        growth = 2 * weight * p if squared else weight * (1 - y) + (1 - weight) * y
        growth = growth + abs(1 - 2 * weight) * y if squared else growth
        curvature = 2 * growth * slope / size
        if squared:
            curvature = np.maximum(curvature, 2 * weight * overlap / size**2)
        if activation:
            slope, curvature = slope * p * q, np.maximum(slope * p * q, curvature * (p * q) ** 2)
        return 0.0, slope, curvature

    return terms


def pixels(info):
    """Make two pixels with logits of three classes of every magnitude, and a class of each."""
    rng = np.random.default_rng(4)
    x = rng.normal(0, 1, (60, 2, 3)) * np.geomspace(1e-6, 40, 60)[:, None, None]
    return x.astype(info.dtype), np.eye(3)[rng.integers(0, 3, (60, 2))].astype(info.dtype)


def pixel_terms(*args, **options):
    """Return the sizes for regions of the softmax, whose slopes are differences of the classes'."""
    of_regions = overlap_terms(*args, **options)

    def terms(x, y):
        powers = np.exp(x - x.max(-1, keepdims=True))
        p = powers / powers.sum(-1, keepdims=True)
        q = others(p)
        _, slope, curvature = (
            np.swapaxes(np.broadcast_to(part, (60, 3, 2)), 1, 2)
            for part in of_regions(*(np.swapaxes(array, 1, 2) for array in (p, y)))
        )
        slope = slope + np.take_along_axis(slope, x.argmax(-1, keepdims=True), -1)
        slope = p * (slope * q + others(p * slope))
        return 0.0, slope, p * p * (curvature * q * q + others(p * p * curvature)) + slope

    return terms


def threshold_terms(x, y):
    """Return the sizes of both slopes, one of each sum."""
    sums = [w * np.exp(s * x - np.maximum(s * x, 0).max(-1, keepdims=True)) for s, w in sides(y)]
    rests = [np.exp(-np.maximum(s * x, 0).max(-1, keepdims=True)) for s in (1, -1)]
    slopes = [e / (r + e.sum(-1, keepdims=True)) for e, r in zip(sums, rests, strict=True)]
    return 0.0, np.maximum(*slopes), np.maximum(*slopes)


def sides(y):
    return (1, 1 - y), (-1, y)


def table(info):
    """Return rows of 4 classes of all sizes, a positive among them."""
    rng = np.random.default_rng(0)
    sizes = np.geomspace(0.1, 300.0, 24)[:, None]
    x = (rng.normal(0, 1, (24, 4)) * sizes).astype(info.dtype)
    return x, np.where(np.arange(4) == rng.integers(0, 4, (24, 1)), 1.0, 0.0)


def orders(info):
    """Return lists of 6 items of all sizes and of three grades, in any order."""
    rng = np.random.default_rng(4)
    sizes = np.geomspace(1e-3, -np.log(float(info.smallest_normal)) / 3, 60)[:, None]
    x = (rng.normal(0, 1, (60, 6)) * sizes).astype(info.dtype)
    return x, rng.integers(0, 3, x.shape)


def order_terms(x, y):
    """Return the sizes of the pull down on each item from the places before, and of the other."""
    slope = np.zeros_like(x)
    for row, labels, size in zip(x, y, slope, strict=True):
        left = np.argsort(-labels, kind="stable")
        while left.size > 1:
            p = np.exp(row[left] - row[left].max())
            size[left] += np.where(np.arange(left.size) == 0, p[1:].sum(), p) / p.sum()
            left = left[1:]
    return 0.0, slope, slope


def numbers(*quotients):
    def points(info):
        y = np.geomspace(1e-3, 1e6, 40).astype(info.dtype)
        x = (y[:, None] * np.asarray(quotients)).astype(info.dtype)
        return x, np.broadcast_to(y[:, None], x.shape)

    return points


def rates(info):
    x = np.concatenate([np.geomspace(1e-12, 1e3, 60), 1 + np.geomspace(1e-6, 0.1, 20)])
    return np.broadcast_arrays(
        x.astype(info.dtype)[:, None], np.asarray([0.0, 0.5, 1e3], info.dtype)
    )


def rate_terms(eps):
    def terms(x, y):
        value = np.maximum(x, y * np.abs(np.log(x + eps)))
        return value, np.maximum(1.0, y / (x + eps)), 0.0

    return terms


def log_means(info):
    x = np.concatenate([np.linspace(-80, 80, 120), np.linspace(-2, 2, 60)])
    return np.broadcast_arrays(
        x.astype(info.dtype)[:, None], np.asarray([0.0, 0.5, 1e3], info.dtype)
    )


def negative_binomial_terms(dispersion):
    def terms(x, y):
        return 0.0, np.maximum(np.exp(x), y) / (1 + dispersion * np.exp(x)), 0.0

    return terms


def tweedie_terms(power):
    def terms(x, y):
        return 0.0, np.maximum(np.exp((2 - power) * x), y * np.exp((1 - power) * x)), 0.0

    return terms


def durations(info):
    """Make rows of 6 subjects, with ties and without, whose hazards are of every scale."""
    rng = np.random.default_rng(4)
    scales = np.geomspace(1e-3, -np.log(float(info.smallest_normal)) / 3, 60)
    x = (rng.normal(0, 1, (60, 6)) * scales[:, None]).astype(info.dtype)
    t = rng.integers(0, 5, x.shape)
    t[::2] = np.argsort(x[::2], -1)[:, ::-1]
    events = rng.integers(0, 2, x.shape) | (t == t.min(-1, keepdims=True))
    return x, t.astype(info.dtype), {"events": events}


def hazard_terms(x, y, **_):
    """Return the least size of an event's own term, one of 6."""
    return 0.0, np.full(x.shape, 1 / 6), 0.0
