"""Checks that nothing unobserved reaches the value or the gradient of a loss of your own."""

try:
    import numpy as np  # noqa: F401
except ImportError as _error:
    msg = "maskloss.testing needs NumPy to read masks of every library: pip install numpy"
    raise ImportError(msg) from _error

from ._assertion import assert_mask_ignored
from ._poison import POISONS, poison_unobserved

__all__ = ["POISONS", "assert_mask_ignored", "poison_unobserved"]
