"""Policy losses for verl, which the import of this package registers."""

try:
    import verl  # noqa: F401
except ImportError as _error:
    msg = "maskloss.verl needs verl, which is not installed: pip install verl"
    raise ImportError(msg) from _error

from ._policy_losses import (
    cispo_policy_loss,
    clipped_policy_loss,
    sapo_policy_loss,
)

__all__ = ["cispo_policy_loss", "clipped_policy_loss", "sapo_policy_loss"]
