"""One item per head: a mapping by the names of the heads, or a tuple in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._arrays.kinds import type_name


@dataclass(frozen=True, slots=True)
class Structure:
    """The keys of several heads, and whether one item per head is a mapping or a tuple.

    Attributes
    ----------
    keys : tuple
        The names of the heads, or their positions.
    is_mapping : bool
        Whether the heads have names.
    """

    keys: tuple[Any, ...]
    is_mapping: bool

    @classmethod
    def of(
        cls, name: str, given: object, advice: str, *, expected: object = "a mapping or a tuple"
    ) -> Structure:
        """Return the structure of a mapping, a tuple or a list; raise for any other argument."""
        if isinstance(given, Mapping):
            return cls(tuple(given), is_mapping=True)
        if isinstance(given, tuple | list):
            return cls(tuple(range(len(given))), is_mapping=False)
        msg = f"`{name}` must be {expected}, got {type_name(given)}; {advice}"
        raise TypeError(msg)

    def __str__(self) -> str:
        if self.is_mapping:
            return f"a mapping of {', '.join(map(repr, self.keys)) or 'nothing'}"
        return f"a tuple of {len(self.keys)}"

    def items_of(self, name: str, given: Any, advice: str, *, partial: bool = False) -> list[Any]:
        """Return the item that the argument `name` holds for each head, in the order of the heads.

        With `partial`, a mapping may leave heads out; their items are then None.
        """
        other = Structure.of(name, given, advice, expected=self)
        is_alike = other.is_mapping == self.is_mapping
        lacking = [key for key in self.keys if key not in other.keys]
        unknown = len(other.keys) > len(self.keys) - len(lacking)
        if not is_alike or unknown or (lacking and not (partial and self.is_mapping)):
            msg = f"`{name}` must be {self}, got {other}; {advice}"
            raise ValueError(msg) if is_alike else TypeError(msg)
        return [None if key in lacking else given[key] for key in self.keys]

    def build(self, items: Sequence[Any]) -> dict[Any, Any] | tuple[Any, ...]:
        """Return one item per head as a dict or a tuple."""
        return dict(zip(self.keys, items, strict=True)) if self.is_mapping else tuple(items)

    def build_like(self, given: Any, items: Sequence[Any]) -> Any:
        """Return one item per head in the order of the mapping `given`, or as its type of tuple."""
        if self.is_mapping:
            by_key = dict(zip(self.keys, items, strict=True))
            return {key: by_key[key] for key in given}
        make = getattr(type(given), "_make", type(given))  # `_make` builds a named tuple
        return make(items)
