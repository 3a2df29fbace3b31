"""Options that have no effect under a value of another option."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

from .._arrays.kinds import scalar, shown

P = ParamSpec("P")
C = TypeVar("C")


def refuses_unused(
    **options: Mapping[Any, Iterable[str]],
) -> Callable[[Callable[P, C]], Callable[P, C]]:
    """Make a loss refuse options without effect; apply it before the decorator `loss`.

    Each keyword of this function is the name of an option. Its mapping gives, for a value of that
    option, the names of the options that then have no effect. They may still have their defaults.
    """

    def decorate(build: Callable[P, C]) -> Callable[P, C]:
        defaults = {p.name: p.default for p in inspect.signature(build).parameters.values()}

        @functools.wraps(build)
        def function(*args: P.args, **kwargs: P.kwargs) -> C:
            call = build(*args, **kwargs)  # first: it refuses invalid values
            for option, unused_of in options.items():
                value = kwargs.get(option, defaults[option])
                unused = [n for key, names in unused_of.items() if _is(value, key) for n in names]
                for name in unused:
                    if name in kwargs and not _is(kwargs[name], defaults[name]):
                        msg = (
                            f"`{name}`={shown(kwargs[name])} has no effect with "
                            f"{option}={shown(value)}; leave it out"
                        )
                        raise ValueError(msg)
            return call

        return function

    return decorate


def _is(value: object, other: object) -> bool:
    """Return whether a value, which may be an array, equals a plain value."""
    is_plain = isinstance(value, str) or scalar(value) is not None
    return value is other or (is_plain and value == other)
