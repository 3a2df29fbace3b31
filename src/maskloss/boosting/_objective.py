"""What the objectives of all boosting libraries share: from a loss to gradient and Hessian."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from maskloss._arrays import numpy as xp
from maskloss._arrays.namespace import library, scalar
from maskloss._arrays.typing import Array
from maskloss._inputs.missing import Missing, as_tuple, is_missing
from maskloss._transforms import grad_and_hessian
from maskloss.boosting._hessian import positive_hessian
from maskloss.boosting._labels import MISSING
from maskloss.boosting._trainable import layout_of


class Objective:
    """A loss of maskloss on raw predictions, with labels that hold `MISSING`.

    Attributes
    ----------
    loss : callable
        The loss.
    hessian : float or None
        The constant that takes the place of its curvature, if any.
    """

    # Whether the library asks for the derivatives of some samples at a time.
    _in_parts: ClassVar[bool] = False
    # How samples come to have several predictions.
    _for_rows: ClassVar[str] = "give labels of several targets, a column each"

    def __init__(
        self,
        loss: Callable[..., Array],
        *,
        hessian: float | None = None,
        missing: Missing = None,
        weight: Array | float | None = None,
        **options: Any,
    ) -> None:
        while isinstance(loss, functools.partial) and not loss.args:
            given = dict(loss.keywords)
            missing = given.pop("missing", None) if missing is None else missing
            weight = given.pop("weight", None) if weight is None else weight
            loss, options = loss.func, {**given, **options}
        layout = layout_of(loss, options, in_parts=self._in_parts)
        if any(math.isnan(value) for value in as_tuple(missing)):
            msg = (
                "`missing`=nan: no boosting library hands NaN labels on; give it the labels as "
                "maskloss.boosting.mark_missing(labels), which are missing for every objective"
            )
            raise ValueError(msg)
        if hessian is not None and not (scalar(hessian) or 0) > 0:
            msg = f"`hessian` must be a number above 0, or None for the curvature, got {hessian!r}"
            raise ValueError(msg)
        if weight is not None and np.ndim(weight) not in {0, 2}:
            msg = f"`weight` must be a number or of shape (1, targets), got {np.shape(weight)}"
            raise ValueError(msg)
        self.loss, self.hessian, self._layout = loss, hessian, layout
        self._missing, self._weight, self._options = missing, weight, options

    def __repr__(self) -> str:
        given = {"hessian": self.hessian, "missing": self._missing, "weight": self._weight}
        given = {name: value for name, value in given.items() if value is not None}
        keywords = [f", {name}={value!r}" for name, value in {**self._options, **given}.items()]
        return f"{type(self).__name__}({self.loss.__name__}{''.join(keywords)})"

    def __deepcopy__(self, memo: object) -> Self:
        # Nothing in it changes, and scikit-learn clones no estimator of CatBoost that copies it.
        return self

    def derivatives(
        self, predictions: Array, labels: Array, sample_weight: Array | None
    ) -> tuple[Array, Array]:
        """Return gradient and Hessian of the sum of the loss, both 0 where labels are missing."""
        labels, mask, weight, unit = self._read(predictions, labels, sample_weight)
        gradient, curvature = grad_and_hessian(self.loss)(
            predictions, labels, mask=mask, weight=weight, reduction="sum", **self._options
        )
        if self.hessian is not None:
            return gradient, np.broadcast_to(self.hessian * unit, gradient.shape).copy()
        return gradient, positive_hessian(
            curvature, unit, is_of_classes=mask.ndim < predictions.ndim
        )

    def mean(self, predictions: Array, labels: Array, sample_weight: Array | None) -> float:
        """Return the weighted mean of the loss; refuse labels of which none is observed."""
        labels, mask, weight, unit = self._read(predictions, labels, sample_weight)
        if not unit.any():
            msg = (
                "no label of the evaluation data is observed, or none with a weight above 0; its "
                "mean loss would be 0, the best there is: leave that data out"
            )
            raise ValueError(msg)
        keywords = {"mask": mask, "weight": weight, "reduction": "weighted_mean"}
        return float(self.loss(predictions, labels, **keywords, **self._options))

    def _read(
        self, predictions: Array, labels: Array, sample_weight: Array | None
    ) -> tuple[Array, Array, Array | float | None, Array]:
        """Return labels in the shape of the loss, mask, weight, and how much each label counts."""
        self._check_rows(predictions)
        labels = np.asarray(labels)
        is_indexed = labels.size != predictions.size
        labels = labels if is_indexed else labels.reshape(predictions.shape)
        mask = labels != np.float32(MISSING)
        if self._missing is not None:
            mask &= ~is_missing(xp, "labels", labels, self._missing)
        labels = np.where(mask, labels, 0)
        if is_indexed:
            labels = _as_indices(labels)
        elif self._layout.row_axes is not None and not self._layout.coupled:
            mask = mask.all(axis=self._layout.row_axes)
        weight = self._weight
        if sample_weight is not None and np.size(sample_weight):
            axes = (-1,) + (1,) * (predictions.ndim - 1)
            of_rows = np.asarray(sample_weight, predictions.dtype).reshape(axes)
            weight = of_rows if weight is None else of_rows * weight
        is_counted = mask[..., None] if mask.ndim < predictions.ndim else mask
        unit = is_counted.astype(predictions.dtype)
        return labels, mask, weight, unit if weight is None else unit * weight

    def _check_rows(self, predictions: Array) -> None:
        """Refuse one prediction for each sample where an entry is a row of several."""
        if 0 in self._layout.axes_of("predictions", predictions.shape):
            msg = (
                f"`{self.loss.__name__}` is of rows of predictions, and each sample has one; "
                f"{self._for_rows}"
            )
            raise ValueError(msg)


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
        self.__name__ = objective.loss.__name__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.objective!r})"

    def __deepcopy__(self, memo: object) -> Self:
        return self  # as its objective


Native = tuple[Array, Array, Array | None]


_NAMES = {"lightgbm": "LightGBM", "xgboost": "XGBoost"}


def read_native(
    own: str, first: Array, second: Any, sample_weight: Array | None
) -> tuple[bool, Native]:
    """Tell a call of a library's own API from one of its scikit-learn API, by its arguments.

    The first brings predictions and a data set, the second labels and predictions. A data set of
    another library than the `own` is refused: what a metric has to return differs between them.
    """
    if hasattr(second, "get_label"):
        given = _NAMES.get(library(second).partition(".")[0], own)
        if given != own:
            msg = f"what is for {own} got data of {given}; take {given}Objective, and its metric"
            raise TypeError(msg)
        return True, (first, second.get_label(), second.get_weight())
    return False, (second, first, sample_weight)


class CallableObjective(Objective):
    """An objective that its library calls, in its own API or in that of scikit-learn."""

    _library: ClassVar[str]

    def __call__(
        self, first: Array, second: Any, sample_weight: Array | None = None
    ) -> tuple[Array, Array]:
        """Return gradient and Hessian for predictions and a data set, or labels and predictions."""
        _, given = read_native(self._library, first, second, sample_weight)
        return self.derivatives(*given)
