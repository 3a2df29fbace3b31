"""Losses of peers per element, in terms of ours."""

from dataclasses import replace
from functools import partial

import numpy as np

from tables.peers.reductions import Term
from tables.peers.terms import (
    YES_OR_NO,
    constant,
    excess,
    guarded_probability,
    linear,
    no_translation,
    of_elements,
)


def elementwise(case, loss, *, names=None, factor=1.0, labels=None):
    """An entry per element; `names` are parameters, {ours: theirs}.

    Without a target, as optax allows, it is 0.
    """
    if labels is None:
        labels = case.inputs.take("target", np.zeros(case.prediction.shape))
    return of_elements(case, Term(loss, labels, case.params.rename(names or {}), factor=factor))


def reduce_only(case):
    losses = constant(case.inputs.need("losses"))
    return of_elements(case, losses)


def bounded(case, loss):
    """A target that is an upper bound (lt) or a lower one (gt) costs nothing on its good side."""
    target = case.inputs.need("target")
    nowhere = np.zeros(target.shape, bool)
    upper, lower = (case.inputs.take(name, nowhere) for name in ("lt_mask", "gt_mask"))
    censoring = np.where(upper, -1, np.where(lower, 1, 0))
    term = Term(loss, target, {"censoring": censoring})
    if (upper & lower).any():  # costs nothing on either side
        term = replace(term, factor=np.where(upper & lower, 0.0, 1.0))
    return of_elements(case, term)


def percentage_error(case):
    target = case.inputs.need("target")
    scale = np.maximum(np.abs(target), case.params.need("eps"))

    def scaled(_, x, scale):
        return x / scale

    term = Term("l1_loss", target / scale, {}, scaled, arrays=(scale,), factor=100.0)
    return of_elements(case, term)


def squared_log_error(case):
    least = case.params.need("eps")

    def log(xp, x):
        return xp.log1p(xp.clip(x, least, None))

    return of_elements(case, Term("mse_loss", log(np, case.inputs.need("target")), {}, log))


def gaussian_nll(case):
    """A variance may lack the last axis, or have size 1 there."""
    var, target = case.inputs.need("var"), case.inputs.need("target")
    shape = np.broadcast_shapes(case.prediction.shape, target.shape)
    var = var[..., None] if var.shape == shape[:-1] else var
    keywords = case.params.rename({"full": "full", "eps": "eps"})
    keywords["var"] = np.broadcast_to(var, shape)
    return of_elements(case, Term("gaussian_nll_loss", target, keywords))


def binary_cross_entropy(case):
    if case.params.choose("from_logits", YES_OR_NO):
        keywords = case.params.rename({"label_smoothing": "label_smoothing"})
        keywords |= case.inputs.rename({"pos_weight": "pos_weight"})
        term = Term("binary_cross_entropy_with_logits", case.inputs.need("target"), keywords)
        return of_elements(case, term)
    labels = _smoothed(case)
    probability, total = guarded_probability(case)
    term = Term("binary_cross_entropy", labels, prediction=probability)
    pos_weight = case.inputs.take("pos_weight")
    if pos_weight is not None:
        logit, keywords = partial(_logit, of=probability), {"pos_weight": pos_weight}
        term = Term("binary_cross_entropy_with_logits", labels, keywords, logit)
    if total == 1:
        return of_elements(case, term)
    share = labels * (1 if pos_weight is None else pos_weight) + 1 - labels
    return of_elements(case, term, constant(-np.log(total) * share))


def binary_focal(case):
    """A peer that names no alpha has none; the factor of soft labels (pt) is ours."""
    case.params.take("pt")
    keywords = {"alpha": case.params.take("alpha"), "gamma": case.params.need("gamma")}
    logit = None
    if not case.params.choose("from_logits", YES_OR_NO):
        probability, total = guarded_probability(case)
        if total != 1:
            raise no_translation(case)
        logit = partial(_logit, of=probability)
    return of_elements(case, Term("sigmoid_focal_loss", _smoothed(case), keywords, logit))


def _smoothed(case):
    target, smoothing = case.inputs.need("target"), case.params.take("label_smoothing", 0.0)
    return target * (1 - smoothing) + smoothing / 2


def _logit(xp, p, *, of):
    p = p if of is None else of(xp, p)
    return xp.log(p) - xp.log1p(-p)


def hinge(case, loss):
    target = case.inputs.need("target")
    encodings = {"01": lambda t: 2 * t - 1, "pm1": lambda t: t}
    labels = case.params.choose("target_encoding", encodings, default="pm1")(target)
    return elementwise(case, loss, labels=labels)


def perceptron(case):
    target = case.inputs.need("target")
    return of_elements(case, excess(target.shape, lambda _, x, y: -y * x, target))


def margin_ranking(case):
    margin, others = case.params.take("margin", 0.0), case.inputs.need("pred2")
    target = case.inputs.need("target")
    shape = np.broadcast_shapes(case.prediction.shape, others.shape, target.shape)

    def shortfall(_, x, others, y):
        return margin - y * (x - others)

    return of_elements(case, excess(shape, shortfall, others, target))


def hinge_embedding(case):
    """A distance x where y = 1, and what it lacks of a margin where y = -1."""
    margin, target = case.params.take("margin", 1.0), case.inputs.need("target")
    distance = linear(target.shape, lambda _, x: x)
    shortfall = excess(target.shape, lambda _, x: margin - x)
    near, far = (np.where(target != other, 1.0, 0.0) for other in (-1, 1))
    return of_elements(case, replace(distance, factor=near), replace(shortfall, factor=far))
