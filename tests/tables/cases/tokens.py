"""The rows of the losses of language models."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.oracles import tokens as oracles

SHAPE = (4, 5)
CLASSES = 5
_RNG = np.random.default_rng(9)
_ADVANTAGES = _RNG.normal(0, 1, SHAPE)
_OF_SEQUENCES = np.asarray([0.5, -1.5, 2.0, -0.25])
_KL = _RNG.uniform(0, 3, SHAPE)
_CLASS_MASK = np.asarray([True, False, True, True, False])


def _log_probs(rng):
    """Log-probabilities of tokens under two models that differ by up to a few units."""
    x = -rng.exponential(2, SHAPE)
    return x, x + rng.normal(0, 1, SHAPE)


def _pairs(rng):
    return -rng.exponential(20, (3, 4, 2)), -rng.exponential(20, (3, 4, 2))


def _pairs_first(rng):
    return tuple(np.moveaxis(array, -1, 0) for array in _pairs(rng))


def _mean_pairs(rng):
    """Means of log-probabilities, with labels that hold nothing but a place."""
    return -rng.exponential(1, (3, 4, 2)) - 0.05, rng.normal(0, 1, (3, 4, 2))


def _ratios(rng):
    return rng.normal(0, 10, SHAPE), rng.integers(0, 2, SHAPE)


def _two_logits(rng):
    return rng.normal(0, 3, (3, 4, CLASSES)), rng.normal(0, 3, (3, 4, CLASSES))


def _two_logits_second(rng):
    return tuple(np.moveaxis(array, -1, 1) for array in _two_logits(rng))


def _with_excluded_classes(rng):
    """Logits of -inf, and one row of equal ones."""
    x, y = _two_logits(rng)
    y = np.where(rng.uniform(size=y.shape) < 0.2, -np.inf, y)
    y[1, 1] = x[1, 1]
    return x, y


def _difference_range(info):
    """Differences of every magnitude from 0, exact and rounded, where exp(d) is normal."""
    end = -np.log(float(info.smallest_normal)) * 0.99
    d = np.concatenate([np.geomspace(1e-15, 1, 80), np.linspace(1, end, 200)])
    d = np.concatenate([d, -d, [0.0]]).astype(info.dtype)
    return np.stack([0 * d, d, d], -1), np.stack([d, 0 * d, 0 * d - 0.1], -1).astype(info.dtype)


def _ratio_range(info):
    """The same, with advantages of both signs."""
    x, y = _difference_range(info)
    signs = np.where(np.arange(x.size) % 2, 1.5, -0.5).reshape(x.shape).astype(info.dtype)
    return x, y, {"advantages": signs}


def _margin_range(info):
    """Scores of every magnitude whose margin has either sign, exact and rounded."""
    d = np.concatenate(
        [np.geomspace(1e-6, 1, 30), np.linspace(1, 800, 200), np.geomspace(1e3, 1e6)]
    )
    d = np.concatenate([d, -d, [0.0]]).astype(info.dtype)
    x = np.stack([np.stack([d, 0 * d], -1), np.stack([d, 0 * d + 0.3], -1)])
    return x, np.stack([0 * x[0], 0 * x[0] + [0.1, 0.7]]).astype(info.dtype)


def _signed_ratio_range(info):
    """Log-ratios of every magnitude with both labels, away from where the curvature is 0."""
    d = np.concatenate([np.geomspace(1, 10, 30), np.linspace(10, 800, 200)])
    d = np.concatenate([d, -d]).astype(info.dtype)
    return np.stack([d, d], -1), np.stack([0 * d, 0 * d + 1], -1)


def _policy(name, options, **fields):
    return Case(
        f"clipped_policy_loss{name}",
        ml.clipped_policy_loss,
        _log_probs,
        oracles.policy,
        {"advantages": _ADVANTAGES} | options,
        **fields,
    )


def _sequences(name, options, **fields):
    return Case(
        f"clipped_policy_loss, sequences{name}",
        ml.clipped_policy_loss,
        _log_probs,
        oracles.policy_of_sequence,
        {"advantages": _OF_SEQUENCES, "importance_sampling_level": "sequence"} | options,
        class_axis=-1,
        coupled=True,
        **fields,
    )


def _preference(name, options, make=_pairs, **fields):
    return Case(
        f"preference_loss{name}",
        ml.preference_loss,
        make,
        oracles.preference,
        options,
        class_axis=options.get("pair_axis", -1),
        **fields,
    )


def _distillation(name, options, make=_two_logits):
    return Case(
        f"distillation_loss{name}",
        ml.distillation_loss,
        make,
        oracles.distillation,
        options,
        class_axis=options.get("class_axis", -1),
    )


TOKENS = [
    *(
        Case(
            f"kl_penalty, {estimator}",
            ml.kl_penalty,
            _log_probs,
            oracles.kl_penalty,
            {"estimator": estimator},
            extremes=_difference_range,
        )
        for estimator in ("k1", "k2", "k3")
    ),
    _policy("", {}, extremes=_ratio_range),
    _policy(", dual_clip", {"epsilon_low": 0.1, "epsilon_high": 0.28, "dual_clip": 3.0}),
    _policy(", cispo", {"loss_type": "cispo", "epsilon_high": 1.0}, held=("labels",)),
    _policy(", sapo", {"loss_type": "sapo"}),
    _sequences("", {"dual_clip": 1.5}),
    _sequences(", cispo", {"loss_type": "cispo", "epsilon_high": 0.5}, held=("labels",)),
    _sequences(", sapo", {"loss_type": "sapo", "sapo_temperature_neg": 2.0}),
    _preference("", {}, extremes=_margin_range),
    _preference(", margin", {"beta": 2.0, "margin": 0.7}, extremes=_margin_range),
    _preference(
        ", smoothed, margin and pair_axis",
        {"beta": 0.5, "label_smoothing": 0.1, "margin": 1.0, "pair_axis": 0},
        _pairs_first,
    ),
    _preference(", hinge", {"loss_type": "hinge", "beta": 0.05, "margin": 0.5}),
    _preference(", ipo", {"loss_type": "ipo"}),
    Case("orpo_loss", ml.orpo_loss, _mean_pairs, oracles.orpo, class_axis=-1, held=("labels",)),
    Case(
        "kto_loss",
        ml.kto_loss,
        _ratios,
        oracles.kto,
        {"kl": 0.5},
        extremes=_signed_ratio_range,
    ),
    Case(
        "kto_loss, kl of each",
        ml.kto_loss,
        _ratios,
        oracles.kto,
        {"kl": _KL, "beta": 0.3},
        held=("kl",),
    ),
    _distillation("", {}),
    _distillation(
        ", temperature and class_axis", {"temperature": 2.0, "class_axis": 1}, _two_logits_second
    ),
    _distillation(", excluded classes", {}, _with_excluded_classes),
    _distillation(", reverse", {"divergence": "reverse", "class_mask": _CLASS_MASK}),
    _distillation(", jsd", {"divergence": "jsd", "beta": 0.3, "temperature": 3.0}),
    _distillation(", jsd, excluded classes", {"divergence": "jsd"}, _with_excluded_classes),
]
