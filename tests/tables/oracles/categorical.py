"""Losses of one class among several from their definition, one row at a time."""

import numpy as np
from mpmath import mp, mpf

from tables.oracles.exact import Exact

# Two terms of size 1 may leave a derivative of 1e-300.
DIGITS = 800


def _shares(x, y, label_smoothing=0.0, class_mask=None):
    """Return the labels as probabilities, and those moved towards all that take part."""
    s = mpf(label_smoothing)
    within = [1] * len(x) if class_mask is None else [int(k) for k in class_mask]
    hard = [mpf(c == y) for c in range(len(x))] if not isinstance(y, list) else [mpf(t) for t in y]
    return hard, [t * (1 - s) + s * k / sum(within) for t, k in zip(hard, within, strict=True)]


def _weights(x, weights):
    return [mpf(w) for w in np.broadcast_to(1.0 if weights is None else weights, len(x))]


def cross_entropy(x, y, *, class_weight=None, class_mask=None, label_smoothing=0.0, z_loss=0.0):
    """The loss of the classes that take part; the derivatives are written with sums only."""
    weight, z = _weights(x, class_weight), mpf(z_loss)
    hard, shares = _shares(x, y, label_smoothing, class_mask)
    own = sum(t * w for t, w in zip(hard, weight, strict=True))
    left = [c for c in range(len(x)) if class_mask is None or class_mask[c]]
    share = {c: weight[c] * shares[c] for c in left}
    top = max(mpf(x[c]) for c in left)
    powers = {c: mp.exp(mpf(x[c]) - top) for c in left}
    total = sum(powers.values())
    log_total = top + mp.log(total)
    value, slope, curvature = z * log_total**2, [mpf(0)] * len(x), [mpf(0)] * len(x)
    for c, u in share.items():
        others = sum(power for k, power in powers.items() if k != c)
        p, rest = powers[c] / total, sum(v for k, v in share.items() if k != c)
        if u:
            # log(total / powers[c]) where the quotient is close to 1
            value += u * (mp.log1p(others / powers[c]) if powers[c] else top - mpf(x[c]))
        slope[c] = (rest * powers[c] - u * others) / total + 2 * z * log_total * p
        curvature[c] = sum(share.values()) * p * others / total
        curvature[c] += 2 * z * p * (p + log_total * others / total)
    return Exact(value, slope, curvature, own)


def _of_probabilities(x, share, function):
    """Sum function(p, 1 - p), which gives a value and two derivatives by p, over the classes.

    By the chain rule: the derivative of p by logit k is p (1 - p) or -p p_k.
    """
    with mp.workdps(DIGITS):
        top = max(mpf(v) for v in x)
        powers = [mp.exp(mpf(v) - top) for v in x]
        total = sum(powers)
        p = [power / total for power in powers]
        q = [sum(v for k, v in enumerate(powers) if k != c) / total for c in range(len(x))]
        value, slope, curvature = mpf(0), [mpf(0)] * len(x), [mpf(0)] * len(x)
        for c, u in enumerate(share):
            if not u:
                continue
            v, first, second = function(p[c], q[c])
            value += u * v
            for k in range(len(x)):
                p1 = p[c] * q[c] if k == c else -p[c] * p[k]
                p2 = p[c] * q[c] * (q[c] - p[c]) if k == c else p[c] * p[k] * (p[k] - q[k])
                slope[k] += u * first * p1
                curvature[k] += u * (second * p1**2 + first * p2)
        return Exact(value, slope, curvature)


def softmax_focal(x, y, *, alpha=None, gamma=2.0, class_weight=None):
    g, (shares, weight) = mpf(gamma), _weighted_shares(x, y, class_weight)

    def function(p, q):
        log = -mp.log1p(q / p) if p > q else mp.log(p)
        first = g * q ** (g - 1) * log - q**g / p
        second = -g * (g - 1) * q ** (g - 2) * log + 2 * g * q ** (g - 1) / p + q**g / p**2
        return -(q**g) * log, first, second

    shares = [a * t for a, t in zip(_weights(x, alpha), shares, strict=True)]
    return _of_probabilities(x, shares, function)._replace(weight=weight)


def _weighted_shares(x, y, class_weight):
    """Return the label of each class times its weight, and their sum, the weight of the row."""
    shares = [w * t for w, t in zip(_weights(x, class_weight), _shares(x, y)[0], strict=True)]
    return shares, mpf(1) if class_weight is None else sum(shares)


def generalized_cross_entropy(x, y, *, q=0.7, class_weight=None):
    e = mpf(q)

    def function(p, _):
        return (1 - p**e) / e, -(p ** (e - 1)), -(e - 1) * p ** (e - 2)

    shares, weight = _weighted_shares(x, y, class_weight)
    return _of_probabilities(x, shares, function)._replace(weight=weight)


def symmetric_cross_entropy(x, y, *, alpha=0.1, beta=1.0, log_of_zero=-4.0, class_weight=None):
    a, b = mpf(alpha), -mpf(beta) * mpf(log_of_zero)

    def function(p, q):
        return a * _surprisal(p, q)[0] + b * q, -a / p - b, a / p**2

    shares, weight = _weighted_shares(x, y, class_weight)
    return _of_probabilities(x, shares, function)._replace(weight=weight)


def active_passive(x, y, *, alpha=1.0, beta=1.0, log_of_zero=-4.0, class_weight=None):
    """The quotient of two sums of surprisals, with the derivatives of a quotient."""
    shares, weight = _weighted_shares(x, y, class_weight)
    with mp.workdps(DIGITS):
        own = _of_probabilities(x, shares, _surprisal)
        every = _of_probabilities(x, [mpf(1)] * len(x), _surprisal)
        options = {"log_of_zero": log_of_zero, "class_weight": class_weight}
        other = symmetric_cross_entropy(x, y, alpha=0.0, beta=beta, **options)
        a, ratio, slope, curvature = mpf(alpha), own.value / every.value, [], []
        for k in range(len(x)):
            first = (own.slope[k] - ratio * every.slope[k]) / every.value
            second = own.curvature[k] - ratio * every.curvature[k] - 2 * first * every.slope[k]
            slope.append(a * first + other.slope[k])
            curvature.append(a * second / every.value + other.curvature[k])
        return Exact(a * ratio + other.value, slope, curvature, weight)


def _surprisal(p, q):
    return mp.log1p(q / p) if p > q else -mp.log(p), -1 / p, 1 / p**2


def nll(x, y, *, class_weight=None):
    w = _weights(x, class_weight)[y]
    zeros = [mpf(0)] * len(x)
    return Exact(-w * mpf(x[y]), [-w if c == y else mpf(0) for c in range(len(x))], zeros, w)


def multi_margin(x, y, *, p=1, margin=1.0, class_weight=None):
    w = _weights(x, class_weight)[y]
    x, factor = [mpf(v) for v in x], w / len(x)
    value, slope, curvature = mpf(0), [mpf(0)] * len(x), [mpf(0)] * len(x)
    for c, v in enumerate(x):
        gap = mpf(margin) - x[y] + v
        if c == y or gap <= 0:
            continue
        value += factor * gap**p
        for k, sign in ((c, 1), (y, -1)):
            slope[k] += sign * factor * (2 * gap if p == 2 else 1)
            curvature[k] += factor * (2 if p == 2 else 0)
    return Exact(value, slope, curvature, w)


def kl(x, y, *, log_target=False):
    x, y = mpf(x[0]), mpf(y)
    target = mp.exp(y) if log_target else y
    if not target:
        return Exact(mpf(0), [mpf(0)], [mpf(0)])
    return Exact(target * (mp.log(target) - x), [-target], [mpf(0)])


def kl_of_row(x, y, *, rows, log_target=False, class_weight=None):
    value, own, slope = mpf(0), mpf(0), []
    for v, t, w in zip(x, y, _weights(x, class_weight), strict=True):
        term = kl([v], t, log_target=log_target)
        value += w * term.value
        slope.append(w * term.slope[0])
        own -= slope[-1]
    weight = mpf(1) if class_weight is None else own
    return Exact(value, slope, [mpf(0)] * len(x), weight)


def candidates(x, y):
    return _share(x, [mpf(t) for t in y])


def forward_corrected(x, y, *, transition, class_weight=None):
    exact, w = _share(x, [mpf(row[y]) for row in transition.tolist()]), _weights(x, class_weight)[y]
    derivatives = ([w * v for v in part] for part in (exact.slope, exact.curvature))
    return Exact(w * exact.value, *derivatives, w)


def _share(x, shares):
    """Minus the logarithm of the sum of p, weighted; derivatives by the chain rule."""
    with mp.workdps(DIGITS):
        top = max(mpf(v) for v in x)
        powers = [mp.exp(mpf(v) - top) for v in x]
        inside = sum(power * t for power, t in zip(powers, shares, strict=True))
        outside = sum(power * (1 - t) for power, t in zip(powers, shares, strict=True))
        total, slope, curvature = sum(powers), [], []
        for power, t in zip(powers, shares, strict=True):
            p, w = power / total, power * t / inside
            slope.append(p - w)
            curvature.append(p * (1 - p) - w * (1 - w))
        return Exact(mp.log1p(outside / inside), slope, curvature)
