"""Small calls of a loss, made of its record: one prediction moves, all other arrays stay."""

from dataclasses import dataclass

import numpy as np

import maskloss as ml
from maskloss._signatures import takes_array

POINTS = 201


@dataclass(frozen=True)
class Curve:
    """Value and slope of a loss over one prediction, for one label."""

    name: str
    value: np.ndarray
    slope: np.ndarray


def grid(record):
    """Return the predictions at which to compute a loss."""
    domain = record.inputs.domains[0]
    if record.inputs.names[0] == "log_probs":
        return np.linspace(-6.0, -0.05, POINTS)
    if "log-prob" in domain.meaning:
        return np.linspace(-6.0, 0.0, POINTS)
    if _is_region(record):
        return np.linspace(0.0, 1.0, POINTS)
    low, high = max(domain.low, -5.0), min(domain.high, 5.0)
    edge = 0.004 if np.isfinite(domain.low) and np.isfinite(domain.high) else 0.0
    return np.linspace(low + edge, high - edge, POINTS)


def curves(record, **options):
    """Return a curve for each kind of label that the loss takes, and one for a missing label."""
    for labels in (_class_indices(record), _labels(record), _numbers_of_rows(record)):
        if found := _fitting(record, labels, options):
            return found
    msg = f"no known labels fit {record.name}"
    raise NotImplementedError(msg)


def _fitting(record, labels, options):
    """Return the curves of the labels that the loss takes."""
    found = []
    for name, array, mask, extra in labels:
        curve = _curve(record, name, array, mask, extra | options)
        if curve is None and mask is not None and mask.ndim > 1:  # a row is an entry
            curve = _curve(record, name, array, mask.all(axis=-1), extra | options)
        if curve is not None:
            found.append(curve)
    return found


def is_of_elements(record):
    """Return whether the loss of one prediction depends on no other."""
    return _shape(record) == (1, 1)


def _is_region(record):
    return "spatial_axes" in record.options


def not_summable_because(record):
    """Return why a loss with its defaults cannot be added up; empty if it can."""
    return _call(record).not_summable_because


def _call(record):
    """Return a call with the defaults, and with placeholders for what a loss requires."""
    needed = {name: 0.4 for name, p in record.required.items() if not takes_array(p.annotation)}
    arrays = {name: np.ones((1, 3)) for name, p in record.required.items() if name not in needed}
    return record.build(np.zeros((1, 3)), np.zeros((1, 3)), **needed, **arrays)


def _shape(record):
    call = _call(record)
    layout, is_whole = call.layout, call.needs_whole_call or bool(call.not_summable_because)
    if layout.row_axes is None and not is_whole:
        return (1, 1)
    if "pair_axis" in record.options:
        return (1, 2)
    return (3, 3) if is_whole or _is_region(record) else (1, 3)


def _class_indices(record):
    """Yield the same as `_labels`, of labels that are class indices."""
    if record.has_rows_of_classes and _shape(record) == (1, 3):
        for name, index in (("its class", 0), ("another class", 1)):
            yield name, np.asarray([index]), None, {}
        yield "missing", np.asarray([-100]), np.asarray([False]), {}


def _labels(record):
    """Yield the name of a label, an array of labels, a mask and more keywords."""
    shape = _shape(record)
    options = {"multi_hot": True} if "multi_hot" in record.options else {}
    observed = np.ones(shape, bool)
    values = _values(record)
    for value in values:
        yield _named(record, value), _with_first(values, shape, value), observed, options
    if "censoring" in record.options:
        zeros = np.zeros(shape)
        yield "at least 0", zeros, observed, {"censoring": np.ones(shape, int)}
        yield "at most 0", zeros, observed, {"censoring": -np.ones(shape, int)}
    missing = observed.copy()
    missing[0, 0] = False
    yield "missing", _with_first(values, shape, values[0]), missing, options


def _numbers_of_rows(record):
    """Yield the same as `_labels`, of one number for a row, as for the members of an ensemble."""
    yield _named(record, 0.0), np.zeros(1), None, {}
    yield "missing", np.zeros(1), np.asarray([False]), {}


def _values(record):
    """Return the labels to draw a curve for."""
    prediction, domain = record.inputs.domains
    if _only_marks_gaps(record):
        return [0.0]
    if domain.values:
        return sorted(domain.values)
    if domain.is_unbounded:
        is_row = _shape(record) != (1, 1) or "log-prob" in prediction.meaning
        return [0.0, 1.0] if is_row else [0.0]
    return [0.0, 1.0] if domain.high == 1 else [0.0, 2.0, 5.0]


def _base(record, shape):
    """Return the predictions that stay."""
    if "log-prob" in record.inputs.domains[0].meaning or record.inputs.names[0] == "log_probs":
        return np.full(shape, -1.0)
    if record.family == "regression":  # equal members of an ensemble are one, and 0 no direction
        return np.where(np.indices(shape).sum(axis=0) % 2 == 1, 3.0, -3.0)
    return np.full(shape, 0.5 if _is_region(record) else 0.0)


def _only_marks_gaps(record):
    """Return whether the labels may be absent, since they only say what is missing."""
    return list(record.parameters.values())[1].default is None


def _named(record, value):
    """Return the name of a curve, such as "label 1" or "duration 2"."""
    if _only_marks_gaps(record):
        return "observed"
    inputs = record.inputs
    kind, domain = inputs.names[1].removesuffix("s").replace("_", " "), inputs.domains[1]
    names = dict(zip(domain.values, domain.names, strict=False))
    return f"{kind} {value:g}" + (f", {names[value]}" if names.get(value) else "")


def _with_first(values, shape, first):
    """Return labels: the given one first; every second of the others is the highest."""
    labels = np.where(np.indices(shape).sum(axis=0) % 2 == 1, max(values[-1], 1.0), values[0])
    labels[0, 0] = first
    return labels


def _numbers(key, shape):
    """Return an array for a keyword without a default."""
    if key == "transition":  # a third of the labels are wrong
        return np.eye(3) / 2 + 1 / 6
    # Half of the positives are missed.
    return np.full(shape, 2.0 if key == "propensity_weight" else 1.0)


def _curve(record, name, labels, mask, extra):
    shape, differentiate = _shape(record), ml.value_and_grad(record.function)
    base = _base(record, shape)
    needed = {
        key: _numbers(key, shape) if takes_array(p.annotation) else 0.4
        for key, p in record.required.items()
    }
    keywords = {"mask": mask, "reduction": "sum", **needed, **extra}
    values, slopes = np.empty((2, POINTS))
    for k, x in enumerate(grid(record)):
        base[0, 0] = x
        try:
            value, gradient = differentiate(base, labels, **keywords)
        except (TypeError, ValueError):
            return None
        values[k], slopes[k] = value, gradient[0, 0]
    return Curve(name, values, slopes)
