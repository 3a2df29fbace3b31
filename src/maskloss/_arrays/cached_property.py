"""Properties computed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class cached_property(Generic[T]):  # noqa: N801
    """A property computed once.

    Before Python 3.12, `functools.cached_property` takes a lock, which Dynamo (torch 2.13) refuses.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute

    def __get__(self, instance: object, owner: type) -> T:
        value = self._compute(instance)
        setattr(instance, self._compute.__name__, value)
        return value
