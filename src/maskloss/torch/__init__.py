"""The losses as `torch.nn.Module`, for what keeps state: devices, checkpoints, training loops."""

import sys

try:
    import torch  # noqa: F401
except ImportError as error:
    msg = 'maskloss.torch needs PyTorch, which is not installed: pip install "maskloss[torch]"'
    raise ImportError(msg) from error

from maskloss.torch._accumulation import AccumulatedMean
from maskloss.torch._losses import classes as _classes
from maskloss.torch._module import LossModule
from maskloss.torch._objectives import MultiObjective
from maskloss.torch._trainer import compute_loss_func

# Type checkers read `__init__.pyi`, which `nox -s stubs` writes.
_OTHERS = (AccumulatedMean, LossModule, MultiObjective, compute_loss_func)


def __getattr__(name: str) -> object:
    """Find the module of a loss."""
    if name == "__all__":
        return _names()
    known = _classes()
    if name in known:
        return known[name]
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg, name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted({*globals(), *_names()})


def _names() -> list[str]:
    return sorted({*_classes(), *(public.__name__ for public in _OTHERS)})
