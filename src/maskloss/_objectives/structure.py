"""One thing for each of several heads: a mapping by their names, or a tuple by their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maskloss._arrays.namespace import library


@dataclass(frozen=True, slots=True)
class Structure:
    """How one thing for each head is given: by name in a mapping, or by place in a tuple.

    Attributes
    ----------
    keys : tuple
        The names of the heads, or their places.
    is_mapping : bool
        Whether they have names.
    """

    keys: tuple[Any, ...]
    is_mapping: bool

    @classmethod
    def of(
        cls, name: str, given: object, advice: str, *, expected: object = "a mapping or a tuple"
    ) -> Structure:
        """Return the structure of a mapping, a tuple or a list."""
        if isinstance(given, Mapping):
            return cls(tuple(given), is_mapping=True)
        if isinstance(given, tuple | list):
            return cls(tuple(range(len(given))), is_mapping=False)
        msg = f"`{name}` must be {expected}, got {library(given)}; {advice}"
        raise TypeError(msg)

    def __str__(self) -> str:
        if self.is_mapping:
            return f"a mapping of {', '.join(map(repr, self.keys)) or 'nothing'}"
        return f"a tuple of {len(self.keys)}"

    def parts(self, name: str, given: Any, advice: str, *, some: bool = False) -> list[Any]:
        """Return what the argument `name` holds for each head, in their order.

        With `some`, a mapping may leave heads out, and None is returned for them.
        """
        other = Structure.of(name, given, advice, expected=self)
        is_alike = other.is_mapping == self.is_mapping
        lacking = [key for key in self.keys if key not in other.keys]
        unknown = len(other.keys) > len(self.keys) - len(lacking)
        if not is_alike or unknown or (lacking and not (some and self.is_mapping)):
            msg = f"`{name}` must be {self}, got {other}; {advice}"
            raise ValueError(msg) if is_alike else TypeError(msg)
        return [None if key in lacking else given[key] for key in self.keys]

    def build(self, parts: Sequence[Any]) -> dict[Any, Any] | tuple[Any, ...]:
        """Return one part for each head as a mapping or a tuple of them."""
        return dict(zip(self.keys, parts, strict=True)) if self.is_mapping else tuple(parts)

    def like(self, given: Any, parts: Sequence[Any]) -> Any:
        """Return one part for each head as `given` holds its own: in its order, or of its type."""
        if self.is_mapping:
            of_head = dict(zip(self.keys, parts, strict=True))
            return {key: of_head[key] for key in given}
        make = getattr(type(given), "_make", type(given))
        return make(parts)
