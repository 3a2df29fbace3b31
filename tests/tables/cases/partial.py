"""The rows of the losses made for missing labels."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.oracles import partial as oracles

SHAPE = (4, 5)


def _hard(rng):
    return rng.normal(0, 3, SHAPE), rng.integers(0, 2, SHAPE).astype(float)


def _soft(rng):
    return rng.normal(0, 3, SHAPE), rng.uniform(0, 1, SHAPE)


def _annotated(rng):
    return rng.normal(0, 3, SHAPE), rng.integers(-1, 2, SHAPE)


def _range_of(*labels, away_from=(), kinks=(), orders=(), largest=0.99):
    """Logits of every magnitude with each label.

    Away from roots of a derivative, near which nothing is exact, a little from kinks, and from
    where a power of exp(-abs(x)) of these orders is barely normal: JAX takes its parts for 0.
    """

    def extremes(info):
        smallest = float(info.smallest_normal)
        magnitudes = np.concatenate(
            [
                np.geomspace(smallest, float(info.max) * largest, 60),
                np.linspace(1e-2, -np.log(smallest) - 1e-3, 400),
                [1.25 * np.log(float(info.max)) + 0.5],  # where nothing but x changes, barely
            ]
        )
        x = np.concatenate([magnitudes, -magnitudes, [0.0]]).astype(info.dtype)
        keep = np.ones(x.shape, bool)
        for order in orders:
            keep &= np.abs(np.abs(x) + np.log(smallest) / order) > 3
        for root in away_from:
            keep &= np.abs(x - root) > 0.2 * abs(root)
        for kink in kinks:
            keep &= np.abs(x - kink) > 0.15
        x = x[keep]
        return np.stack([x] * len(labels), -1), np.stack([0 * x + y for y in labels], -1)

    return extremes


def _one_label_range(info):
    """Rows of one label, at logits of every magnitude."""
    x, y = _range_of(0, 1)(info)
    keep = np.abs(x[:, 0]) < 80
    return x[keep].reshape(-1, 1), y[keep].reshape(-1, 1)


def _case(loss, make, oracle, options=None, extremes=None, *, name="", **keywords):
    name = f"{loss.__name__}, {name}" if name else loss.__name__
    return Case(name, loss, make, oracle, options or {}, extremes=extremes, **keywords)


_ROOT = np.log((1 + np.sqrt(5)) / 2)  # of log(1 + exp(x)) - 2 x
_KINK = np.log(0.05 / 0.95)  # where a probability is the margin of the asymmetric loss

ENTRYWISE = [
    _case(
        ml.asymmetric_loss,
        _hard,
        oracles.asymmetric,
        extremes=_range_of(0, 1, away_from=(2.55,), kinks=(_KINK,), orders=(2,)),
    ),
    _case(
        ml.asymmetric_loss,
        _hard,
        oracles.asymmetric,
        {"constant_focus": False},
        _range_of(0, 1, away_from=(2.19, -3.1), kinks=(_KINK,), orders=(2,)),
        name="derivative of the value",
    ),
    _case(
        ml.asymmetric_loss,
        _hard,
        oracles.asymmetric,
        {"constant_focus": False, "clip": 0.0, "gamma_pos": 0.3, "gamma_neg": 0.5},
        _range_of(0, 1, away_from=(-5.34, 4.05), orders=(1.5,)),
        name="no margin, focus below 1",
    ),
    _case(
        ml.asymmetric_loss,
        _soft,
        oracles.asymmetric,
        {"gamma_pos": 0.0, "gamma_neg": 0.5, "clip": 0.2},
        name="soft, focus below 1",
    ),
    _case(ml.gr_loss, _annotated, oracles.gr),
    _case(
        ml.gr_loss,
        _annotated,
        oracles.gr,
        {"b": -4.0, "sigma": 2.0, "q3": 0.75},
        _range_of(-1, 0, 1, away_from=(-4.0, -8.67), kinks=(0.28,), orders=(1, 2)),
        name="seldom positive",
    ),
    _case(
        ml.hill_loss,
        _hard,
        oracles.hill,
        extremes=_range_of(0, 1, away_from=(-1.8,), orders=(1, 2, 3)),
    ),
    _case(
        ml.hill_loss,
        _soft,
        oracles.hill,
        {"lam": 2.0, "margin": 0.7, "gamma": 0.5},
        name="soft",
    ),
    _case(ml.hill_loss, _soft, oracles.hill, {"lam": 1.0}, name="low"),
    _case(
        ml.splc_loss,
        _annotated,
        oracles.splc,
        extremes=_range_of(-1, 0, 1, away_from=(2.8, -1.8, 0.405), orders=(1, 3)),
    ),
    _case(
        ml.splc_loss,
        _annotated,
        oracles.splc,
        {"correct": False, "margin": 0.5, "gamma": 1.0},
        name="uncorrected",
    ),
    _case(ml.assume_negative_loss, _annotated, oracles.assume_negative, {}, _range_of(-1, 0, 1)),
    _case(
        ml.assume_negative_loss,
        _annotated,
        oracles.assume_negative,
        {"label_smoothing": 0.1, "unannotated_weight": 0.25},
        name="smoothed and weak",
    ),
    _case(
        ml.entropy_maximization_loss,
        _annotated,
        oracles.entropy_maximization,
        {"alpha": 0.2, "negative_weight": 0.4},
        _range_of(-1, 0, 1, away_from=(1.5434, -1.5434)),
    ),
    _case(
        ml.propensity_scored_loss,
        _hard,
        oracles.propensity_scored,
        {"propensity_weight": 2.0},
        _range_of(0, 1, away_from=(_ROOT,), largest=0.49),
    ),
    _case(
        ml.propensity_scored_loss,
        _soft,
        oracles.propensity_scored,
        {"propensity_weight": np.asarray([1.25, 1.5, 2.0, 4.0, 30.0])},
        name="soft, of each class",
    ),
    _case(
        ml.propensity_scored_loss,
        _hard,
        oracles.propensity_scored,
        {"propensity_weight": 2.0, "non_negative": True},
        _range_of(0, 1, away_from=(_ROOT,), largest=0.49),
        name="non-negative",
    ),
]

ROWS = [
    _case(
        ml.partial_bce_loss,
        _soft,
        oracles.partial_bce,
        class_axis=-1,
        coupled=True,
        extremes=_one_label_range,
    ),
    _case(
        ml.partial_bce_loss,
        _hard,
        oracles.partial_bce,
        {"alpha": 1.0, "beta": 0.25, "gamma": -1.0, "class_axis": 0},
        name="by the number known",
        class_axis=0,
        coupled=True,
    ),
]

_PRIOR = np.asarray([0.3, 0.01, 0.1, 0.02, 0.0])
_ESTIMATES = np.random.default_rng(7).normal(0, 2, SHAPE)


def _positive_or_not(rng):
    """Both kinds in each row, also where a third is missing."""
    return rng.normal(0, 3, SHAPE), np.where(rng.uniform(size=SHAPE) < 0.4, 1, -1)


def _of_batch(loss, oracle, options, extremes=None, **keywords):
    return _case(
        loss, _annotated, oracle, options, extremes, is_batchwise=True, is_split=False, **keywords
    )


BATCHWISE = [
    _of_batch(ml.large_loss, oracles.large, {"fraction": 0.2}),
    _of_batch(
        ml.large_loss,
        oracles.large,
        {"fraction": 0.1, "scheme": "correction"},
        _range_of(-1, 0, 1),
        name="correction",
    ),
    _of_batch(ml.large_loss, oracles.large, {"fraction": 0.9}, name="more than are unannotated"),
    _of_batch(
        ml.selective_asymmetric_loss,
        oracles.selective,
        {"likelihood_topk": 1, "class_prior": _PRIOR},
        held=("class_prior",),
        counts_samples=True,
    ),
    _of_batch(
        ml.selective_asymmetric_loss,
        oracles.selective,
        {
            "likelihood_topk": 0,
            "clip": 0.05,
            "gamma_pos": 1.0,
            "gamma_neg": 3.0,
            "gamma_unann": 4.0,
            "alpha_pos": 2.0,
            "alpha_neg": 0.5,
            "alpha_unann": 0.25,
        },
        _range_of(-1, 0, 1, away_from=(_KINK, 2.41, 2.55), orders=(2,)),
        name="focused, with a margin",
        counts_samples=True,
    ),
    *(
        _case(
            ml.selective_asymmetric_loss,
            _annotated,
            oracles.selective,
            {"mode": mode} | options,
            name=mode,
            is_batchwise=True,
        )
        for mode, options in (("negative", {"gamma_unann": 0.5}), ("ignore", {"gamma_neg": 0.5}))
    ),
]


def _of_whole(loss, make, oracle, options, **keywords):
    return _case(
        loss, make, oracle, options, coupled=True, is_whole=True, is_split=False, **keywords
    )


WHOLE = [
    _of_whole(
        ml.expected_positive_loss,
        _annotated,
        oracles.expected_positive(SHAPE[-1]),
        {"expected_positives": 1.2},
    ),
    _of_whole(
        ml.expected_positive_loss,
        _annotated,
        oracles.expected_positive(SHAPE[0]),
        {"expected_positives": 1.0, "class_axis": 0},
        name="class_axis",
    ),
    _of_whole(
        ml.role_loss,
        _annotated,
        oracles.role(SHAPE[-1]),
        {"expected_positives": 1.7, "estimates": _ESTIMATES},
        held=("estimates",),
    ),
    _of_whole(ml.nnpu_loss, _positive_or_not, oracles.nnpu, {"prior": 0.2}),
    _of_whole(
        ml.nnpu_loss,
        _positive_or_not,
        oracles.nnpu,
        {"prior": 0.95, "beta": 0.01, "gamma": 0.5},
        name="negative risk",
    ),
    _of_whole(
        ml.nnpu_loss,
        _positive_or_not,
        oracles.nnpu,
        {"prior": 0.95, "non_negative": False},
        name="unbiased",
    ),
]

PARTIAL = [*ENTRYWISE, *ROWS, *BATCHWISE, *WHOLE]
