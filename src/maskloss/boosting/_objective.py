"""Base classes of the objectives and metrics for all boosting libraries."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from .._arrays.kinds import scalar, shown
from .._arrays.numpy import xp
from .._arrays.typing import Array
from .._inputs.missing import Missing, as_tuple, is_missing
from .._registry import without_partial
from .._signatures import show_types
from .._transforms import grad_and_hessian
from ._hessian import positive_hessian
from ._labels import MISSING, mark_missing
from ._start import minimiser_of_row, minimiser_per_target
from ._trainable import layout_of


class Objective:
    """A loss of maskloss on raw predictions, with labels that hold `MISSING`.

    Attributes
    ----------
    loss : callable
        The loss.
    hessian : float or None
        The constant Hessian in place of the curvature, if any.
    """

    # Whether the library calls the objective on some of the samples at a time.
    _splits_samples: ClassVar[bool] = False
    # Advice in errors: how each sample gets several predictions.
    _row_advice: ClassVar[str] = "give labels of several targets, a column each"

    @show_types
    def __init__(
        self,
        loss: Callable[..., Array],
        *,
        hessian: float | None = None,
        missing: Missing = None,
        weight: Array | float | None = None,
        **options: Any,
    ) -> None:
        loss, given = without_partial(loss)
        of_partial = {name: given.pop(name, None) for name in ("missing", "weight")}
        missing = of_partial["missing"] if missing is None else missing
        weight = of_partial["weight"] if weight is None else weight
        options = given | options
        layout = layout_of(loss, options, in_parts=self._splits_samples)
        if any(math.isnan(value) for value in as_tuple(missing)):
            msg = (
                "`missing`=nan: no boosting library passes NaN labels to an objective; give it "
                "maskloss.boosting.mark_missing(labels), which every objective takes for missing"
            )
            raise ValueError(msg)
        if hessian is not None and not (scalar(hessian) or 0) > 0:
            got = shown(hessian)
            msg = f"`hessian` must be a number above 0, or None for the curvature, got {got}"
            raise ValueError(msg)
        if weight is not None and np.ndim(weight) not in {0, 2}:
            msg = f"`weight` must be a number or of shape (1, targets), got {np.shape(weight)}"
            raise ValueError(msg)
        self.loss: Any = loss
        self.hessian: float | None = hessian
        self._layout = layout
        self._missing, self._weight, self._options = missing, weight, options

    def __repr__(self) -> str:
        given = {"hessian": self.hessian, "missing": self._missing, "weight": self._weight}
        given = {name: value for name, value in given.items() if value is not None}
        keywords = [f", {name}={value!r}" for name, value in {**self._options, **given}.items()]
        return f"{type(self).__name__}({self.loss.__name__}{''.join(keywords)})"

    def __deepcopy__(self, memo: object) -> Self:
        # An objective is immutable. scikit-learn cannot clone an estimator of CatBoost whose
        # parameters change identity when they are copied (scikit-learn 1.9).
        return self

    @property
    def is_of_rows(self) -> bool:
        """Whether an entry of the loss is a row of predictions."""
        return self._layout.row_axes is not None

    def derivatives(
        self, predictions: Array, labels: Array, sample_weight: Array | None
    ) -> tuple[Array, Array]:
        """Return gradient and Hessian of the sum of the loss; both are 0 for a missing label."""
        labels, mask, weight, unit = self._read(predictions, labels, sample_weight)
        gradient, curvature = grad_and_hessian(self.loss)(
            predictions, labels, weight=weight, reduction="sum", **self._options
        )
        if self.hessian is not None:
            return gradient, np.broadcast_to(self.hessian * unit, gradient.shape).copy()
        return gradient, positive_hessian(
            curvature, unit, is_of_classes=mask.ndim < predictions.ndim
        )

    def mean(self, predictions: Array, labels: Array, sample_weight: Array | None) -> float:
        """Return the weighted mean of the loss; raise if no label is observed."""
        labels, _, weight, unit = self._read(predictions, labels, sample_weight)
        check_observed(unit.any())
        keywords = {"weight": weight, "reduction": "weighted_mean"}
        return float(self.loss(predictions, labels, **keywords, **self._options))

    def sums(self, predictions: Array, labels: Array, sample_weight: Array | None) -> Array:
        """Return the sum of the loss and that of the weights, which workers may add up."""
        labels, _, weight, _ = self._read(predictions, labels, sample_weight)
        keywords = {"weight": weight, "reduction": "sums"}
        found = self.loss(predictions, labels, **keywords, **self._options)
        return np.asarray([found.total, found.weight], np.float64)

    def start(
        self, labels: Any, weight: Array | None = None, *, num_class: int | None = None
    ) -> Any:
        """Return the constant prediction with the least loss over the observed labels.

        The libraries start their own objectives there, and an objective in Python at 0.

        Parameters
        ----------
        labels : array, DataFrame or Series
            The labels of the training set, as `mark_missing` returns or accepts them.
        weight : array, optional
            A weight per row, or one per label of several targets.
        num_class : int, optional
            The number of classes of class indices, by default the largest index and one.

        Returns
        -------
        float or array
            A number for labels of one target; an array with a number for each of several targets,
            or for each class. A target without an observed label starts at 0.

        Raises
        ------
        ValueError
            If no label is observed.

        Examples
        --------
        >>> import numpy as np
        >>> import maskloss as ml
        >>> from maskloss.boosting import LightGBMObjective
        >>> round(LightGBMObjective(ml.mse_loss).start(np.asarray([9.0, np.nan, 12.0])), 3)
        10.5
        """
        labels = mark_missing(labels)
        rows = None if weight is None else np.asarray(weight, dtype=np.float64)
        takes_indices = self.is_of_rows and not self._layout.coupled
        if labels.ndim > 1 or not takes_indices:
            return self._start_of_targets(labels, rows)
        classes, positions = np.unique(labels, return_inverse=True)
        number = int(classes.max(initial=0)) + 1 if num_class is None else num_class
        counts = np.bincount(positions, weights=rows).astype(np.float64)
        return self._start_of_rows(np.zeros(number), classes, counts)

    def _start_of_targets(self, labels: Array, weight: Array | None) -> Any:
        zeros = np.zeros(labels.shape)
        if self.is_of_rows:
            self._check_rows(zeros)
            return self._start_of_rows(zeros[0], labels, weight)
        given, _, _, unit = self._read(zeros, labels, weight)
        values = np.ma.getdata(given)
        number = self._check_observed(unit).sum(axis=0)
        number = np.where(number == 0, 1, number)
        center = (unit * values).sum(axis=0) / number
        spread = np.sqrt((unit * (values - center) ** 2).sum(axis=0) / number)

        def slope(row: Array) -> Array:
            with np.errstate(over="ignore"):
                return self._gradient(row, labels, weight) / number

        start = minimiser_per_target(slope, center, np.where(spread == 0, 1, spread))
        start = np.where(unit.any(axis=0), start, 0)
        return float(start) if start.ndim == 0 else start

    def _start_of_rows(self, zeros: Array, labels: Array, weight: Array | None) -> Array:
        shape = (len(labels), *zeros.shape)
        self._check_observed(self._read(np.zeros(shape), labels, weight)[-1])

        def value(row: Array) -> float:
            return self.mean(np.broadcast_to(row, shape).copy(), labels, weight)

        def step(row: Array) -> Array:
            predictions = np.broadcast_to(row, shape).copy()
            derivatives = self.derivatives(predictions, labels, weight)
            gradient, hessian = (array.sum(axis=0) for array in derivatives)
            return gradient / np.where(hessian == 0, 1, hessian)

        return minimiser_of_row(value, step, zeros)

    def _gradient(self, row: Array, labels: Array, weight: Array | None) -> Array:
        """Return the derivative of the sum of the loss by a constant prediction."""
        predictions = np.broadcast_to(row, labels.shape).copy()
        return self.derivatives(predictions, labels, weight)[0].sum(axis=0)

    @staticmethod
    def _check_observed(unit: Array) -> Array:
        if not unit.any():
            msg = "`labels` must hold an observed label with a weight above 0, got none"
            raise ValueError(msg)
        return unit

    def _read(
        self, predictions: Array, labels: Array, sample_weight: Array | None
    ) -> tuple[Array, Array, Array | float | None, Array]:
        """Return labels, mask, weight, and the unit: the weight of each label, 0 if it is missing.

        The labels have the shape that the loss expects, and are masked: a `mask` would be in the
        advice of an error, although the user of an objective gives none.
        """
        self._check_rows(predictions)
        labels = np.asarray(labels)
        has_class_indices = labels.size != predictions.size
        labels = labels if has_class_indices else labels.reshape(predictions.shape)
        mask = labels != np.float32(MISSING)
        if self._missing is not None:
            mask &= ~is_missing(xp, "labels", labels, self._missing)
        labels = np.where(mask, labels, 0)
        if has_class_indices:
            labels = _as_class_indices(labels)
        labels = np.ma.masked_array(labels, ~mask)
        if not has_class_indices and self.is_of_rows and not self._layout.coupled:
            mask = mask.all(axis=self._layout.row_axes)
        weight = self._weight
        if sample_weight is not None and np.size(sample_weight):
            given = np.asarray(sample_weight, predictions.dtype)
            if given.size == len(predictions):
                given = given.reshape((-1,) + (1,) * (predictions.ndim - 1))
            weight = given if weight is None else given * weight
        is_counted = mask[..., None] if mask.ndim < predictions.ndim else mask
        unit = is_counted.astype(predictions.dtype)
        if weight is not None:
            unit = unit * np.where(is_counted, weight, 0)
        return labels, mask, weight, unit

    def _check_rows(self, predictions: Array) -> None:
        """Raise if each sample has one prediction but an entry of the loss is a row of several."""
        if 0 in self._layout.axes_of("predictions", predictions.shape):
            msg = (
                f"`{self.loss.__name__}` takes rows of predictions, but each sample has one "
                f"prediction; {self._row_advice}"
            )
            raise ValueError(msg)


def _as_class_indices(labels: Array) -> Array:
    indices = labels.astype(np.int64)
    if (indices != labels).any():
        first = labels[indices != labels].flat[0]
        msg = f"labels of one column for several outputs must be class indices, got {first:g}"
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
        self.__name__: str = objective.loss.__name__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.objective!r})"

    def __deepcopy__(self, memo: object) -> Self:
        return self  # as `Objective.__deepcopy__`


def check_observed(is_any: Any) -> None:
    """Raise if no label of a metric counts."""
    if not is_any:
        msg = (
            "no label of the evaluation data is observed with a weight above 0; its mean loss "
            "would be 0, the best possible value: leave this data out"
        )
        raise ValueError(msg)
