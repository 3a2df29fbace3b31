"""The losses of rows of yes-or-no labels in 60-digit arithmetic, one row at a time."""

import numpy as np
from mpmath import mp, mpf

from tables.oracles.binary import with_logits
from tables.oracles.exact import Exact, of_subset


@of_subset
def multilabel_soft_margin(x, y, *, class_weight=1.0):
    weights = np.broadcast_to(class_weight, len(x))
    of_labels = [with_logits([v], t) for v, t in zip(x, y, strict=True)]
    n = mpf(len(x))
    return Exact(
        sum(w * e.value for w, e in zip(weights, of_labels, strict=True)) / n,
        [w * e.slope[0] / n for w, e in zip(weights, of_labels, strict=True)],
        [w * e.curvature[0] / n for w, e in zip(weights, of_labels, strict=True)],
    )


def _pairs(x, positive, negative, number):
    """Add up the hinge of all pairs of a class of `positive` and one of `negative`."""
    x, one = [mpf(v) for v in x], mpf(1) / number
    value, slope = mpf(0), [mpf(0)] * len(x)
    for j in positive:
        for i in negative:
            gap = 1 - x[j] + x[i]
            if gap > 0:
                value += gap * one
                slope[j] -= one
                slope[i] += one
    return Exact(value, slope, [mpf(0)] * len(x))


def margin_of_indices(x, y):
    listed = y[: y.index(-1)] if -1 in y else y
    return _pairs(x, listed, [c for c in range(len(x)) if c not in listed], len(x))


@of_subset
def margin_of_binary(x, y, *, multi_hot):
    assert multi_hot
    classes = range(len(x))
    return _pairs(x, [c for c in classes if y[c]], [c for c in classes if not y[c]], len(x))


def _threshold(x, weight):
    """Return log(1 + sum w exp(x)) and its derivatives; log1p, and 1 - p from the other terms."""
    powers = [mpf(w) * mp.exp(mpf(v)) for v, w in zip(x, weight, strict=True)]
    total = 1 + sum(powers)
    slope = [power / total for power in powers]
    others = [1 + sum(p for k, p in enumerate(powers) if k != c) for c in range(len(x))]
    curvature = [p * o / total for p, o in zip(slope, others, strict=True)]
    return mp.log1p(sum(powers)), slope, curvature


@of_subset
def zlpr(x, y):
    value, slope, curvature = _threshold(x, [1 - mpf(t) for t in y])
    value1, slope1, curvature1 = _threshold([-v for v in x], y)
    return Exact(
        value + value1,
        [a - b for a, b in zip(slope, slope1, strict=True)],
        [a + b for a, b in zip(curvature, curvature1, strict=True)],
    )


def two_way_of_shapes(*shapes, class_axis):
    """Make an oracle of whole predictions of these shapes, which differ in their sizes."""
    indices = {int(np.prod(shape)): list(np.ndindex(shape)) for shape in shapes}

    def sample(index):
        return tuple(np.delete(index, class_axis))

    def two_way(x, y, observed, **temperatures):
        x = [mpf(v) for v in x]
        known = [k for k, is_observed in enumerate(observed) if is_observed]
        value, slope, curvature = mpf(0), [mpf(0)] * len(x), [mpf(0)] * len(x)
        for key in (sample, lambda index: index[class_axis]):
            groups = {}
            for k in known:
                groups.setdefault(key(indices[len(x)][k]), []).append(k)
            groups = [group for group in groups.values() if any(y[k] for k in group)]
            for group in groups:
                loss, first, second = _way(
                    {k: x[k] for k in group if not y[k]},
                    {k: x[k] for k in group if y[k]},
                    **temperatures,
                )
                value += loss / len(groups)
                for k in group:
                    slope[k] += first[k] / len(groups)
                    curvature[k] += second[k] / len(groups)
        return Exact(value, slope, curvature)

    return two_way


def _way(negative, positive, *, positive_temperature=4.0, negative_temperature=1.0):
    """log(1 + N P) with N = (sum e^(x / Tn))^Tn and P = (sum e^(-x / Tp))^Tp."""
    product, terms = mpf(1), []
    sides = [(negative, 1, mpf(negative_temperature)), (positive, -1, mpf(positive_temperature))]
    for side, sign, t in sides:
        powers = {k: mp.exp(sign * v / t) for k, v in side.items()}
        total = sum(powers.values(), mpf(0))
        product *= total**t
        for k, power in powers.items():
            others = sum((p for i, p in powers.items() if i != k), mpf(0))
            terms.append((k, sign, t, power / total, others / total))
    low, high = product / (1 + product), 1 / (1 + product)
    slope = {k: sign * low * p for k, sign, _, p, _ in terms}
    curvature = {k: low * (high * p * p + p * rest / t) for k, _, t, p, rest in terms}
    return mp.log1p(product), slope, curvature
