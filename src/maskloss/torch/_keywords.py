"""What a module of a loss keeps, and says of itself, read from the signature of its function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any, get_args, get_type_hints

from maskloss._arrays.typing import Array
from maskloss._docstrings import parameters_of
from maskloss._inputs.options import Options


def takes_array(parameter: inspect.Parameter) -> bool:
    """Whether an array may come for a parameter."""
    return _has_array(parameter.annotation)


def _has_array(hint: object) -> bool:
    return hint is Array or Array in get_args(hint)


OF_A_BATCH = {name for name, hint in get_type_hints(Options).items() if _has_array(hint)}


def options_of(loss: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the keywords that a module of `loss` keeps, which are not those of a batch.

    An array without a default is of a batch as well.
    """
    hints = get_type_hints(loss)
    keywords = [
        parameter.replace(annotation=hints.get(name, parameter.annotation))
        for name, parameter in inspect.signature(loss).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in OF_A_BATCH
    ]
    return {p.name: p for p in keywords if p.default is not p.empty or not takes_array(p)}


def document(summary: str, loss: Callable[..., Any], options: Collection[str]) -> str:
    """Return the documentation of a module of `loss`, whose own says what the options are."""
    told = parameters_of(inspect.getdoc(loss) or "")
    kept = [entry for name, entry in told.items() if name in options]
    return "\n".join(
        [
            summary,
            "\nParameters\n----------",
            *kept,
            "\nSee Also\n--------",
            f"maskloss.{loss.__name__} : The function: its formula, shapes, errors and examples.",
            "\nNotes\n-----",
            f"A call takes what is of a batch: ``{_call(loss, options)}``.\n",
        ]
    )


def _call(loss: Callable[..., Any], options: Collection[str]) -> str:
    signature = inspect.signature(loss)
    parameters = [
        parameter.replace(annotation=parameter.empty)
        for name, parameter in signature.parameters.items()
        if name not in options
    ]
    bare = signature.replace(parameters=parameters, return_annotation=signature.empty)
    return f"loss{bare}"
