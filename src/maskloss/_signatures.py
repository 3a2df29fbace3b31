"""The types of parameters: evaluated, and as they are written in code."""

from __future__ import annotations

import functools
import inspect
import re
import types
from collections.abc import Callable, Container, Iterable
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ._arrays.typing import Array
from ._inputs.options import Options, Settings

F = TypeVar("F", bound=Callable[..., object])
_NAME = re.compile(r"\b[A-Za-z_]\w*")


@functools.cache
def shared_parameters() -> dict[str, inspect.Parameter]:
    """Return the keywords that every loss takes."""
    hints, keyword = get_type_hints(Options), inspect.Parameter.KEYWORD_ONLY
    return {
        name: inspect.Parameter(name, keyword, default=default, annotation=hints[name])
        for name, default in Settings._field_defaults.items()
    }


def shared_beside(own: Container[str]) -> dict[str, inspect.Parameter]:
    """Return the keywords that every loss takes, but those that a loss has of its own."""
    return {name: p for name, p in shared_parameters().items() if name not in own}


def shown_signature(
    parameters: Iterable[inspect.Parameter], *, array: str = "Array", returns: str = ""
) -> inspect.Signature:
    """Return a signature with types as written in code, and `array` as the name of arrays."""
    shown = [
        p
        if p.annotation is p.empty
        else p.replace(annotation=_Spelling(spelled(p.annotation).replace("Array", array)))
        for p in parameters
    ]
    return inspect.Signature(
        shown, return_annotation=_Spelling(returns) if returns else inspect.Signature.empty
    )


def show_types(function: F) -> F:
    """Give a function a signature that says what the aliases in its types stand for.

    The other names stay as they are written, so that `Array` does not become `Any`.
    """
    signature = inspect.signature(function)
    names = inspect.unwrap(function).__globals__

    def meaning(word: re.Match[str]) -> str:
        named = names.get(word[0])
        return word[0] if get_origin(named) is None else spelled(named)

    def shown(hint: Any) -> Any:
        return _Spelling(_NAME.sub(meaning, hint)) if isinstance(hint, str) else hint

    parameters = [p.replace(annotation=shown(p.annotation)) for p in signature.parameters.values()]
    returns = shown(signature.return_annotation)
    vars(function)["__signature__"] = inspect.Signature(parameters, return_annotation=returns)
    return function


class _Spelling(str):
    """A type as written in code, which `help` shows without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


_SPELLINGS = {Array: "Array", ...: "...", types.EllipsisType: "EllipsisType", type(None): "None"}


def spelled(hint: Any) -> str:
    """Return a type as it is written in code; an array of any library is `Array`."""
    if isinstance(hint, list):  # the parameters of a callable
        return f"[{', '.join(map(spelled, hint))}]"
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
    """Return whether a parameter of this type takes an array."""
    return hint is Array or Array in get_args(hint)
