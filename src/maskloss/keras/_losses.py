"""The loss of Keras of each function of two arrays, made of its record.

A loss that Keras has takes its name with `Masked` in front, another the name of its function. The
same loss is one that gives the same number where nothing is missing, with the same defaults.
"""

from __future__ import annotations

import functools
import types
from typing import Any

from .. import _public as ml
from .._class_names import class_name
from .._losses.categorical.probabilities import cross_entropy_of_probabilities
from .._public import records
from .._registry import LossRecord
from .._signatures import takes_array
from ._base import MaskedLoss

_BINARY: dict[str, Any] = {
    "function": ml.binary_cross_entropy_with_logits,
    "of_probabilities": ml.binary_cross_entropy,
}
_CATEGORICAL: dict[str, Any] = {
    "function": ml.cross_entropy,
    "of_probabilities": cross_entropy_of_probabilities,
}
_IN_KERAS: dict[str, dict[str, Any]] = {
    "MaskedBinaryCrossentropy": _BINARY,
    "MaskedCategoricalCrossentropy": _CATEGORICAL,
    "MaskedHuber": {"function": ml.huber_loss},
    "MaskedLogCosh": {"function": ml.log_cosh_loss},
    "MaskedMeanAbsoluteError": {"function": ml.l1_loss},
    "MaskedMeanSquaredError": {"function": ml.mse_loss},
    "MaskedPoisson": {"function": ml.poisson_nll_loss, "log_input": False, "eps": 1e-7},
    "MaskedSparseCategoricalCrossentropy": _CATEGORICAL,
}
_MADE = {function for keywords in _IN_KERAS.values() for function in keywords.values()}


def classes() -> dict[str, type[MaskedLoss]]:
    """Return the losses of Keras by name."""
    others = [record for record in records() if record.function not in _MADE and _fits(record)]
    return {name: _in_keras(name) for name in _IN_KERAS} | {
        class_name(record.name): _class_of(record) for record in others
    }


def _fits(record: LossRecord) -> bool:
    """Whether labels and predictions are all the arrays that a loss needs."""
    needs_array = any(takes_array(p.annotation) for p in record.required.values())
    return record.inputs is not None and not needs_array


@functools.cache
def _in_keras(name: str) -> type[MaskedLoss]:
    return types.new_class(name, (MaskedLoss,), _IN_KERAS[name])


@functools.cache
def _class_of(record: LossRecord) -> type[MaskedLoss]:
    keywords = {"function": record.function}
    return types.new_class(class_name(record.name), (MaskedLoss,), keywords)
