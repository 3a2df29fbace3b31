"""Losses of peers that take one class of several, in terms of ours."""

import math
from dataclasses import replace

import numpy as np

from tables.peers.reductions import Inner, Recipe, Term
from tables.peers.terms import YES_OR_NO, guarded_log, of_rows, row_axis


def cross_entropy(case):
    """From logits `cross_entropy`; of guarded probabilities the log-likelihood."""
    case.params.take("zero_target_is_zero")  # 0 log 0 is 0 here as well
    axis = row_axis(case)
    if case.params.choose("from_logits", YES_OR_NO):
        return of_rows(case, axis, _cross_entropy(case, axis))
    return log_likelihood(case, guarded_log(case, axis))


def _cross_entropy(case, axis):
    target, mask = case.inputs.need("target"), case.inputs.take("class_mask")
    keywords = case.params.rename({"label_smoothing": "label_smoothing"})
    keywords |= case.inputs.rename({"class_weight": "class_weight", "class_mask": "class_mask"})
    if mask is not None and target.shape == case.prediction.shape:
        target = np.where(mask, target, 0)  # as optax does, where ours is an error
    return Term("cross_entropy", target, {**keywords, "class_axis": axis})


def log_likelihood(case, log=None):
    """Of class indices `nll_loss`; of soft labels, each class is an entry with its label as weight.

    Without `log`, predictions are log-probabilities.
    """
    axis, target = row_axis(case), case.inputs.need("target")
    class_weight = case.inputs.take("class_weight")
    is_indexed = target.shape != case.prediction.shape
    if is_indexed and not case.params.take("label_smoothing"):
        keywords = {"class_axis": axis, "class_weight": class_weight}
        return of_rows(case, axis, Term("nll_loss", target, keywords, log))

    def one_class_each(xp, x):
        return xp.expand_dims(x if log is None else log(xp, x), axis=-1)

    share, counted = smoothed(case, axis), None
    if class_weight is not None:
        weight = along(class_weight, axis, share.ndim)
        share, counted = share * weight, (one_hot(case, axis) * weight).sum(axis)
    term = Term("nll_loss", np.zeros(share.shape, int), {}, one_class_each, factor=share)
    inner = Inner("sum", axis, share.shape[axis])
    return of_rows(case, axis, term, inner=inner, counted=counted)


def one_hot(case, axis):
    """Return class probabilities; of class indices, 0 and 1."""
    target, shape = case.inputs.need("target"), case.prediction.shape
    if target.shape == shape:
        return target.astype(float)
    hot = target[..., None] == np.arange(shape[axis])
    return np.moveaxis(hot.astype(float), -1, axis)


def smoothed(case, axis):
    smoothing, labels = case.params.take("label_smoothing", 0.0), one_hot(case, axis)
    return labels * (1 - smoothing) + smoothing / labels.shape[axis]


def along(vector, axis, ndim):
    return np.expand_dims(vector, [k for k in range(ndim) if k != axis])


def categorical_focal(case):
    """Keras' clips probabilities without making them add up to 1 again; ours do."""
    axis, log = row_axis(case), guarded_log(case)
    is_of_logits = case.params.choose("from_logits", YES_OR_NO)

    def logits(xp, x):
        if is_of_logits:
            x = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
        return log(xp, x / xp.sum(x, axis=axis, keepdims=True))

    numbers = {"gamma": case.params.need("gamma"), "alpha": case.params.take("alpha")}
    keywords = {"class_axis": axis, **numbers}
    return of_rows(case, axis, Term("softmax_focal_loss", smoothed(case, axis), keywords, logits))


def elementwise_softmax_focal(case):
    """Each class of a row is a sample: a row of which the label is that class alone."""
    axis, shape = row_axis(case), case.prediction.shape
    classes = np.arange(shape[axis])
    is_class = along(classes, axis, len(shape))[..., None] == classes
    labels = one_hot(case, axis)[..., None] * is_class
    alpha = case.params.take("alpha")
    if alpha is not None:
        alpha = np.where(classes == 0, 1 - alpha, alpha)  # the first class is the background

    def repeated(xp, x):
        return xp.broadcast_to(xp.expand_dims(xp.moveaxis(x, axis, -1), axis=axis), labels.shape)

    keywords = {"gamma": case.params.need("gamma"), "alpha": alpha}
    return Recipe((Term("softmax_focal_loss", labels, keywords, repeated),), shape)


def poly_cross_entropy(case):
    """The probability of the wrong classes is the generalized cross-entropy of q = 1."""
    axis, epsilon = row_axis(case), case.params.need("epsilon")
    main = _cross_entropy(case, axis)
    keywords = {"class_axis": axis, "q": 1.0}
    wrong = Term("generalized_cross_entropy_loss", main.labels, keywords, factor=float(epsilon))
    mask = main.keywords.get("class_mask")
    if mask is not None:
        # A row without a class left has labels of 0, whatever its logits are.
        mask = mask | ~mask.any(axis, keepdims=True)
        wrong = replace(wrong, prediction=_without_classes, arrays=(mask,))
    return of_rows(case, axis, main, wrong)


def _without_classes(xp, x, mask):
    return xp.where(mask, x, -math.inf)


def generalized_cross_entropy(case):
    """Keras' takes probabilities."""
    axis = row_axis(case)
    keywords = {"class_axis": axis, "q": case.params.need("q")}
    labels = case.inputs.need("target")
    term = Term("generalized_cross_entropy_loss", labels, keywords, guarded_log(case))
    return of_rows(case, axis, term)
