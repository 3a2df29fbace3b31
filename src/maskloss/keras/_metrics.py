"""Metrics of Keras on the labels that are observed."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

import keras
from keras import metrics, ops

# Keras has no public name for it.
from keras.src.backend import get_keras_mask

from .._arrays.kinds import shown
from .._arrays.lookup import array_namespace
from .._inputs.missing import Missing, is_missing
from .._signatures import show_types
from ._keywords import as_option, in_configuration
from ._tensors import as_labels, as_weight, line_up, line_up_labels

# Metrics of which an entry is a row along the last axis, such as the classes of a softmax.
_OF_ROWS = (
    metrics.CategoricalAccuracy,
    metrics.CategoricalCrossentropy,
    metrics.CategoricalHinge,
    metrics.ConcordanceCorrelation,
    metrics.CosineSimilarity,
    metrics.KLDivergence,
    metrics.PearsonCorrelation,
    metrics.SparseCategoricalAccuracy,
    metrics.SparseCategoricalCrossentropy,
    metrics.SparseTopKCategoricalAccuracy,
    metrics.TopKCategoricalAccuracy,
)


class _Entries(NamedTuple):
    """Labels, predictions and weights as the wrapped metric gets them, one entry per row."""

    labels: Any
    prediction: Any
    weight: Any


@keras.saving.register_keras_serializable("maskloss")
class MaskedMetric(metrics.Metric):  # type: ignore[misc]
    """A metric of Keras on observed labels; for ``compile(metrics=[...])``.

    Parameters
    ----------
    metric : keras.metrics.Metric, str or callable
        The metric: an instance, a name, or a function of labels and predictions. A name must be
        that of one metric, such as ``"binary_accuracy"``, and not ``"accuracy"``.
    missing : float, or tuple or list of float, optional
        Label values that mean missing, such as ``-1`` or ``nan``. The mask that layers of Keras
        pass on with a prediction counts as well.
    rows : bool, optional
        Whether an entry is a row along the last axis, with class indices or a number per class as
        labels, and not a single number. By default as in Keras' own metrics; for a function or a
        metric of your own, False.
    name : str, optional
        The name in the logs; by default that of the metric.
    dtype : str, optional
        The dtype of the result; by default that of the metric.

    Raises
    ------
    TypeError
        If `metric` is no metric of labels, predictions and sample weights.
    ValueError
        If the name is unknown or ambiguous, or shapes do not fit.

    Notes
    -----
    The metric gets every entry as a sample of its own, with weight 0 where the label is missing,
    and harmless numbers in place of label and prediction. So a mean is over the observed labels,
    and not over samples. A row is left out if one of its labels is missing. Metrics with a number
    per class, `keras.metrics.AUC` with ``multi_label=True``, `R2Score`, and `FBetaScore` and
    `F1Score` with a threshold, are those of the observed labels of each class. A `sample_weight`
    of ``weighted_metrics`` multiplies: a weight per sample, or per label. Without an observed
    label, the metric is what Keras gives for no sample.

    Examples
    --------
    >>> import keras
    >>> import maskloss.keras as mlk
    >>> metric = mlk.MaskedMetric(keras.metrics.BinaryAccuracy(threshold=0.0), missing=-1)
    >>> metric.update_state([[1, -1], [0, 1]], [[2.0, 3.0], [-1.0, -2.0]])
    >>> print(round(float(metric.result()), 3))
    0.667
    """

    @show_types
    def __init__(
        self,
        metric: Any,
        *,
        missing: Missing = None,
        rows: bool | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        metric = _metric_of(metric)
        super().__init__(name=name or metric.name, dtype=dtype or metric.dtype)
        self.metric = metric
        self.missing = as_option("missing", missing)
        self.rows = rows

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add the observed labels of a batch.

        Parameters
        ----------
        y_true : tensor
            The labels.
        y_pred : tensor
            The predictions.
        sample_weight : tensor, optional
            A weight per sample or per label.
        """
        mask, prediction = get_keras_mask(y_pred), ops.convert_to_tensor(y_pred)
        is_of_rows = _is_of_rows(self.metric) if self.rows is None else self.rows
        labels = line_up_labels(as_labels(y_true), prediction, may_be_indices=is_of_rows)
        _check_shapes(labels.shape, prediction.shape, is_of_rows=is_of_rows)
        observed = self._observed(labels, prediction)
        if is_of_rows and len(labels.shape) == len(prediction.shape):
            observed = ops.all(observed, axis=-1)
        entry = prediction[..., 0] if is_of_rows else prediction
        if mask is not None:
            observed = ops.logical_and(observed, line_up(ops.cast(mask, "bool"), entry))
        weight = None if sample_weight is None else as_weight(sample_weight, entry)
        update = _update_rows if is_of_rows else _update_elements
        update(self.metric, labels, prediction, observed, weight)

    def result(self) -> Any:
        """Return the metric of all labels that were observed since the last reset."""
        return self.metric.result()

    def reset_state(self) -> None:
        """Forget all labels."""
        self.metric.reset_state()

    def get_config(self) -> dict[str, Any]:
        """Return the keywords that make the same metric."""
        metric = keras.saving.serialize_keras_object(self.metric)
        missing = in_configuration(self.missing)
        return {**super().get_config(), "metric": metric, "missing": missing, "rows": self.rows}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MaskedMetric:
        """Return the metric of a configuration."""
        metric = keras.saving.deserialize_keras_object(config["metric"])
        return cls(**{**config, "metric": metric})

    def _observed(self, labels: Any, prediction: Any) -> Any:
        if self.missing is None:
            return ops.ones_like(labels, dtype="bool")
        xp = array_namespace({"y_true": labels, "y_pred": prediction})
        return ops.logical_not(is_missing(xp, "y_true", labels, self.missing))


def _metric_of(metric: Any) -> Any:
    """Return a metric of Keras by its name, its function or itself."""
    if isinstance(metric, str) and metric.lower() in {"accuracy", "acc"}:
        msg = (
            f"`metric` must be one metric, got {shown(metric)}, for which Keras chooses one by the "
            f"shapes; write 'binary_accuracy', 'categorical_accuracy' or "
            f"'sparse_categorical_accuracy'"
        )
        raise ValueError(msg)
    found = metrics.get(metric)
    if not isinstance(found, metrics.Metric):
        if not callable(found):
            msg = f"`metric` must be a metric of Keras, a name or a function, got {shown(metric)}"
            raise TypeError(msg)
        name = getattr(found, "__name__", type(found).__name__)
        found = metrics.MeanMetricWrapper(found, name=name)
    if "y_true" not in inspect.signature(found.update_state).parameters:
        msg = (
            f"`metric` must be updated by labels, predictions and sample weights, got "
            f"{type(found).__name__}, which takes values alone"
        )
        raise TypeError(msg)
    return found


def _is_of_rows(metric: Any) -> bool:
    if isinstance(metric, metrics.FBetaScore):
        return metric.threshold is None
    if getattr(metric, "top_k", None) is not None:
        return True
    is_sparse = getattr(metric, "sparse_y_true", True) and getattr(metric, "sparse_y_pred", True)
    return isinstance(metric, _OF_ROWS) or not is_sparse


def _check_shapes(labels: Any, prediction: Any, *, is_of_rows: bool) -> None:
    """Raise unless labels and prediction have one shape, or the labels are class indices."""
    pairs = zip(labels, prediction, strict=False)
    fits = all(size is None or other is None or size == other for size, other in pairs)
    if not fits or len(prediction) - len(labels) not in ({0, 1} if is_of_rows else {0}):
        advice = "" if is_of_rows else "; if a row of predictions is one entry, pass rows=True"
        msg = (
            f"`y_true` must have the shape of `y_pred`, {tuple(prediction)}, got "
            f"{tuple(labels)}{advice}"
        )
        raise ValueError(msg)


def _update_rows(metric: Any, labels: Any, prediction: Any, observed: Any, weight: Any) -> None:
    """Update by rows as samples. The rows of ones that stand in are finite as probabilities."""
    entries = _neutral(labels, prediction, observed, weight, fill=1)
    are_indices = len(labels.shape) < len(prediction.shape)
    metric.update_state(
        ops.reshape(entries.labels, (-1,) if are_indices else _rows(labels)),
        ops.reshape(entries.prediction, _rows(prediction)),
        sample_weight=ops.reshape(entries.weight, (-1,)),
    )


def _update_elements(metric: Any, labels: Any, prediction: Any, observed: Any, weight: Any) -> None:
    """Update by elements as samples, or by the labels of each class for metrics per class."""
    if isinstance(metric, metrics.FBetaScore):
        _update_f_score(metric, labels, prediction, observed, weight)
        return
    # A prediction of 1/2 is finite for metrics of probabilities and of numbers alike.
    entries = _neutral(labels, prediction, observed, weight, fill=0.5)
    number = getattr(metric, "class_id", None)
    is_per_class = isinstance(metric, metrics.R2Score) or getattr(metric, "multi_label", False)
    shape = _rows(prediction) if is_per_class or number is not None else (-1, 1)
    labels, prediction, weight = (ops.reshape(array, shape) for array in entries)
    if not is_per_class:
        weight = weight[:, number or 0]
    metric.update_state(labels, prediction, sample_weight=weight)


def _update_f_score(metric: Any, labels: Any, prediction: Any, observed: Any, weight: Any) -> None:
    """Update an F score, which weighs samples alone: a true negative has no part in it."""
    if weight is not None and any(size != 1 for size in weight.shape[1:]):
        msg = f"`sample_weight` of {type(metric).__name__} must be per sample, got {weight.shape}"
        raise ValueError(msg)
    entries = _neutral(labels, prediction, observed, None, fill=0)
    weight = None if weight is None else ops.reshape(weight, (-1,))
    metric.update_state(entries.labels, entries.prediction, sample_weight=weight)


def _neutral(labels: Any, prediction: Any, observed: Any, weight: Any, *, fill: float) -> _Entries:
    """Return weight 0, label 0 and the prediction `fill` where a label is not observed."""
    dtype = keras.backend.result_type(prediction.dtype, "float32")
    weights = ops.cast(observed, dtype)
    if weight is not None:
        weights = ops.where(observed, weight, ops.zeros_like(weights))
    neutral = ((labels, ops.zeros_like(labels)), (prediction, ops.full_like(prediction, fill)))
    filled = []
    for array, other in neutral:
        is_longer = len(array.shape) > len(observed.shape)
        kept = ops.expand_dims(observed, -1) if is_longer else observed
        filled.append(ops.where(kept, array, other))
    return _Entries(filled[0], filled[1], weights)


def _rows(array: Any) -> tuple[int, int]:
    return (-1, array.shape[-1])
