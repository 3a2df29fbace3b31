"""Terms that several losses of peers are made of, and how they keep a logarithm finite."""

from dataclasses import replace

import numpy as np

from tables.peers.reductions import Inner, Recipe, Term

YES_OR_NO = {True: True, False: False}


def of_elements(case, *terms):
    """Each element is a sample, or the average along the last axis is.

    Peers broadcast predictions and targets, which here is written down.
    """
    shape = np.broadcast_shapes(case.prediction.shape, *(term.labels.shape for term in terms))
    terms = tuple(_spread(case, term, shape) for term in terms)
    if case.params.choose("per_sample", {None: False, "mean_last": True}):
        return Recipe(terms, shape[:-1], Inner("mean", len(shape) - 1, shape[-1]))
    return Recipe(terms, shape)


def _spread(case, term, shape):
    if term.labels.shape == shape and (case.prediction.shape == shape or term.prediction):
        return term

    def prediction(xp, x, *arrays):
        x = x if term.prediction is None else term.prediction(xp, x, *arrays)
        return xp.broadcast_to(x, shape)

    return replace(term, labels=np.broadcast_to(term.labels, shape), prediction=prediction)


def row_axis(case):
    """Return the axis of a row, counted from the front."""
    return case.params.take("axis", -1) % max(case.prediction.ndim, 1)


def of_rows(case, axis, *terms, **more):
    """Each row along an axis is a sample."""
    return Recipe(terms, tuple(np.delete(case.prediction.shape or (1,), axis)), **more)


def constant(values):
    """What no prediction changes: minus the log-probability of the only class."""
    values = np.asarray(values, float)
    return linear(values.shape, lambda _xp, _x, values: values, values)


def linear(shape, of, *arrays):
    """Return a term whose loss is what `of` makes of the prediction."""

    def log_probability(xp, x, *arrays):
        return xp.expand_dims(-of(xp, x, *arrays), axis=-1)

    return Term("nll_loss", np.zeros(shape, int), {}, log_probability, arrays)


def excess(shape, of, *arrays):
    """max(0, z) of z made of the prediction: the hinge loss of a score 1 - z and a label of 1."""

    def score(xp, x, *arrays):
        return 1 - of(xp, x, *arrays)

    return Term("hinge_loss", np.ones(shape), {}, score, arrays)


_LOGARITHMS = {
    None: lambda xp, p: xp.log(p),
    "clip": lambda xp, p, eps: xp.log(xp.clip(p, eps, 1 - eps)),
    "add": lambda xp, p, eps: xp.log(p + eps),
    "log_clamp": lambda xp, p, low: xp.clip(xp.log(p), low, 0.0),
}


def guarded_log(case, axis=None):
    """Return the logarithm of probabilities, of their share of the sum along an axis if given."""
    kind, numbers = guard_of(case)
    if kind not in _LOGARITHMS:
        raise no_translation(case)

    def log(xp, p):
        p = p if axis is None else p / xp.sum(p, axis=axis, keepdims=True)
        return _LOGARITHMS[kind](xp, p, *numbers)

    return log


def guarded_probability(case):
    """Return probabilities with the peer's logarithms, up to that of a number, and the number."""
    kind, numbers = guard_of(case)
    eps = numbers[0] if numbers else 0.0
    if kind == "clip":
        return lambda xp, p: xp.clip(p, eps, 1 - eps), 1.0
    if kind == "add":  # p + eps and 1 - p + eps add up to more than 1
        return lambda _, p: (p + eps) / (1 + 2 * eps), 1 + 2 * eps
    if kind is None or (kind, eps) == ("log_clamp", -100):  # torch's guard, and ours
        return None, 1.0
    raise no_translation(case)


def guard_of(case):
    """Return the kind of the guard and its numbers."""
    guard = dict(case.params.take("prob_guard", {}))
    return guard.pop("kind", None), tuple(guard.values())


def no_translation(case):
    """Return the error of a guard that a loss cannot have here."""
    return LookupError(f"no translation of {case.params['prob_guard']} in {case.params.of}")
