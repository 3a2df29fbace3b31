"""Losses for incomplete labels, on every array library."""

from maskloss._binary import binary_cross_entropy, binary_cross_entropy_with_logits
from maskloss._categorical import cross_entropy
from maskloss._regression import l1_loss, mse_loss
from maskloss._sums import Sums
from maskloss._transforms import grad_and_hessian, value_and_grad

__version__ = "0.1.0"

__all__ = [
    "Sums",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "grad_and_hessian",
    "l1_loss",
    "mse_loss",
    "value_and_grad",
]
