"""The losses as `torch.nn.Module`, for what keeps state: devices, checkpoints, training loops."""

try:
    import torch  # noqa: F401
except ImportError as error:
    msg = 'maskloss.torch needs PyTorch, which is not installed: pip install "maskloss[torch]"'
    raise ImportError(msg) from error

from .._class_names import attributes as _attributes
from ._accumulation import AccumulatedMean
from ._all_gather import all_gather
from ._all_reduce import all_reduce
from ._losses import classes as _classes
from ._module import LossModule
from ._objectives import MultiObjective
from ._trainer import compute_loss_func

# Type checkers read `__init__.pyi`, which `nox -s stubs` writes.
__getattr__, __dir__ = _attributes(
    __name__,
    _classes,
    (AccumulatedMean, LossModule, MultiObjective, all_gather, all_reduce, compute_loss_func),
)
