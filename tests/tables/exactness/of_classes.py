"""Rows of losses of one class among several, and the sizes of their terms."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.exactness.points import others, soft_rows
from tables.exactness.row import Row
from tables.oracles import categorical

_SHARES = [(0.0, 1.0, 0.0, 0.1, 0.7, 0.2), (1e-8, 1.0, 0.0, 1e-30, 1.0, 1e-3)]
_NOISE = np.asarray([[0.5, 0.25, 0.25], [1 / 3, 0.65, 1 / 60], [0.0, 1e-6, 1 - 1e-6]])


class Softmax:
    """Softmax in float64: p, q = 1 - p and the surprisals -log(p)."""

    def __init__(self, x):
        difference = x - x.max(-1, keepdims=True)
        powers = np.exp(difference)
        self.p, self.q = (v / powers.sum(-1, keepdims=True) for v in (powers, others(powers)))
        rest = np.sort(powers, -1)[..., :-1].sum(-1, keepdims=True)
        self.surprisal = np.log1p(rest) - difference


def total(rows):
    return rows.sum(-1, keepdims=True)


def _of_penalties(s, first, second):
    """Return the sizes of slope and curvature, of sums of penalties with such derivatives."""
    p, q = s.p, s.q
    slope = np.maximum(p * others(first), first * q)
    squares = np.maximum(p * p * others(second), second * q * q)
    return slope, np.maximum(squares, total(first) * p * q)


def _symmetric_terms(alpha, bounded):
    def terms(x, y):
        s = Softmax(x)
        return 0.0, *_of_penalties(s, y * (alpha + bounded * s.p), y * bounded * s.p)

    return terms


def _active_passive_terms(alpha, bounded):
    """Return the sizes of the terms of a quotient N of sums, and of the bounded penalty."""

    def terms(x, y):
        s, classes = Softmax(x), x.shape[-1]
        whole = total(s.surprisal)
        share = total(y * s.surprisal) / whole
        drift = np.maximum((classes - 1) * s.p, s.q)
        pull = np.maximum(others(y) * s.p, y * s.q)
        slope = alpha * np.maximum(pull, share * drift) / whole
        own = np.maximum(total(y), classes * share) * s.p * s.q
        curvature = np.maximum(alpha * own, 2 * slope * drift) / whole
        bounded_sizes = _of_penalties(s, y * bounded * s.p, y * bounded * s.p)
        return 0.0, np.maximum(slope, bounded_sizes[0]), np.maximum(curvature, bounded_sizes[1])

    return terms


def _of_soft_labels(loss, oracle, terms, options):
    return (
        Row(
            Case(loss.__name__, loss, None, oracle, options, class_axis=-1),
            soft_rows(*labels),
            (4, 4.5, 6.5),  # of products of three numbers of a softmax, each 1 to 2.5 off
            terms,
            name=f"labels={labels}",
        )
        for labels in _SHARES
    )


def _scores(info):
    """Rows of all sizes with a class each, and with every other class close to a margin."""
    rng = np.random.default_rng(5)
    x = (rng.normal(0, 1, (60, 3)) * np.geomspace(1e-6, 1e6, 60)[:, None]).astype(info.dtype)
    y = rng.integers(0, 3, 60)
    return x, y


def near_the_margin(margin):
    """Rows of all sizes with a class each, half of them with other scores near the margin."""

    def points(info):
        x, y = _scores(info)
        near = x[np.arange(60), y][:, None].astype(float) - margin
        gaps = np.geomspace(16 * float(info.eps), 1.0, 60)[:, None] * [1.0, 0.3, -1.0]
        is_near = (np.arange(60)[:, None] % 2 == 0) & (np.arange(3) != y[:, None])
        return np.where(is_near, near + (abs(margin) or 1.0) * gaps, x).astype(info.dtype), y

    return points


def _labelled(info):
    x, _ = soft_rows(1.0)(info)
    return x, np.arange(len(x)) % 3


def _forward_terms(x, y):
    s, weight = Softmax(x), _NOISE.T[y.astype(int)]
    own = np.where(weight > 0, x, -np.inf)
    inside = weight * np.exp(own - own.max(-1, keepdims=True))
    share, rest = inside / total(inside), others(inside) / total(inside)
    is_top = (s.p > 0.5) & (share > 0.5)
    slope = np.where(is_top, np.maximum(rest, s.q), np.maximum(s.p, share))
    return 0.0, slope, np.maximum(s.p * s.q, share * rest)


def _log_probabilities(info):
    """Log-probabilities of every size with probabilities that are theirs, close or not at all."""
    x = -np.geomspace(float(info.smallest_normal), -np.log(float(info.smallest_normal)), 60)
    x = np.concatenate([[0.0], x, -np.linspace(0.01, 3, 30), [-1e30]]).astype(info.dtype)
    p = np.exp(x.astype(float))
    y = np.stack([p, p * (1 - 1e-5), p * 0.9, 0 * p, 0 * p + 1e-30, 0 * p + 1.0], -1)
    return np.stack([x] * 6, -1), y.astype(info.dtype)


def _with_log(points):
    def of_logs(info):
        x, y = points(info)
        with np.errstate(divide="ignore"):
            return x, np.maximum(np.log(y.astype(float)), -1e4).astype(info.dtype)

    return of_logs


def _divergence_terms(*, log_target=False, rows=False):
    def terms(x, y):
        target = np.exp(y) if log_target else y
        log = y if log_target else np.log(np.where(y > 0, y, 1.0))
        value = target * np.maximum(np.abs(log), np.abs(x))
        return (value.max(-1) if rows else value), 0.0, 0.0

    return terms


def _divergence(points, *, rows, log_target):
    oracle = categorical.kl_of_row if rows else categorical.kl
    options = {"log_target": log_target} | ({"rows": True} if rows else {})
    return Row(
        Case("kl_div", ml.kl_div, None, oracle, options, class_axis=-1 if rows else None),
        _with_log(points) if log_target else points,
        terms=_divergence_terms(log_target=log_target, rows=rows),
    )


OF_CLASSES = [
    *(
        _divergence(_log_probabilities, rows=rows, log_target=log_target)
        for rows in (False, True)
        for log_target in (False, True)
    ),
    *(
        line
        for alpha, beta, log_of_zero in [(0.0, 1.0, -4.0), (0.1, 1.0, -4.0), (1.0, 1.0, -1.0)]
        for line in _of_soft_labels(
            ml.symmetric_cross_entropy,
            categorical.symmetric_cross_entropy,
            _symmetric_terms(alpha, -beta * log_of_zero),
            {"alpha": alpha, "beta": beta, "log_of_zero": log_of_zero},
        )
    ),
    *(
        line
        for alpha, beta in [(1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
        for line in _of_soft_labels(
            ml.active_passive_loss,
            categorical.active_passive,
            _active_passive_terms(alpha, 4 * beta),
            {"alpha": alpha, "beta": beta},
        )
    ),
    *(
        Row(
            Case(
                "multi_margin_loss",
                ml.multi_margin_loss,
                None,
                categorical.multi_margin,
                {"p": p, "margin": margin},
                class_axis=-1,
            ),
            near_the_margin(margin),
        )
        for p in (1, 2)
        for margin in (0.0, 1e-3, 0.3, 1.0, 1e5)
    ),
    Row(
        Case(
            "forward_corrected_cross_entropy",
            ml.forward_corrected_cross_entropy,
            None,
            categorical.forward_corrected,
            {"transition": _NOISE},
            class_axis=-1,
        ),
        _labelled,
        terms=_forward_terms,
    ),
]
