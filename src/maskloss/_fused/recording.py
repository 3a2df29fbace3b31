"""The expressions of a formula, and the entries, of symbols, that it is run on."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .._arrays.typing import Array
from .._inputs.bound_layout import BoundLayout
from .._inputs.domain import NON_NEGATIVE, Domain
from .._inputs.entries import Entries
from .symbols import Graph, NotRecordableError, Symbol


class Extra(NamedTuple):
    """A further input of a formula: an array of the call, lined up by a method of `Entries`."""

    method: str
    name: str
    domain: Domain
    fill_value: float | None

    def of(self, entries: Entries) -> Array:
        """Return the array for some entries."""
        method = getattr(entries, self.method)
        array: Array = method(self.name, domain=self.domain, fill_value=self.fill_value)
        return array


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The expressions of a formula of the inputs "x", "y", "weight", "extra0", "extra1", ...

    Attributes
    ----------
    graph : Graph
        The nodes of all expressions.
    outputs : mapping
        The numbers of the nodes of "value", "slope", "curvature" and "weight", each to be
        multiplied by the weight; and of "is_bad", true of an entry that the loss refuses.
    has_weight : bool
        Whether the formula has a weight of its own.
    extras : tuple of Extra
        The inputs beside prediction, label and weight.
    """

    graph: Graph
    outputs: dict[str, int]
    has_weight: bool
    extras: tuple[Extra, ...]
    kernels: dict[Hashable, Any] = field(default_factory=dict)


class RecordedLayout:
    """What a formula may know of the layout of an entry, an element or a row."""

    def __init__(self, layout: BoundLayout, row: tuple[int, ...]) -> None:
        self.classes = layout.classes
        if row:
            self.shape, self.row_axes, self.class_axis = row, (0,), 0
            self.has_class_indices, self.coupled = layout.has_class_indices, False

    def __getattr__(self, name: str) -> Any:
        raise NotRecordableError(name)


@dataclass(slots=True)
class RecordedEntries(Entries):
    """One entry, of symbols; the arrays of the call that a formula asks for become inputs."""

    extras: list[Extra] = field(default_factory=list)

    def _extra(self, method: str, name: str, domain: Domain, fill_value: float | None) -> Symbol:
        extra = Extra(method, name, domain, fill_value)
        if extra not in self.extras:
            self.extras.append(extra)
        number = self.extras.index(extra)
        graph = self.prediction.graph
        is_row = method == "per_class" and bool(graph.row)
        symbol: Symbol = graph.input(f"extra{number}", is_row=is_row)
        return symbol

    def per_entry(
        self, name: str, *, domain: Domain = NON_NEGATIVE, fill_value: float = 0.0
    ) -> Array:
        """Return an input; nothing to line up is an error of the evaluator that reads arrays."""
        if self.checked.arrays[name] is None:
            raise NotRecordableError(name)
        return self._extra("per_entry", name, domain, fill_value)

    def per_class(
        self, name: str, *, domain: Domain = NON_NEGATIVE, fill_value: float | None = None
    ) -> Array | None:
        """Return an input."""
        if self.checked.arrays[name] is None:
            return None
        return self._extra("per_class", name, domain, fill_value)

    def class_mask(self, name: str) -> Array | None:
        """Refuse a mask."""
        if self.checked.arrays.get(name) is None:
            return None
        raise NotRecordableError(name)

    def alongside(self, name: str) -> Array:
        """Refuse an array of another meaning."""
        raise NotRecordableError(name)
