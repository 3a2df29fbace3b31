"""The base class of the losses of Keras, each of which calls a function of maskloss."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import keras
from keras import ops

# Keras 3.15 has no public name for either.
from keras.src.backend import get_keras_mask
from keras.src.losses.loss import scale_loss_for_distribution

from .._arrays.typing import Array
from .._registry import record_of, refuse_non_loss
from ._documentation import document
from ._keywords import (
    Parameters,
    as_option,
    as_reduction,
    check_keywords,
    check_of_probabilities,
    in_configuration,
    parameters_of,
    with_signature,
)
from ._tensors import as_argument, as_labels, as_weight, line_up, line_up_labels


class MaskedLoss(keras.losses.Loss):  # type: ignore[misc]
    """The base class of the losses of `maskloss.keras`, each made of a function of maskloss.

    Parameters
    ----------
    missing : float, or tuple or list of float, optional
        Label values that mean missing, such as ``-1`` or ``nan``.
    reduction : str or None, default: "sum_over_batch_size"
        ``"sum_over_batch_size"`` and ``"mean"``: the sum of w l divided by the number of observed
        entries; ``"mean_with_sample_weight"``: divided by the sum of their weights; ``"sum"``: the
        sum of w l; None and ``"none"``: w l per entry, 0 where missing; ``"weighted_mean"``,
        ``"mean_over_all"``, ``"macro"`` and ``"samples"``: as for the functions of maskloss.
    divisor : float, optional
        Replaces the denominator of a mean.
    axis : int or tuple of int, optional
        Reduce over these axes of the entries only.
    empty : float or "raise", default: 0.0
        The value of a mean over no observed entry; ``"raise"`` works only where nothing is traced.
    name : str, optional
        Name of the loss; by default the name of its class, in snake case.
    dtype : str, optional
        The dtype to cast predictions to; by default they keep theirs. Half precision is computed
        in float32.
    **options : dict
        Keywords of the function.

    Raises
    ------
    TypeError
        If a keyword is unknown or missing, or belongs to each call.
    ValueError
        If a keyword has an unknown value.

    Notes
    -----
    A loss is called with labels, predictions and `sample_weight`, as `fit` calls it, and passes
    them to the function as labels, prediction and ``weight``. Their shapes may follow Keras: a
    `sample_weight` with fewer axes than the prediction lines up with its first axes; labels may
    have a last axis of size 1 more or less than the predictions. Labels keep their dtype. A sample
    with weight 0 is observed and counts. The mask that layers of Keras pass on with a prediction is
    the ``mask``.

    Examples
    --------
    >>> import maskloss.keras as mlk
    >>> loss = mlk.MaskedMeanSquaredError(missing=(-1, float("nan")))
    >>> print(float(loss([[1.0, -1.0], [float("nan"), 5.0]], [[0.0, 7.0], [7.0, 2.0]])))
    5.0
    """

    # Set for each loss; `_of_probabilities` where it takes probabilities, unless `from_logits`.
    function: ClassVar[Callable[..., Array]]
    _of_probabilities: ClassVar[Callable[..., Array] | None]
    _parameters: ClassVar[Parameters]
    _defaults: ClassVar[dict[str, object]]
    _has_rows_of_classes: ClassVar[bool]

    def __init_subclass__(
        cls,
        *,
        function: Callable[..., Array] | None = None,
        of_probabilities: Callable[..., Array] | None = None,
        **defaults: object,
    ) -> None:
        """Make a loss of a function, with Keras' defaults of its keywords."""
        super().__init_subclass__()
        if function is None:
            return  # a subclass of a loss
        record = record_of(function) or refuse_non_loss(function)
        cls.function = staticmethod(function)
        cls._of_probabilities = of_probabilities and staticmethod(of_probabilities)
        cls._defaults = defaults
        cls._has_rows_of_classes = record.has_rows_of_classes
        cls._parameters = parameters_of(
            record, takes_probabilities=of_probabilities is not None, defaults=defaults
        )
        cls.__init__ = with_signature(MaskedLoss.__init__, cls._parameters)  # type: ignore[method-assign]
        cls.__module__ = __package__
        cls.__doc__ = document(cls._parameters, function, MaskedLoss.__doc__ or "")
        keras.saving.register_keras_serializable("maskloss")(cls)

    def __init__(
        self,
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        own_name = type(self).__name__
        if not hasattr(self, "function"):
            msg = "MaskedLoss is a base class; make a loss of it, such as MaskedMeanSquaredError"
            raise TypeError(msg)
        options = {keyword: as_option(keyword, value) for keyword, value in options.items()}
        check_keywords(own_name, self._parameters, options | {"reduction": reduction})
        if self._of_probabilities and not options.get("from_logits"):
            check_of_probabilities(own_name, self._of_probabilities, options)
        super().__init__(name=name or _in_snake_case(own_name), dtype=dtype)
        self.reduction = reduction
        self.options = options
        self._cast_to = None if dtype is None else self.dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the reduced loss; Keras' own call would cast labels and count missing entries."""
        reduction = as_reduction(self.reduction)
        with keras.name_scope(self.name):
            loss = self._evaluate(y_true, y_pred, sample_weight, reduction)
            is_local = self.options.get("divisor") is None and reduction not in {"sum", "none"}
            # Keras adds up the results of the replicas of tf.distribute.
            return scale_loss_for_distribution(loss) if is_local else loss

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss per entry, 0 where missing."""
        return self._evaluate(y_true, y_pred, None, "none")

    def get_config(self) -> dict[str, Any]:
        """Return the keywords that make the same loss."""
        given = {name: in_configuration(value) for name, value in self.options.items()}
        dtype = {} if self._cast_to is None else {"dtype": self._cast_to}
        return {"name": self.name, "reduction": self.reduction, **dtype, **given}

    def _evaluate(self, y_true: Any, y_pred: Any, sample_weight: Any, reduction: str) -> Any:
        mask = get_keras_mask(y_pred)
        prediction = ops.convert_to_tensor(y_pred, dtype=self._cast_to)
        function, options = self._call_of(prediction)
        if mask is not None:
            options["mask"] = line_up(mask, prediction)
        if sample_weight is not None:
            options["weight"] = as_weight(sample_weight, prediction)
        labels = line_up_labels(
            as_labels(y_true), prediction, may_be_indices=self._has_rows_of_classes
        )
        return function(prediction, labels, **options, reduction=reduction)

    def _call_of(self, prediction: Array) -> tuple[Callable[..., Array], dict[str, Any]]:
        """Return the function to call and its keywords."""
        options = {**self._defaults, **self.options}
        function = self.function
        if self._of_probabilities and not options.pop("from_logits", False):
            function = self._of_probabilities
        return function, {name: as_argument(v, prediction) for name, v in options.items()}


def _in_snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
