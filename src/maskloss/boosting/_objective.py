"""What the objectives of all boosting libraries share: from a loss to gradient and Hessian."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from array_api_compat import numpy as xp

from maskloss._closed_form import evaluator
from maskloss._domain import REAL
from maskloss._missing import Missing, as_tuple, is_missing
from maskloss._namespace import scalar
from maskloss._options import Settings
from maskloss._sums import Sums
from maskloss._transforms import grad_and_hessian
from maskloss._typing import Array
from maskloss.boosting._hessian import positive_hessian
from maskloss.boosting._labels import MISSING

_SET_HERE = {*Settings._fields} - {"weight", "missing"}


class Objective:
    """A loss of maskloss on raw predictions, with labels that hold `MISSING`.

    Attributes
    ----------
    loss : callable
        The loss.
    hessian : float or None
        The constant that takes the place of its curvature, if any.
    """

    def __init__(
        self,
        loss: Callable[..., Array],
        *,
        hessian: float | None = None,
        missing: Missing = None,
        weight: Array | float | None = None,
        **options: Any,
    ) -> None:
        self.name = _check(loss, options)
        if any(math.isnan(value) for value in as_tuple(missing)):
            msg = (
                "`missing`=nan: no boosting library hands NaN labels on; give it the labels as "
                "maskloss.boosting.mark_missing(labels), which are missing for every objective"
            )
            raise ValueError(msg)
        if hessian is not None and not (scalar(hessian) or 0) > 0:
            msg = f"`hessian` must be a number above 0, or None for the curvature, got {hessian!r}"
            raise ValueError(msg)
        self.loss, self.hessian = loss, hessian
        self._missing, self._weight, self._options = missing, weight, options

    def derivatives(
        self, predictions: Array, labels: Array, sample_weight: Array | None
    ) -> tuple[Array, Array]:
        """Return gradient and Hessian of the sum of the loss, both 0 where labels are missing."""
        labels, observed, weight = self._read(predictions, labels, sample_weight)
        gradient, curvature = grad_and_hessian(self.loss)(
            predictions, labels, mask=observed, weight=weight, reduction="sum", **self._options
        )
        is_indexed = labels.ndim < predictions.ndim
        counts = observed[..., None] if is_indexed else observed
        unit = np.where(counts, 1.0 if weight is None else weight, 0.0)
        if self.hessian is not None:
            return gradient, np.broadcast_to(self.hessian * unit, gradient.shape)
        return gradient, positive_hessian(curvature, unit, is_of_classes=is_indexed)

    def sums(self, predictions: Array, labels: Array, sample_weight: Array | None) -> Sums:
        """Return total, count and weight of the loss at the observed labels."""
        labels, observed, weight = self._read(predictions, labels, sample_weight)
        sums: Sums = self.loss(
            predictions, labels, mask=observed, weight=weight, reduction="sums", **self._options
        )
        return sums

    def _read(
        self, predictions: Array, labels: Array, sample_weight: Array | None
    ) -> tuple[Array, Array, Array | float | None]:
        """Return labels in the shape of the loss, where they are observed, and weights."""
        labels = np.asarray(labels)
        is_indexed = labels.size != predictions.size
        labels = labels if is_indexed else labels.reshape(predictions.shape)
        observed = labels != np.float32(MISSING)
        if self._missing is not None:
            observed &= ~is_missing(xp, "labels", labels, self._missing)
        labels = np.where(observed, labels, 0)
        if is_indexed:
            labels = _as_indices(labels)
        weight = self._weight
        if sample_weight is not None and np.size(sample_weight):
            axes = (-1,) + (1,) * (predictions.ndim - 1)
            of_rows = np.asarray(sample_weight).reshape(axes)
            weight = of_rows if weight is None else of_rows * weight
        return labels, observed, weight


def _check(loss: Any, options: dict[str, Any]) -> str:
    """Refuse a loss or options that no boosting library can use; return the name of the loss."""
    if isinstance(loss, functools.partial):
        return _check(loss.func, {**loss.keywords, **options})
    evaluator(loss)
    keywords = inspect.signature(loss).parameters if inspect.isfunction(loss) else {}
    facts = getattr(loss, "facts", None)
    if facts is None or facts.domains[0] != REAL:
        msg = (
            f"`loss` must be one of predictions that may be any numbers, one array of them, as "
            f"boosted trees add up to; got {getattr(loss, '__name__', loss)!r}; of probabilities, "
            f"take the loss of logits"
        )
        raise ValueError(msg)
    for name in options:
        if name in _SET_HERE or name not in keywords:
            why = "is set by the objective" if name in _SET_HERE else "is none of its keywords"
            msg = f"`{name}` of `{loss.__name__}` {why}; leave it out"
            raise TypeError(msg)
    return str(loss.__name__)


def _as_indices(labels: Array) -> Array:
    indices = labels.astype(np.int64)
    if (indices != labels).any():
        strange = labels[indices != labels].flat[0]
        msg = f"labels of one column for several outputs must be class indices, got {strange:g}"
        raise ValueError(msg)
    return indices


class Score:
    """The mean of an objective's loss over the observed labels.

    Attributes
    ----------
    objective : Objective
        The objective.
    """

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        self.__name__ = objective.name

    def mean(self, predictions: Array, labels: Array, sample_weight: Array | None) -> float:
        """Return the weighted mean; refuse labels of which none is observed."""
        return mean_of(self.objective.sums(predictions, labels, sample_weight))


def mean_of(sums: Sums) -> float:
    """Return the weighted mean of sums over at least one observed label."""
    if not float(sums.weight):
        msg = (
            "no label of the evaluation data is observed, or none with a weight above 0; its mean "
            "loss would be 0, the best there is: leave that data out"
        )
        raise ValueError(msg)
    return float(sums.weighted_mean())


Native = tuple[Array, Array, Array | None]


def read_native(first: Array, second: Any, sample_weight: Array | None) -> tuple[bool, Native]:
    """Tell a call of a library's own API from one of its scikit-learn API, by its arguments.

    The first brings predictions and a data set, the second labels and predictions.
    """
    if hasattr(second, "get_label"):
        return True, (first, second.get_label(), second.get_weight())
    return False, (second, first, sample_weight)
