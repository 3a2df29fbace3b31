"""Score predictions on observed labels, by metrics that do not accept missing labels."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from maskloss._arrays.lookup import array_namespace
from maskloss._arrays.masked import split_masked_array
from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array
from maskloss._inputs.dtypes import as_mask
from maskloss._inputs.entries import MaskedLabels, what_is_observed
from maskloss._inputs.layout import BoundLayout
from maskloss._inputs.missing import Missing
from maskloss._inputs.options import check_choice
from maskloss._labels.docstrings import documented

Metric = Callable[[Array, Array], float]


@documented
def masked_score(
    metric: Metric,
    labels: Array,
    predictions: Array,
    *,
    mask: Array | None = None,
    missing: Missing = None,
    average: Literal["macro", "micro"] | None = "macro",
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
    labels : array
        Labels, with classes or targets along the last axis. The mask of `numpy.ma` labels counts as
        well. Labels of one dimension are of a single class, or are class indices.
    predictions : array
        Predictions in the shape of `labels`; for labels of one dimension, also one row per label.
    **observation
    average : str or None, default: "macro"
        ``"macro"``: the mean over the classes for which the metric is defined; ``"micro"``: the
        metric of all observed entries, taken together as one class; None: one score per class, NaN
        where the metric is not defined.
    names : sequence of str, optional
        The names of the classes in warnings and errors; by default the number of each class.
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
        If shapes do not fit, an observed label or its prediction is NaN, a keyword has an unknown
        value, or the metric raises a `ValueError` for every class.

    Notes
    -----
    The metric is not defined for a class without an observed label, nor where the metric returns
    NaN or raises a `ValueError`. `sklearn.metrics.roc_auc_score` and `log_loss` raise or return NaN
    if all labels are the same. `average_precision_score` returns 0 for a class without a positive;
    ``defined=numpy.any`` leaves such a class out.

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
            f"sklearn.metrics.roc_auc_score, got {metric!r}; pass the function itself"
        )
        raise TypeError(msg)
    check_choice("average", average, ("macro", "micro", None))
    check_choice("undefined", undefined, ("warn", "raise", "ignore"))
    xp, *arrays = _read(labels, predictions, mask, missing)
    number = arrays[0].shape[-1] if len(arrays[0].shape) > 1 else 1
    if names is not None and len(names) != number:
        msg = f"`names` must hold one name for each of {number} classes, got {len(names)}"
        raise ValueError(msg)
    if average == "micro" or len(arrays[0].shape) == 1:
        titles, classes = [""], _one_class(xp, *arrays)
    else:
        titles = [f" for class {n!r}" for n in (range(number) if names is None else names)]
        classes = _classes(xp, *arrays)
    results = []
    for name, (*pair, known) in zip(titles, classes, strict=True):
        y, x = (xp.compress(array, known) for array in pair)
        _refuse_nan(xp, name, y, x)
        results.append(_score(metric, name, y, x, defined))
    _report(results, "ignore" if average is None and undefined == "warn" else undefined)
    scores = [result.score for result in results]
    if average is None:
        return xp.asarray(scores, dtype=xp.float_dtype)
    scores = [score for score in scores if not math.isnan(score)]
    return math.fsum(scores) / len(scores) if scores else math.nan


class _Result(NamedTuple):
    """The score of a class; if it is NaN, also the reason, and the error of the metric if any."""

    name: str
    score: float
    reason: str = ""
    error: ValueError | None = None


def _score(
    metric: Metric,
    name: str,
    labels: Array,
    predictions: Array,
    defined: Callable[[Array], bool] | None,
) -> _Result:
    """Score one class, and turn each reason for no score into words."""
    if not labels.shape[0]:
        return _Result(name, math.nan, "no label is observed")
    if defined is not None and not defined(labels):
        return _Result(name, math.nan, "`defined` is false of its labels")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            score = float(metric(labels, predictions))
    except ValueError as error:
        return _Result(name, math.nan, str(error), error)
    reasons = [str(warning.message) for warning in caught]
    if math.isnan(score):
        return _Result(name, score, reasons[0] if reasons else "the metric is nan")
    for warning in caught:
        warnings.warn(warning.message, warning.category, stacklevel=3)
    return _Result(name, score)


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


def _read(
    labels: Array, predictions: Array, mask: Array | None, missing: Missing
) -> tuple[Namespace, Array, Array, Array]:
    """Return the namespace, the labels, the predictions, and the mask of observed labels."""
    xp = array_namespace({"labels": labels, "predictions": predictions})
    labels, known = split_masked_array(labels)
    shape, got = tuple(labels.shape), tuple(predictions.shape)
    if not shape or got[: len(shape)] != shape or (len(shape) > 1 and got != shape):
        msg = (
            f"`predictions` must have the shape of `labels`, {shape}, or a row for each label if "
            f"the labels have one dimension, got {got}"
        )
        raise ValueError(msg)
    layout = BoundLayout(shape)
    mask = layout.line_up_mask(xp, as_mask(xp, True if mask is None else mask, labels))
    observed = what_is_observed(xp, layout, "labels", MaskedLabels(labels, mask, known), missing)
    return xp, labels, predictions, observed


def _one_class(xp: Namespace, *arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Yield labels, predictions and mask once, as if all entries were of one class."""
    is_flat = len(arrays[0].shape) == 1
    yield arrays if is_flat else tuple(xp.reshape(array, (-1,)) for array in arrays)


def _classes(xp: Namespace, *arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Yield labels, predictions and mask of each class."""
    for position in range(arrays[0].shape[-1]):
        yield tuple(xp.reshape(array[..., position], (-1,)) for array in arrays)


def _refuse_nan(xp: Namespace, name: str, labels: Array, predictions: Array) -> None:
    """Raise if an observed label or its prediction is NaN."""
    arrays = {"labels": labels, "predictions": predictions}
    advice = {"labels": "if it means missing, pass missing=nan", "predictions": "mask it"}
    for which, array in arrays.items():
        if xp.isdtype(array.dtype, "real floating") and bool(xp.any(xp.isnan(array))):
            msg = f"`{which}`{name} hold NaN where observed; {advice[which]}"
            raise ValueError(msg)
