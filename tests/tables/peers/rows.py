"""Losses of peers per row, in terms of ours."""

from dataclasses import replace

import numpy as np

from tables.peers.reductions import Inner, Term
from tables.peers.terms import (
    YES_OR_NO,
    constant,
    excess,
    guard_of,
    no_translation,
    of_elements,
    of_rows,
    row_axis,
)


def rows(
    case,
    loss,
    *,
    names=None,
    inputs=None,
    labels=None,
    is_indexed=False,
    is_coupled=False,
    row_axis_name="class_axis",
    **own,
):
    """An entry per row; `names` are parameters and `inputs` arrays, {ours: theirs}.

    As in torch, a number is a row of one class, and one row may have a list of one class index.
    """
    axis, shape = row_axis(case), case.prediction.shape or (1,)
    labels = case.inputs.need("target") if labels is None else labels
    labels = labels.reshape(tuple(np.delete(shape, axis)) if is_indexed else shape)
    keywords = {**case.params.rename(names or {}), **case.inputs.rename(inputs or {})}
    term = Term(loss, labels, {**keywords, **own, row_axis_name: axis})
    if not case.prediction.shape:
        term = replace(term, prediction=lambda xp, x: xp.reshape(x, shape))
    if not is_coupled:
        return of_rows(case, axis, term)
    elements = case.inputs.take("class_mask")
    return of_rows(case, axis, replace(term, coupled_axis=axis), elements=elements)


def cosine_distance(case):
    """Keras' least norm is the root of its eps; either is far below any norm there."""
    axis, least = row_axis(case), case.params.take("eps")
    keywords = {"feature_axis": axis, **({"eps": least} if least else {})}
    target = case.inputs.need("target")
    term = Term("cosine_similarity_loss", target, keywords, coupled_axis=axis)
    return of_rows(case, axis, term, elements=case.inputs.take("class_mask"))


def cosine_similarity(case):
    """The similarity is 1 less ours, and Keras minimises its negative."""
    sign, recipe = case.params.take("sign", 1), cosine_distance(case)
    (term,) = recipe.terms
    terms = (replace(term, factor=-float(sign)), constant(np.full(recipe.shape, float(sign))))
    return replace(recipe, terms=terms)


def multiclass(case, *, margin):
    """The highest score, each but the label's with a margin, less that of the label."""
    target = case.inputs.need("target")
    hot = np.eye(case.prediction.shape[-1])[target]

    def shortfall(xp, x, hot):
        return xp.max(x + margin * (1 - hot), axis=-1) - xp.sum(hot * x, axis=-1)

    return of_rows(case, -1, excess(target.shape, shortfall, hot))


def categorical_hinge(case):
    target = case.inputs.need("target").astype(float)

    def shortfall(xp, x, t):
        return 1 + xp.max((1 - t) * x, axis=-1) - xp.sum(t * x, axis=-1)

    return of_rows(case, -1, excess(target.shape[:-1], shortfall, target))


def kl_divergence(case):
    target, log = case.inputs.need("target"), None
    if case.params.choose("pred", {"log_probs": False, "probs": True}):
        target, log = _clipped(case, target)
    is_log = case.params.choose("log_target", YES_OR_NO, default=False)
    terms = (Term("kl_div", target, {"log_target": is_log}, log),)
    if case.params.choose("generalized", YES_OR_NO, default=False):
        # t log(t / p) + p - t: as a rate p is likely, up to what no prediction changes.
        t = np.exp(target) if is_log else target
        rest = t * np.log(t, where=t > 0, out=np.zeros(t.shape)) - t
        terms = (Term("poisson_nll_loss", t, {}, log), constant(rest))
    if not case.params.choose("sum_axis", YES_OR_NO, default=True):
        return of_elements(case, *terms)
    axis = row_axis(case)
    inner = Inner("sum", axis, case.prediction.shape[axis])
    return of_rows(case, axis, *terms, inner=inner, elements=case.inputs.take("class_mask"))


def _clipped(case, target):
    """Keras clips both from below, and does not make them add up to 1."""
    kind, numbers = guard_of(case)
    if kind not in {None, "clip"}:
        raise no_translation(case)
    least = numbers[0] if numbers else 0.0
    return np.clip(target, least, 1.0), lambda xp, p: xp.log(xp.clip(p, least, 1.0))


def listwise_softmax(case):
    labels = case.inputs.need("target") * case.inputs.take("item_weight", 1.0)
    return rows(
        case,
        "softmax_ranking_loss",
        labels=labels,
        is_coupled=True,
        row_axis_name="list_axis",
        normalize=False,
    )
