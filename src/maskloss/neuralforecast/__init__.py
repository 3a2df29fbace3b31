"""Losses for the models of neuralforecast."""

try:
    from neuralforecast import register_loss as _register_loss
except ImportError as _error:
    msg = "maskloss.neuralforecast needs neuralforecast 3.3 or later: pip install neuralforecast"
    raise ImportError(msg) from _error

from ._point_loss import MaskedPointLoss

_register_loss(MaskedPointLoss)  # neuralforecast saves and loads the losses that it knows
__all__ = ["MaskedPointLoss"]
