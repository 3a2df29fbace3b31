"""The losses from their textbook definition in 60-digit arithmetic, one entry at a time."""

import math
from typing import NamedTuple

import numpy as np
from mpmath import mp, mpf

# exp(-1e4) stands beside 1 in a softmax; what is lost below is below every float.
mp.dps = 60


class Exact(NamedTuple):
    """Value, gradient and Hessian diagonal of one entry, and the weight it carries itself."""

    value: mpf
    slope: list
    curvature: list
    weight: mpf = mpf(1)


def _sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def _softplus(x):
    # log1p: at 60 digits log(1 + exp(-200)) would be 0.
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def with_logits(x, y, *, pos_weight=1.0, label_smoothing=0.0):
    x, y, p, s = mpf(x[0]), mpf(y), mpf(pos_weight), mpf(label_smoothing)
    y = y * (1 - s) + s / 2
    value = p * y * _softplus(-x) + (1 - y) * _softplus(x)
    slope = (1 - y) * _sigmoid(x) - p * y * _sigmoid(-x)
    return Exact(value, [slope], [(p * y + 1 - y) * _sigmoid(x) * _sigmoid(-x)])


def probabilities(p, y):
    p, y = mpf(p[0]), mpf(y)
    if p in (0, 1):  # as torch
        wrong = abs(p - y)
        return Exact(100 * wrong, [(p - y) * mpf("1e12")], [wrong * mpf("1e24")])
    value = -y * mp.log(p) - (1 - y) * mp.log1p(-p)
    slope = -y / p + (1 - y) / (1 - p)
    return Exact(value, [slope], [y / p**2 + (1 - y) / (1 - p) ** 2])


def of_subset(oracle):
    """Make an oracle of coupled rows of one of whole rows, which gets the observed elements."""

    def of_row(row, labels, observed, **options):
        places = [k for k, is_observed in enumerate(observed) if is_observed]
        zeros = [mpf(0)] * len(row)
        if not places:
            return Exact(mpf(0), zeros, zeros)
        options = {k: [v[i] for i in places] if np.ndim(v) else v for k, v in options.items()}
        exact = oracle([row[i] for i in places], [labels[i] for i in places], **options)
        derivatives = []
        for part in (exact.slope, exact.curvature):
            spread = dict(zip(places, part, strict=True))
            derivatives.append([spread.get(k, mpf(0)) for k in range(len(row))])
        return exact._replace(slope=derivatives[0], curvature=derivatives[1])

    return of_row


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


def squared(x, y):
    d = mpf(x[0]) - mpf(y)
    return Exact(d * d, [2 * d], [mpf(2)])


def absolute(x, y):
    d = mpf(x[0]) - mpf(y)
    return Exact(abs(d), [mp.sign(d)], [mpf(0)])


def loop(terms, observed, weight, reduction, *, axis=None, divisor=None, empty=0.0):
    """Reduce a dict of entries {index: Exact} with plain loops; return {kept index: value}.

    For "sums" each value is a triple.
    """
    if reduction == "none":
        return {i: weight[i] * t.value if observed[i] else 0.0 for i, t in terms.items()}
    ndim = len(next(iter(terms)))
    if reduction in {"macro", "samples"}:
        kept = (ndim - 1,) if reduction == "macro" else (0,)
        means = loop(terms, observed, weight, "mean", axis=_all_but(kept, ndim), empty=math.nan)
        known = [m for m in means.values() if m == m]
        return {(): sum(known) / len(known) if known else empty}
    axes = range(ndim) if axis is None else axis
    kept = _all_but(axes, ndim)
    groups = {}
    for index, term in terms.items():
        groups.setdefault(tuple(index[k] for k in kept), []).append((index, term))
    return {
        key: _group(group, observed, weight, reduction, divisor, empty)
        for key, group in groups.items()
    }


def _all_but(axes, ndim):
    return tuple(k for k in range(ndim) if k not in axes)


def _group(group, observed, weight, reduction, divisor, empty):
    known = [(weight[i], t) for i, t in group if observed[i]]
    total = sum(w * t.value for w, t in known)
    weights = sum(w * t.weight for w, t in known)
    if reduction == "sum":
        return total
    if reduction == "sums":
        return (total, len(known), weights)
    number = {"mean": len(known), "weighted_mean": weights, "mean_over_all": len(group)}[reduction]
    number = number if divisor is None else divisor
    return total / number if number else empty
