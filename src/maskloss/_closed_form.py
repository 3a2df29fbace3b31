"""How a loss, or an objective of several, says that it has derivatives in closed form."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., object])


def closed_form(method: F) -> F:
    """Mark the method `evaluate`, whose first argument names the parts that it returns."""
    vars(method).update(is_closed_form=True)
    return method


def evaluator(loss: object) -> Callable[..., list[Any]]:
    """Return the marked `evaluate` of a loss or an objective; refuse everything else."""
    evaluate: Any = getattr(loss, "evaluate", None)
    # `functools.wraps` copies attributes: what wraps a loss is none.
    is_method = isinstance(evaluate, MethodType) and evaluate.__self__ is loss
    if is_method and getattr(evaluate, "is_closed_form", False):
        return evaluate  # type: ignore[no-any-return]
    msg = (
        f"`loss` must be a loss of maskloss, got {loss!r}; its derivatives are in closed form, so "
        f"wrap no function of your own around it"
    )
    raise TypeError(msg)
