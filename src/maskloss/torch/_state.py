"""Store the options of losses on modules, and show them."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor
from torch.nn import Module, Parameter


def keep(module: Module, name: str, value: object) -> None:
    """Set an option as an attribute; a tensor becomes a buffer, which moves with the module.

    None becomes an empty buffer, so that a tensor assigned later becomes a buffer as well.
    """
    if value is None or (isinstance(value, Tensor) and not isinstance(value, Parameter)):
        module.register_buffer(name, value)
    else:
        setattr(module, name, value)


def shown(options: Mapping[str, object]) -> str:
    """Format options as in a call, with shapes in place of tensors."""
    return ", ".join(f"{name}={_shown(value)}" for name, value in options.items())


def _shown(value: object) -> str:
    return f"Tensor{tuple(value.shape)}" if isinstance(value, Tensor) else repr(value)
