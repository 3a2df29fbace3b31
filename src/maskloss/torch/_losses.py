"""The module of each loss, made of its record.

A loss that `torch.nn` has a module for takes its name with `Masked` in front, another the name of
its function.
"""

from __future__ import annotations

import functools
import types

from .._class_names import class_name
from .._public import records
from .._registry import LossRecord
from ._module import LossModule

_NAMES_IN_TORCH = {
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "cross_entropy": "CrossEntropyLoss",
    "gaussian_nll_loss": "GaussianNLLLoss",
    "huber_loss": "HuberLoss",
    "kl_div": "KLDivLoss",
    "l1_loss": "L1Loss",
    "linear_cross_entropy": "LinearCrossEntropyLoss",
    "mse_loss": "MSELoss",
    "multi_margin_loss": "MultiMarginLoss",
    "multilabel_margin_loss": "MultiLabelMarginLoss",
    "multilabel_soft_margin_loss": "MultiLabelSoftMarginLoss",
    "nll_loss": "NLLLoss",
    "poisson_nll_loss": "PoissonNLLLoss",
    "smooth_l1_loss": "SmoothL1Loss",
    "soft_margin_loss": "SoftMarginLoss",
}


def classes() -> dict[str, type[LossModule]]:
    """Return the modules of all losses by name."""
    made = map(_module_of, records())
    return {module.__name__: module for module in made}


@functools.cache
def _module_of(record: LossRecord) -> type[LossModule]:
    in_torch = _NAMES_IN_TORCH.get(record.name)
    name, summary = class_name(record.name), record.summary
    if in_torch is not None:
        name = f"Masked{in_torch}"
        summary += f"\n\nThe loss of `torch.nn.{in_torch}`, of observed entries alone."
    namespace = {"__doc__": summary, "__module__": __package__}
    bases, options = (LossModule,), {"loss": record.function}
    return types.new_class(name, bases, options, lambda body: body.update(namespace))
