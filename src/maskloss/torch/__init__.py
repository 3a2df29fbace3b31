"""The losses as `torch.nn.Module`, for what keeps state: devices, checkpoints, training loops."""

try:
    import torch  # noqa: F401
except ImportError as error:
    msg = 'maskloss.torch needs PyTorch, which is not installed: pip install "maskloss[torch]"'
    raise ImportError(msg) from error

from maskloss._class_names import attributes as _attributes
from maskloss.torch._accumulation import AccumulatedMean
from maskloss.torch._all_gather import all_gather
from maskloss.torch._all_reduce import all_reduce
from maskloss.torch._losses import classes as _classes
from maskloss.torch._module import LossModule
from maskloss.torch._objectives import MultiObjective
from maskloss.torch._trainer import compute_loss_func

# Type checkers read `__init__.pyi`, which `nox -s stubs` writes.
__getattr__, __dir__ = _attributes(
    __name__,
    _classes,
    (AccumulatedMean, LossModule, MultiObjective, all_gather, all_reduce, compute_loss_func),
)
