"""The class of each fitting loss, and its name in the registries of chemprop."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

from chemprop.nn.metrics import LossFunctionRegistry, MetricRegistry

from .. import _public as ml
from .._class_names import class_name
from .._registry import record_of, refuse_non_loss
from ._metric import (
    BoundedMetric,
    ClassIndexMetric,
    MaskedMetric,
    MeanVarianceMetric,
)

# By hand, as only some losses have one prediction per task of chemprop, or one per class.
_NUMBERS = (
    ml.mse_loss,
    ml.l1_loss,
    ml.huber_loss,
    ml.smooth_l1_loss,
    ml.log_cosh_loss,
    ml.quantile_loss,
)
# Predictions are logits in training, and probabilities in the metrics.
_LOGITS = (
    ml.binary_cross_entropy_with_logits,
    ml.sigmoid_focal_loss,
    ml.poly_loss,
    ml.asymmetric_loss,
    ml.hill_loss,
)
_CLASS_INDICES = (
    ml.cross_entropy,
    ml.softmax_focal_loss,
    ml.generalized_cross_entropy_loss,
    ml.multi_margin_loss,
)


@functools.cache
def _named() -> dict[str, type[MaskedMetric]]:
    """Return the classes by the name in a registry: the loss, with `bounded_` where it is so."""
    named = {loss.__name__: _class(loss, MaskedMetric) for loss in (*_NUMBERS, *_LOGITS)}
    # chemprop reads "<5" as a bound if the name of the loss has "bounded" in it.
    named |= {f"bounded_{loss.__name__}": _class(loss, BoundedMetric) for loss in _NUMBERS}
    named |= {loss.__name__: _class(loss, ClassIndexMetric) for loss in _CLASS_INDICES}
    others = (ml.poisson_nll_loss, ml.binary_cross_entropy)
    named |= {loss.__name__: _class(loss, MaskedMetric) for loss in others}
    # The loss "mve" of chemprop has the constant term.
    named["gaussian_nll_loss"] = _class(ml.gaussian_nll_loss, MeanVarianceMetric, full=True)
    return named


def classes() -> dict[str, type[MaskedMetric]]:
    """Return the classes by their own names."""
    return {made.__name__: made for made in _named().values()}


def register() -> None:
    """Enter the classes in the registries of chemprop."""
    numbers = {loss.__name__ for loss in _NUMBERS}
    for name, made in _named().items():
        is_number = name.removeprefix("bounded_") in numbers
        if is_number or name == "binary_cross_entropy":
            MetricRegistry.register(name)(made)
        if name != "binary_cross_entropy":
            LossFunctionRegistry.register(name)(made)


def _class(
    loss: Callable[..., Any], base: type[MaskedMetric], **options: Any
) -> type[MaskedMetric]:
    record = record_of(loss) or refuse_non_loss(loss)
    prefix, of_targets = "", "of observed targets alone"
    if base is BoundedMetric:
        prefix, of_targets = "Bounded", "of observed targets alone, of which some are bounds"
    namespace = {"__doc__": f"{record.summary}\n\nIt is {of_targets}.", "__module__": __package__}
    return types.new_class(
        prefix + class_name(record.name),
        (base,),
        {"loss": loss, **options},
        lambda body: body.update(namespace),
    )
