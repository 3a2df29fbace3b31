"""Types of parameters, as they are read and as they are written."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

from maskloss._arrays.typing import Array


class Spelling(str):
    """A type as it is written, which `help` shows without the quotes of a string."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


_SPELLINGS = {Array: "Array", ...: "...", types.EllipsisType: "EllipsisType", type(None): "None"}


def spelled(hint: Any) -> str:
    """Return a type as it is written in code; an array of any library is `Array`."""
    if hint in _SPELLINGS:
        return _SPELLINGS[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    if origin in {Union, types.UnionType}:
        return " | ".join(map(spelled, inner))
    if origin is not None:
        return f"{origin.__name__}[{', '.join(map(spelled, inner))}]"
    return str(hint.__name__)


def takes_array(hint: object) -> bool:
    """Whether a parameter of this type takes an array."""
    return hint is Array or Array in get_args(hint)
