"""Kinds of Python values: numbers, arrays of a named class, and their names in errors."""

from __future__ import annotations

import math
import sys
from typing import Any

_NUMBERS = (bool, int, float)
_MOST = int(sys.float_info.max)
_SHOWN = 200


def is_instance(value: object, module: str, name: str) -> bool:
    """Return whether `value` is an instance of a module's class, without importing the module."""
    cls = getattr(sys.modules.get(module), name, None)
    return cls is not None and isinstance(value, cls)


def shown(value: object) -> str:
    """Return how a value looks in an error message; a long text is cut."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - of 5000 digits, or of an object that cannot be written
        return type_name(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({type_name(value)})"


def quoted(name: str) -> str:
    """Return the name of an argument in backticks; words, such as "the logits", as they are."""
    return f"`{name}`" if is_argument(name) else name


def is_argument(name: str) -> bool:
    """Return whether a name in messages names an argument; words, such as "the logits", do not."""
    return not name.startswith("the ")


def type_name(value: object) -> str:
    """Return the library and class of a value, for an error message."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    module = type(value).__module__.partition(".")[0]
    return type(value).__name__ if module == "builtins" else f"{module}.{type(value).__name__}"


def is_number(value: object) -> bool:
    """Return whether `value` is a number, or a symbolic size of torch.export."""
    return isinstance(value, (int, float)) or is_instance(value, "torch", "SymInt")


def scalar(value: object) -> float | None:
    """Return a Python or NumPy scalar as a number, or None for anything else.

    An integer that no float holds is infinite.
    """
    if type(value) is not float:
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(value, numpy.generic):
            value = value.item()
        if not isinstance(value, _NUMBERS):
            return None
        if type(value) is int and not -_MOST <= value <= _MOST:
            return math.copysign(math.inf, value > 0 or -1)
    return value


def integer(value: object) -> int | None:
    """Return a Python or NumPy integer as Python's, or None for anything else and for bools."""
    number: Any = value if type(value) is int else scalar(value)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def if_traced(name: str, value: object) -> str:
    """Return advice for a keyword that JAX traces as an array; an empty string for other values."""
    values = value if isinstance(value, tuple | list) else (value,)
    if not any(is_instance(one, "jax.core", "Tracer") for one in values):
        return ""
    return (
        f"; JAX traces it as an array: keep it a number, by functools.partial(loss, {name}=...) "
        f'before jax.jit or by static_argnames="{name}"'
        f"{', which needs a tuple in place of the list' if isinstance(value, list) else ''}"
    )
