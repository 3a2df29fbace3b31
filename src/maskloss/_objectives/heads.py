"""The heads of an objective, and what a call gives for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._arrays.kinds import shown, type_name
from .._arrays.lookup import array_namespace
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .._evaluation.sums import Sums
from .head import Head
from .results import ObjectiveSums
from .structure import Structure

# Advice in the errors about an argument that does not fit the heads.
_ARRAY_ADVICE = "a head without a label in this batch has labels that are all missing"
_KEYWORD_ADVICE = (
    "say which head takes it; a keyword that is the same in every call belongs to its Head(...)"
)


class Heads:
    """The heads by name, or in order.

    Attributes
    ----------
    by_key : dict of Head
        The heads by their names, or by their positions.
    structure : Structure
        Whether arguments and results are mappings or tuples.
    """

    def __init__(self, given: Mapping[Any, Head] | Sequence[Head]) -> None:
        structure = Structure.of(
            "heads", given, "give every Head a name, or put the heads in a tuple"
        )
        if not structure.keys:
            msg = f"`heads` must have at least one Head, got {structure}"
            raise ValueError(msg)
        for key in structure.keys:
            head: object = given[key]
            if not isinstance(head, Head):
                name, got = f"`heads[{shown(key)}]`", type_name(head)
                msg = f"{name} must be a Head, got {got}; write Head(loss, ...)"
                raise TypeError(msg)
        self.structure = structure
        self.by_key: dict[Any, Head] = {key: given[key] for key in structure.keys}

    def __iter__(self) -> Iterator[Head]:
        return iter(self.by_key.values())

    def arrays(self, name: str, given: Any) -> list[Array]:
        """Return the array of each head from the argument `name`."""
        return self.structure.items_of(name, given, _ARRAY_ADVICE)

    def sums(self, name: str, given: ObjectiveSums) -> list[Sums]:
        """Return the sums of each head from the argument `name`."""
        return self.structure.items_of(name, given.heads, "give sums of this objective")

    def keyword(self, name: str, given: Any) -> list[Any]:
        """Return the value of a keyword for each head, None where the call gives none."""
        if given is None:
            return [None for _ in self.by_key]
        return self.structure.items_of(name, given, _KEYWORD_ADVICE, partial=True)

    def keywords(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the keywords that a call gives to each head."""
        options: list[dict[str, Any]] = [{} for _ in self.by_key]
        for name, value in given.items():
            for own, item in zip(options, self.keyword(name, value), strict=True):
                if item is not None:
                    own[name] = item
        return options

    def namespace(self, name: str, arrays: Sequence[Array], log_variances: object) -> Namespace:
        """Return the namespace of one array per head and of the log-variances."""
        named = {f"{name}[{key!r}]": array for key, array in zip(self.by_key, arrays, strict=True)}
        if log_variances is not None:
            named["log_variances"] = log_variances
        return array_namespace(named)
