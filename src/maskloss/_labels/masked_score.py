"""Score predictions on observed labels, by metrics that do not accept missing labels."""

from __future__ import annotations

import contextlib
import math
import threading
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from .._arrays.kinds import shown
from .._arrays.typing import Array
from .._inputs.missing import Missing
from .._inputs.options import check_choice
from .docstrings import documented
from .scored import Group, Scored, read_scored

Metric = Callable[..., float]

# Reentrant: a metric may score by a metric.
_CATCHING = threading.RLock()


@documented
def masked_score(
    metric: Metric,
    labels: Any,
    predictions: Any,
    *,
    mask: Array | None = None,
    missing: Missing = None,
    sample_weight: Any = None,
    average: Literal["macro", "micro", "samples"] | None = "macro",
    names: Sequence[str] | None = None,
    defined: Callable[[Array], bool] | None = None,
    undefined: Literal["warn", "raise", "ignore"] = "warn",
) -> float | Array:
    """Score the predictions of observed labels with any metric, class by class.

    Parameters
    ----------
    metric : callable
        A function of observed labels and their predictions, both of one dimension, that returns a
        number: a metric of scikit-learn, a `functools.partial` of one, or your own.
    labels : array, DataFrame or Series
        Labels, with classes or targets along the last axis. The mask of `numpy.ma` labels counts as
        well, and so do the missing cells of a table of pandas, polars or pyarrow. Labels of one
        dimension are of a single class, or are class indices.
    predictions : array, DataFrame or Series
        Predictions in the shape of `labels`; for labels of one dimension, also one row per label.
    **observation
    sample_weight : array or Series, optional
        A weight per sample, or per label, which the metric gets as its `sample_weight`.
    average : str or None, default: "macro"
        ``"macro"``: the mean over the classes for which the metric is defined; ``"micro"``: the
        metric of all observed entries, taken together as one class; ``"samples"``: the mean over
        the samples, along the first axis, of the metric of each sample's labels, weighted by
        weights per sample; None: one score per class, NaN where the metric is not defined.
    names : sequence of str, optional
        The names of the classes in warnings and errors; by default the names of the columns of a
        table, or the number of each class.
    defined : callable, optional
        A function of the observed labels of a class that returns whether the metric is defined for
        them. Use it for metrics that return a number where they are not defined.
    undefined : str, default: "warn"
        The response to a class that is left out of an average: ``"warn"``, ``"raise"`` a
        `ValueError`, or ``"ignore"``.

    Returns
    -------
    float or array
        The average, NaN if the metric is defined for no class; with ``average=None`` an array of
        shape (classes,).

    Raises
    ------
    TypeError
        If `metric` is not callable, or an argument is no array of the common library, or has the
        wrong dtype.
    ValueError
        If shapes or the columns of two tables do not fit, an observed label or its prediction is
        NaN, a weight of one is negative or NaN, a keyword has an unknown value, or the metric
        raises a `ValueError` for every class.

    Notes
    -----
    The metric is not defined for a class without an observed label, nor where the metric returns
    NaN or raises a `ValueError`. `roc_auc_score` and `log_loss` of scikit-learn 1.9 raise or return
    NaN if all labels are the same. `average_precision_score` returns 0 for a class without a
    positive; ``defined=numpy.any`` leaves such a class out.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> from sklearn.metrics import roc_auc_score
    >>> labels = np.asarray([[1, 1], [0, -1], [0, -1], [1, 1]])
    >>> scores = np.asarray([[0.9, 0.3], [0.4, 0.8], [0.6, 0.1], [0.5, 0.7]])
    >>> ml.masked_score(roc_auc_score, labels, scores, missing=-1, average=None)
    array([0.75,  nan])
    >>> ml.masked_score(roc_auc_score, labels, scores, missing=-1, undefined="ignore")
    0.75
    """
    if not callable(metric):
        msg = (
            f"`metric` must be a function of labels and predictions, such as "
            f"sklearn.metrics.roc_auc_score, got {shown(metric)}; pass the function itself"
        )
        raise TypeError(msg)
    check_choice("average", average, ("macro", "micro", "samples", None))
    check_choice("undefined", undefined, ("warn", "raise", "ignore"))
    scored = read_scored(labels, predictions, sample_weight, mask, missing)
    titles, groups = _groups(scored, average, names)
    # Weights per sample are those of an average over the samples, and not of a metric of one.
    of_rows = average == "samples" and sample_weight is not None and len(sample_weight.shape) == 1
    results, weights = [], []
    for name, group in zip(titles, groups, strict=True):
        weights.append(float(group.weight[0]) if of_rows and group.weight is not None else 1.0)
        entries = group.only_observed(scored.xp, name)
        results.append(
            _score(metric, name, entries._replace(weight=None) if of_rows else entries, defined)
        )
    _report(results, "ignore" if average is None and undefined == "warn" else undefined)
    scores = [result.score for result in results]
    if average is None:
        return scored.xp.asarray(scores, dtype=scored.xp.float_dtype)
    return _mean(scores, weights)


def _groups(
    scored: Scored, average: str | None, names: Sequence[str] | None
) -> tuple[list[str], Iterable[Group]]:
    """Return what has a score of its own: the words for it in messages, and its entries."""
    shape = scored.group.labels.shape
    number = shape[-1] if len(shape) > 1 else 1
    if names is not None and len(names) != number:
        msg = f"`names` must hold one name for each of {number} classes, got {len(names)}"
        raise ValueError(msg)
    if average == "samples":
        if len(shape) == 1:
            msg = '`average`="samples" needs several labels of each sample, got one dimension'
            raise ValueError(msg)
        return [f" for sample {k}" for k in range(shape[0])], scored.samples()
    if average == "micro" or len(shape) == 1:
        return [""], scored.as_one()
    names = scored.names if names is None else names
    return [f" for class {n!r}" for n in names or range(number)], scored.classes()


def _mean(scores: Sequence[float], weights: Sequence[float]) -> float:
    """Return the weighted mean of the scores that are no NaN; NaN if there is none."""
    known = [(s, w) for s, w in zip(scores, weights, strict=True) if not math.isnan(s)]
    total = math.fsum(weight for _, weight in known)
    return math.fsum(score * weight for score, weight in known) / total if total else math.nan


class _Result(NamedTuple):
    """The score of a class; if it is NaN, also the reason, and the error of the metric if any."""

    name: str
    score: float
    reason: str = ""
    error: ValueError | None = None


def _score(
    metric: Metric, name: str, entries: Group, defined: Callable[[Array], bool] | None
) -> _Result:
    """Score one group of entries, and turn each reason for no score into words."""
    if not entries.labels.shape[0]:
        return _Result(name, math.nan, "no label is observed")
    if defined is not None and not defined(entries.labels):
        return _Result(name, math.nan, "`defined` is false of its labels")
    try:
        score, caught = _call_quietly(metric, entries)
    except ValueError as error:
        return _Result(name, math.nan, str(error), error)
    reasons = [str(warning.message) for warning in caught]
    if math.isnan(score):
        return _Result(name, score, reasons[0] if reasons else "the metric is nan")
    for warning in caught:
        warnings.warn(warning.message, warning.category, stacklevel=3)
    return _Result(name, score)


def _call_quietly(metric: Metric, entries: Group) -> tuple[float, list[warnings.WarningMessage]]:
    """Return the score of a metric, and the warnings that it raised.

    One thread at a time: until Python 3.14, `catch_warnings` replaces the filters of the process
    and restores them, and the second of two threads may restore those of the first for good.
    """
    weight = {} if entries.weight is None else {"sample_weight": entries.weight}
    with _CATCHING, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = metric(entries.labels, entries.predictions, **weight)
        return _as_number(found), caught


def _as_number(score: Any) -> float:
    """Return what a metric returned as Python's number; refuse a matrix, a tuple or None."""
    if getattr(score, "shape", ()) == ():
        with contextlib.suppress(TypeError, ValueError):
            return float(score)
    msg = f"`metric` must return one number, got {shown(score)}; wrap it in a function that does"
    raise TypeError(msg)


def _report(results: Sequence[_Result], undefined: str) -> None:
    """Warn of the classes without a score, raise, or ignore them, as `undefined` says."""
    without = [result for result in results if math.isnan(result.score)]
    if not without or undefined == "ignore":
        return
    named = [f"{result.name} ({result.reason})".strip() for result in without[:10]]
    named += [f"and of {len(without) - 10} more"] if len(without) > 10 else []
    msg = f"the metric is not defined {', '.join(named)}"
    errors = [result.error for result in without if result.error is not None]
    if undefined == "raise" or (errors and len(without) == len(results)):
        raise ValueError(msg) from (errors[0] if errors else None)
    left_out = "the average is NaN" if len(without) == len(results) else "left out of the average"
    warnings.warn(f"{msg}; {left_out}", stacklevel=3)
