"""How modules keep and show the options of losses."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor
from torch.nn import Module, Parameter


def keep(module: Module, name: str, value: object) -> None:
    """Make an option an attribute: a tensor a buffer, so that it follows to other devices.

    None becomes an empty buffer, so that a tensor that is set later is one as well.
    """
    if value is None or (isinstance(value, Tensor) and not isinstance(value, Parameter)):
        module.register_buffer(name, value)
    else:
        setattr(module, name, value)


def shown(options: Mapping[str, object]) -> str:
    """Return options as they are written in a call, with the shapes of tensors."""
    return ", ".join(f"{name}={_shown(value)}" for name, value in options.items())


def _shown(value: object) -> str:
    return f"Tensor{tuple(value.shape)}" if isinstance(value, Tensor) else repr(value)
