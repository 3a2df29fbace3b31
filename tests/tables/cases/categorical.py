"""The rows of the losses of one class among several."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.cases.rows_of_logits import (
    CLASSES,
    active_passive_terms,
    bounded_terms,
    focal_terms,
    forward_terms,
    row_range,
    symmetric_terms,
    without_roots,
    z_loss_terms,
)
from tables.oracles import categorical as oracles

_CLASS_WEIGHT = np.asarray([0.5, 2.0, 1.0, 0.1, 3.0])
_CLASS_MASK = np.asarray([True, False, True, True, False])
_NOISE = (9 * np.eye(CLASSES) + 2 * np.roll(np.eye(CLASSES), 1, 1) + 1) / 16
_SOME_NOISE = np.eye(CLASSES)
_SOME_NOISE[1, 1:3] = 0.75, 0.25
_SOME_NOISE[3, 3:] = 0.5, 0.5
_LEFT = np.flatnonzero(_CLASS_MASK)


def _classes(rng):
    return rng.normal(0, 3, (3, 4, CLASSES)), rng.integers(0, CLASSES, (3, 4))


def _classes_second(rng):
    return rng.normal(0, 3, (3, CLASSES, 4)), rng.integers(0, CLASSES, (3, 4))


def _classes_left(rng):
    return rng.normal(0, 3, (3, 4, CLASSES)), rng.choice(_LEFT, (3, 4))


def _classes_second_left(rng):
    return rng.normal(0, 3, (3, CLASSES, 4)), rng.choice(_LEFT, (3, 4))


def _distributions(rng):
    return rng.normal(0, 3, (3, 4, CLASSES)), rng.dirichlet(np.ones(CLASSES), (3, 4))


def _distributions_second(rng):
    return tuple(np.moveaxis(array, -1, 1) for array in _distributions(rng))


def _candidates(rng):
    """Sets of classes, of one candidate to all of them."""
    x, y = _classes(rng)
    is_in = (rng.uniform(size=x.shape) < 0.4) | (np.arange(CLASSES) == y[..., None])
    is_in[0, 0] = True
    return x, is_in.astype(int)


def _candidates_second(rng):
    return tuple(np.moveaxis(array, -1, 1) for array in _candidates(rng))


def _single_candidates(info):
    """Of several, the terms of a second derivative cancel."""
    x, index = row_range(info)
    return x, np.eye(CLASSES, dtype=int)[index]


def _matrix(rng):
    return rng.normal(0, 1, (6, CLASSES)), rng.integers(0, CLASSES, 6)


def _log_probabilities(rng):
    x, y = _classes_second(rng)
    return x - np.log(np.exp(x).sum(1, keepdims=True)), y


def _divergences(rng):
    """Log-probabilities and probabilities, of which some are 0 and 1."""
    x, y = np.log(rng.dirichlet(np.ones(CLASSES), 4)), rng.dirichlet(np.ones(CLASSES), 4)
    y[0] = np.eye(CLASSES)[2]
    return x, y


def _log_divergences(rng):
    return tuple(np.log(rng.dirichlet(np.ones(CLASSES), (2, 4))))


def _divergence_range(info):
    """Log-probabilities of every magnitude with probabilities that are not close to them."""
    x = np.geomspace(float(info.smallest_normal), float(info.max) * 0.99, 200)
    x = -np.concatenate([[0.0], x]).astype(info.dtype)
    y = np.stack([0 * x, 0 * x + 1, 0 * x + 0.125], -1)
    x = np.stack([x, x, x], -1)
    return x, np.where((x < -1) & (x > -4), np.minimum(y, 0), y)


def _row_divergence_range(info):
    """The same as rows whose sum is finite, and whose terms do not cancel."""
    x, y = _divergence_range(info)
    return x / 2, np.where(x > -8, np.floor(y), y)


def _log_distributions(rng):
    return tuple(np.log(rng.dirichlet(np.ones(CLASSES), (2, 3, 4))))


def _log_distributions_second(rng):
    return tuple(np.moveaxis(array, -1, 1) for array in _log_distributions(rng))


def _row_range_left(info):
    """The same, labelled with classes that take part; those that do not are largest."""
    x, _ = row_range(info)
    index = _LEFT[np.arange(len(x)) % len(_LEFT)]
    index[::2] = _LEFT[np.argmax(x[:, _LEFT], -1)[::2]]
    return np.where(_CLASS_MASK, x, np.abs(x) + 1), index


ORACLES = {
    ml.candidate_cross_entropy: oracles.candidates,
    ml.cross_entropy: oracles.cross_entropy,
    ml.nll_loss: oracles.nll,
    ml.kl_div: oracles.kl_of_row,
    ml.multi_margin_loss: oracles.multi_margin,
    ml.softmax_focal_loss: oracles.softmax_focal,
    ml.generalized_cross_entropy_loss: oracles.generalized_cross_entropy,
    ml.forward_corrected_cross_entropy: oracles.forward_corrected,
    ml.symmetric_cross_entropy: oracles.symmetric_cross_entropy,
    ml.active_passive_loss: oracles.active_passive,
}


def _rows(loss, name, make, options, **fields):
    axis = options.get("class_axis", -1)
    name = loss.__name__ + name
    return Case(name, loss, make, ORACLES[loss], options, class_axis=axis, **fields)


CATEGORICAL = [
    _rows(ml.cross_entropy, "", _classes, {}, extremes=row_range),
    _rows(
        ml.cross_entropy, ", class_axis", _classes_second, {"class_axis": 1}, torch="cross_entropy"
    ),
    _rows(ml.cross_entropy, ", class_weight", _classes, {"class_weight": _CLASS_WEIGHT}),
    _rows(
        ml.cross_entropy,
        ", class_weight and smoothed",
        _classes_second,
        {"class_weight": _CLASS_WEIGHT, "label_smoothing": 0.1, "class_axis": 1},
        torch="cross_entropy",
    ),
    _rows(ml.cross_entropy, ", probabilities", _distributions, {"class_weight": _CLASS_WEIGHT}),
    _rows(
        ml.cross_entropy,
        ", class_mask",
        _classes_left,
        {"class_mask": _CLASS_MASK},
        extremes=_row_range_left,
    ),
    _rows(
        ml.cross_entropy,
        ", class_mask, class_weight and smoothed",
        _classes_second_left,
        {
            "class_mask": _CLASS_MASK,
            "class_weight": _CLASS_WEIGHT,
            "label_smoothing": 0.1,
            "z_loss": 0.02,
            "class_axis": 1,
        },
    ),
    _rows(
        ml.cross_entropy,
        ", z_loss",
        _classes,
        {"z_loss": 0.25},
        extremes=without_roots(z_loss_terms(0.25)),
    ),
    _rows(
        ml.cross_entropy,
        ", z_loss, probabilities",
        _distributions,
        {"z_loss": 1e-4, "class_weight": _CLASS_WEIGHT, "label_smoothing": 0.1},
    ),
    _rows(ml.candidate_cross_entropy, "", _candidates, {}, extremes=_single_candidates),
    _rows(ml.candidate_cross_entropy, ", class_axis", _candidates_second, {"class_axis": 1}),
    _rows(
        ml.forward_corrected_cross_entropy,
        "",
        _classes,
        {"transition": _SOME_NOISE},
        extremes=without_roots(forward_terms(_SOME_NOISE)),
        held=("transition",),
    ),
    _rows(
        ml.forward_corrected_cross_entropy,
        ", class_axis",
        _classes_second,
        {"transition": _NOISE, "class_axis": 1, "class_weight": _CLASS_WEIGHT},
    ),
    _rows(ml.nll_loss, "", _matrix, {}, extremes=row_range, torch="nll_loss"),
    _rows(
        ml.nll_loss,
        ", class_weight",
        _log_probabilities,
        {"class_weight": _CLASS_WEIGHT, "class_axis": 1},
        torch="nll_loss",
    ),
    _rows(ml.multi_margin_loss, "", _matrix, {}, extremes=row_range, torch="multi_margin_loss"),
    _rows(
        ml.multi_margin_loss,
        ", squared, margin and class_weight",
        _matrix,
        {"p": 2, "margin": 0.3, "class_weight": _CLASS_WEIGHT, "class_axis": 1},
        torch="multi_margin_loss",
    ),
    _rows(
        ml.multi_margin_loss,
        ", squared",
        _matrix,
        {"p": 2},
        extremes=row_range,
        torch="multi_margin_loss",
    ),
    Case(
        "kl_div",
        ml.kl_div,
        _divergences,
        oracles.kl,
        extremes=_divergence_range,
        torch="kl_div",
    ),
    Case(
        "kl_div, log_target",
        ml.kl_div,
        _log_divergences,
        oracles.kl,
        {"log_target": True},
        torch="kl_div",
    ),
    _rows(ml.kl_div, ", rows", _divergences, {"rows": True}, extremes=_row_divergence_range),
    _rows(
        ml.kl_div,
        ", rows, class_axis and class_weight",
        _log_distributions_second,
        {"rows": True, "log_target": True, "class_axis": 1, "class_weight": _CLASS_WEIGHT},
    ),
    _rows(ml.softmax_focal_loss, "", _classes, {}, extremes=without_roots(focal_terms(2.0))),
    _rows(
        ml.softmax_focal_loss,
        ", gamma below 1",
        _classes,
        {"gamma": 0.3},
        extremes=without_roots(focal_terms(0.3)),
    ),
    _rows(ml.softmax_focal_loss, ", gamma 0", _classes, {"gamma": 0.0}, extremes=row_range),
    _rows(
        ml.softmax_focal_loss,
        ", alpha, class_axis",
        _classes_second,
        {"alpha": _CLASS_WEIGHT, "gamma": 1.5, "class_axis": 1},
    ),
    _rows(
        ml.softmax_focal_loss,
        ", class_weight",
        _classes,
        {"alpha": _CLASS_WEIGHT[::-1].copy(), "class_weight": _CLASS_WEIGHT},
    ),
    _rows(
        ml.softmax_focal_loss,
        ", soft",
        _distributions,
        {"alpha": 0.25, "gamma": 0.5, "class_weight": _CLASS_WEIGHT},
    ),
    _rows(
        ml.generalized_cross_entropy_loss,
        "",
        _classes,
        {},
        extremes=without_roots(bounded_terms(0.7)),
    ),
    _rows(
        ml.generalized_cross_entropy_loss,
        ", q 1",
        _classes,
        {"q": 1.0},
        extremes=without_roots(bounded_terms(1.0)),
    ),
    _rows(
        ml.generalized_cross_entropy_loss,
        ", q close to 0",
        _classes,
        {"q": 1e-6},
        extremes=without_roots(bounded_terms(1e-6)),
    ),
    _rows(
        ml.generalized_cross_entropy_loss,
        ", soft",
        _distributions_second,
        {"q": 0.4, "class_axis": 1, "class_weight": _CLASS_WEIGHT},
    ),
    *(
        _rows(loss, ", class_weight", _classes, {"class_weight": _CLASS_WEIGHT})
        for loss in (
            ml.generalized_cross_entropy_loss,
            ml.symmetric_cross_entropy,
            ml.active_passive_loss,
        )
    ),
    _rows(
        ml.symmetric_cross_entropy,
        "",
        _classes,
        {},
        extremes=without_roots(symmetric_terms(0.1, 4.0)),
    ),
    _rows(
        ml.symmetric_cross_entropy,
        ", soft",
        _distributions_second,
        {
            "alpha": 6.0,
            "beta": 0.1,
            "log_of_zero": -9.25,
            "class_axis": 1,
            "class_weight": _CLASS_WEIGHT,
        },
    ),
    _rows(
        ml.active_passive_loss,
        "",
        _classes,
        {},
        extremes=without_roots(active_passive_terms(1.0, 4.0)),
    ),
    _rows(
        ml.active_passive_loss,
        ", soft",
        _distributions_second,
        {
            "alpha": 10.0,
            "beta": 0.1,
            "log_of_zero": -2.0,
            "class_axis": 1,
            "class_weight": _CLASS_WEIGHT,
        },
    ),
]
