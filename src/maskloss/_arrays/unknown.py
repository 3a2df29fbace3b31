"""Libraries that have no file here, and follow the array API standard."""

from __future__ import annotations

from typing import Any

from .namespace import Namespace


class UnknownNamespace(Namespace):
    """A namespace that looks each function up when it is first asked for.

    The standard takes any object with these functions as attributes: one may make them in a
    `__getattr__` that its `dir` does not tell, or import or deprecate names that nobody needs.
    """

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        value = getattr(self._module, name)
        setattr(self, name, value)  # looked up once
        return value
