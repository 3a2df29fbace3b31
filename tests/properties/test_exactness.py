"""Options at 0, as usual and at their ends: within a few epsilons of the largest term."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import maskloss as ml
from helpers.case import Case
from helpers.problems import Problem
from tables.oracles import binary, categorical, multilabel, partial, regression, segmentation


@dataclass(frozen=True)
class Row:
    """A loss with options, where to try it, and how exact it is.

    Attributes
    ----------
    points : callable
        ``points(finfo)`` gives predictions, labels and maybe keywords that go with them.
    epsilons : tuple of float
        The bounds of value, slope and curvature, 4 each unless the docstring of the loss says so.
    terms : callable, optional
        ``terms(x, y)`` gives arrays of the sizes of the largest terms of value, slope and
        curvature, where these are differences. Those of a curvature are at least as large as the
        slope.
    """

    case: Case
    points: Callable
    epsilons: tuple = (4, 4, 4)
    terms: Callable | None = None
    name: str = ""


def _logits(*labels, floats_above=(), largest=1.0):
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


def _row(loss, oracle, points, epsilons=(4, 4, 4), terms=None, *, axis=None, **options):
    return Row(
        Case(loss.__name__, loss, None, oracle, options, class_axis=axis), points, epsilons, terms
    )


def _sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x > 0, 1, small) / (1 + small)


def _soft(info):
    """Logits of every magnitude with labels from 0 to 1."""
    x, _ = _logits(0)(info)
    y = np.asarray([0.0, 1e-20, 1e-8, 0.1, 0.5, 0.9, 1 - 1e-6, 1.0]).astype(info.dtype)
    return [array.copy() for array in np.broadcast_arrays(x, y)]


def _cross_entropy_terms(smoothing, *, pos_weight=1.0):
    def terms(x, y):
        share, other = (v * (1 - smoothing) + smoothing / 2 for v in (y, 1 - y))
        slope = np.maximum(pos_weight * share * _sigmoid(-x), other * _sigmoid(x))
        return 0.0, slope, slope

    return terms


def _hill_terms(lam):
    def terms(x, y):
        p, step = _sigmoid(x), _sigmoid(x) * _sigmoid(-x)
        largest = max(lam, 1.0)
        return (1 - y) * largest * np.stack([p * p, 3 * step * p, 6 * step * p])

    return terms


def _assumed_negative_terms(smoothing):
    def terms(x, y):
        return _cross_entropy_terms(2 * smoothing)(x, y == 1)

    return terms


def _role_terms(x, y):
    """Return the sizes for estimates that are the negative logits, as in `_confident`."""
    p, q = _sigmoid(x), _sigmoid(-x)
    annotated = np.where(y == 1, q, np.where(y == 0, p, 0.0))
    expectation = 2 * p * q * abs(p.mean() - 1 / 3)
    return 0.0, np.maximum(np.maximum(p * p, annotated), expectation) / x.size / 2, 0.0


def _confident(info):
    """Return logits of 3 classes with the estimates that contradict them."""
    end = -np.log(float(info.smallest_normal)) / 3
    x = np.linspace(-end, end, 30).astype(info.dtype).reshape(-1, 3)
    return x, np.resize([1, -1, 0, -1], x.shape), {"estimates": -x}


def _soft_rows(*labels):
    """Make rows of 3 classes of all sizes, with labels in some order, repeated."""

    def points(info):
        rng = np.random.default_rng(1)
        sizes = np.geomspace(1e-3, -np.log(float(info.smallest_normal)) / 3, 90)[:, None]
        x = (rng.normal(0, 1, (90, 3)) * sizes).astype(info.dtype)
        y = np.resize(np.asarray(labels, info.dtype), (len(labels), 3))
        return x, rng.permuted(np.resize(y, x.shape), axis=1)

    return points


def _softmax_terms(smoothing=0.0):
    def terms(x, y):
        powers = np.exp(x - x.max(-1, keepdims=True))
        share = y * (1 - smoothing) + smoothing / x.shape[-1]
        slope = np.maximum(powers * _others(share), share * _others(powers))
        slope = slope / powers.sum(-1, keepdims=True)
        return 0.0, slope, slope

    return terms


def _others(rows):
    """Sum the other elements of each row, without a difference."""
    return rows @ (1 - np.eye(rows.shape[-1]))


def _regions(info):
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


def _logit_regions(info):
    x = np.random.default_rng(3).normal(0, 1, (80, 4)) * np.geomspace(1e-8, 20, 80)[:, None]
    return x.astype(info.dtype), _regions(info)[1][:80]


def _overlap_terms(weight, *, smooth, squared, from_logits=False):
    """Return the sizes for the Tversky index whose weights are both `weight`."""

    def terms(x, y):
        p, q = (_sigmoid(x), _sigmoid(-x)) if from_logits else (x, 1 - x)
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
        if from_logits:
            slope, curvature = slope * p * q, np.maximum(slope * p * q, curvature * (p * q) ** 2)
        return 0.0, slope, curvature

    return terms


def _threshold_terms(x, y):
    """Return the sizes of both slopes, one of each sum."""
    sums = [w * np.exp(s * x - np.maximum(s * x, 0).max(-1, keepdims=True)) for s, w in _sides(y)]
    rests = [np.exp(-np.maximum(s * x, 0).max(-1, keepdims=True)) for s in (1, -1)]
    slopes = [e / (r + e.sum(-1, keepdims=True)) for e, r in zip(sums, rests, strict=True)]
    return 0.0, np.maximum(*slopes), np.maximum(*slopes)


def _sides(y):
    return (1, 1 - y), (-1, y)


def _table(info):
    """Return rows of 4 classes of all sizes, a positive among them."""
    rng = np.random.default_rng(0)
    sizes = np.geomspace(0.1, 300.0, 24)[:, None]
    x = (rng.normal(0, 1, (24, 4)) * sizes).astype(info.dtype)
    return x, np.where(np.arange(4) == rng.integers(0, 4, (24, 1)), 1.0, 0.0)


def _numbers(*quotients):
    def points(info):
        y = np.geomspace(1e-3, 1e6, 40).astype(info.dtype)
        x = (y[:, None] * np.asarray(quotients)).astype(info.dtype)
        return x, np.broadcast_to(y[:, None], x.shape)

    return points


def _rates(info):
    x = np.concatenate([np.geomspace(1e-12, 1e3, 60), 1 + np.geomspace(1e-6, 0.1, 20)])
    return np.broadcast_arrays(
        x.astype(info.dtype)[:, None], np.asarray([0.0, 0.5, 1e3], info.dtype)
    )


def _rate_terms(eps):
    def terms(x, y):
        value = np.maximum(x, y * np.abs(np.log(x + eps)))
        return value, np.maximum(1.0, y / (x + eps)), 0.0

    return terms


def _asymmetric(clip, gamma, **options):
    epsilons = (3.5 + 2 * max(gamma, 1.0),) * 3  # gamma_pos is 1
    # From the focus of 5 on, the power underflows at the first floats above the root.
    points = _logits(0, 1, floats_above=[np.log(clip / (1 - clip))], largest=0.9 / (1 + gamma))
    return _row(
        ml.asymmetric_loss,
        partial.asymmetric,
        points,
        epsilons,
        clip=clip,
        gamma_neg=gamma,
        **options,
    )


ROWS = [
    *(
        _row(
            ml.binary_cross_entropy_with_logits,
            binary.with_logits,
            _soft,
            terms=_cross_entropy_terms(smoothing),
            label_smoothing=smoothing,
        )
        for smoothing in (0.0, 1e-6, 0.1, 1.0)
    ),
    *(
        _row(
            ml.assume_negative_loss,
            partial.assume_negative,
            _logits(1, 0, -1),
            terms=_assumed_negative_terms(smoothing),
            label_smoothing=smoothing,
        )
        for smoothing in (0.0, 1e-6, 0.1, 1.0)
    ),
    Row(
        Case(
            "role_loss",
            ml.role_loss,
            None,
            partial.role(3),
            {"expected_positives": 1.0},
            coupled=True,
            is_whole=True,
        ),
        _confident,
        terms=_role_terms,
    ),
    *(
        Row(
            Case(loss.__name__, loss, None, oracle, options, class_axis=-1),
            _soft_rows(*labels),
            (4 + 2 * options.get("gamma", 0.0),) * 3,
            _softmax_terms(options.get("label_smoothing", 0.0)),
            name=f"labels={labels}",
        )
        for labels in [
            (0.0, 1.0, 0.0, 0.1, 0.7, 0.2),
            (1e-8, 1.0, 0.0, 1e-30, 1.0, 1e-3),
        ]
        for loss, oracle, options in [
            (ml.cross_entropy, categorical.cross_entropy, {}),
            (ml.cross_entropy, categorical.cross_entropy, {"label_smoothing": 1e-6}),
            (ml.cross_entropy, categorical.cross_entropy, {"label_smoothing": 0.1}),
            (ml.softmax_focal_loss, categorical.softmax_focal, {"gamma": 0.0}),
            (ml.softmax_focal_loss, categorical.softmax_focal, {"gamma": 2.0}),
            (
                ml.generalized_cross_entropy_loss,
                categorical.generalized_cross_entropy,
                {"q": 0.7},
            ),
            (
                ml.generalized_cross_entropy_loss,
                categorical.generalized_cross_entropy,
                {"q": 1.0},
            ),
        ]
    ),
    *(
        Row(
            Case(
                loss.__name__,
                loss,
                None,
                oracle,
                {"spatial_axes": -1, **options},
                class_axis=-1,
                coupled=True,
            ),
            points,
            (4, 5, 4),
            _overlap_terms(weight, **options),
        )
        for loss, oracle, weight in [
            (ml.dice_loss, segmentation.dice, 0.5),
            (ml.jaccard_loss, segmentation.jaccard, 1.0),
        ]
        for smooth in (0.0, 1e-7, 1.0)
        for squared in (False, True)
        for points, options in [
            (_regions, {"smooth": smooth, "squared": squared}),
            (_logit_regions, {"smooth": smooth, "squared": squared, "from_logits": True}),
        ]
    ),
    *(
        Row(
            Case(
                "zlpr_loss",
                ml.zlpr_loss,
                None,
                multilabel.zlpr,
                class_axis=-1,
                coupled=True,
            ),
            _soft_rows(*labels),
            terms=_threshold_terms,
            name=f"labels={labels}",
        )
        for labels in [(0.0, 1.0, 1.0, 0.0, 0.0, 1.0), (1e-30, 0.3, 0.9), (1e-42, 1 - 1e-6, 0.5)]
    ),
    *(
        Row(
            Case(
                "two_way_loss",
                ml.two_way_loss,
                None,
                multilabel.two_way_of_shapes((24, 4), class_axis=-1),
                {"positive_temperature": positive, "negative_temperature": negative},
                coupled=True,
                is_whole=True,
            ),
            _table,
            (4, 5.5, 5.5),
        )
        for positive, negative in [(4.0, 1.0), (3.0, 0.7), (0.1, 10.0), (1e-3, 1e3)]
    ),
    *(
        _row(
            ml.sigmoid_focal_loss,
            binary.sigmoid_focal,
            _logits(0, 1, largest=0.9 / (1 + gamma)),
            (max(4, 2.5 + gamma),) * 3,
            alpha=alpha,
            gamma=gamma,
        )
        for alpha, gamma in [(0.25, 0.0), (0.0, 0.5), (0.25, 2.0), (1.0, 5.0)]
    ),
    *(
        _row(ml.poly_loss, binary.poly, _logits(0, 1), (bound,) * 3, epsilon=epsilon)
        for epsilon, bound in [(-1.0, 6), (-0.9, 6), (0.0, 4), (1.0, 4), (10.0, 4)]
    ),
    *(
        _row(
            ml.entropy_maximization_loss,
            partial.entropy_maximization,
            _logits(1, 0, -1),
            (5.5,) * 3,
            alpha=alpha,
            negative_weight=weight,
        )
        for alpha, weight in [(0.0, 0.0), (0.1, 1.0), (10.0, 0.5)]
    ),
    _row(ml.log_cosh_loss, regression.log_cosh, _numbers(-1.0, 0.999, 1.1), (4, 4, 5)),
    *(
        _row(ml.huber_loss, regression.huber, _numbers(-1.0, 0.999, 1.1), delta=delta)
        for delta in (1e-3, 1.0, 1e5)
    ),
    *(
        _row(
            ml.hill_loss,
            partial.hill,
            _logits(0, 1, largest=0.32),
            (5, 7, 7),
            _hill_terms(lam),
            lam=lam,
        )
        for lam in (0.0, 0.5, 1.0, 1.1, 1.25, 1.5, 100.0)
    ),
    *(
        _row(
            ml.splc_loss,
            partial.splc,
            _logits(1, 0, -1, floats_above=[np.log(0.6 / 0.4)], largest=0.32),
            (5, 5, 5),
            threshold=threshold,
        )
        for threshold in (0.0, 0.6, 0.999, 1.0)
    ),
    *(
        _row(
            ml.quantile_loss,
            regression.pinball,
            _numbers(-1.0, 0.5, 1.1, 3.0),
            quantile=quantile,
        )
        for quantile in (0.0, 0.01, 0.5, 0.99, 0.999999, 1.0)
    ),
    *(
        _row(
            ml.poisson_nll_loss,
            regression.poisson,
            _rates,
            terms=_rate_terms(eps),
            log_input=False,
            eps=eps,
        )
        for eps in (0.0, 1e-8, 0.3, 1.0)
    ),
    *(_asymmetric(clip, gamma) for clip in (0.05, 0.5, 1e-3) for gamma in (0.0, 1.0, 4.0)),
    *(_asymmetric(clip, 2.0, constant_focus=False) for clip in (0.05, 0.9)),
]


def _name(row):
    options = [f"{k}={v}" for k, v in row.case.options.items()]
    return ", ".join(filter(None, [row.case.name, row.name, *options]))


def _sizes(row, exact, x, y):
    """Return the sizes of the largest terms of the three parts."""
    value, slope, curvature = (np.abs(part) for part in exact)
    sizes = (0.0, 0.0, 0.0) if row.terms is None else row.terms(x, y)
    parts = value, slope, np.maximum(slope, curvature)
    return [np.maximum(*pair) for pair in zip(parts, sizes, strict=True)]


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_few_epsilons_of_the_largest_term(backend, row, dtype):
    info = np.finfo(dtype)
    x, y, *options = row.points(info)
    case = row.case.with_options(dict(*options))
    exact = _laid_out(case, x, y)
    got = Problem.of(backend, case, x, y, dtype=dtype).parts(reduction="none")
    wide = [np.asarray(array, float) for array in (x, y)]
    sizes = _sizes(row, exact, *wide)
    for name, ours, want, size, bound in zip(
        ("value", "slope", "curvature"), got, exact, sizes, row.epsilons, strict=True
    ):
        allowed = bound * float(info.eps) * size + float(info.smallest_normal)
        error = np.abs(ours - want)
        worst = np.unravel_index(np.argmax(error / allowed), error.shape)
        off = error[worst] / allowed[worst] * bound
        text = f"{name} off by {off} epsilons at {x[worst]!r}: {ours[worst]!r}, not {want[worst]!r}"
        assert (error <= allowed).all(), text


def _laid_out(case, x, y):
    """Return the exact value, slope and curvature; in float64, whose rounding counts as 1/2."""
    exact = case.exact(x, y)
    value = np.asarray([float(term.value) for term in exact.values()])
    shape = case.entry_shape(x)
    derivatives = [case.derivative(exact, part, x.shape) for part in ("slope", "curvature")]
    return value.reshape(shape), *derivatives
