"""What a loss is made of: a formula, and the call that brings it its arrays."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from maskloss._arrays.typing import Array
from maskloss._inputs.entries import Entries
from maskloss._inputs.layout import ELEMENTS, EntryLayout
from maskloss._inputs.options import Options

Part = Literal["value", "slope", "curvature", "count", "indexed slope", "indexed curvature"]
_OF_LABELS: dict[Part, Part] = {"indexed slope": "slope", "indexed curvature": "curvature"}


def of_labels(part: Part) -> Part:
    """Return the part of the labels alone that a part of indexed labels is made of."""
    return _OF_LABELS.get(part, part)


@dataclass(frozen=True, slots=True)
class Terms:
    """A formula at given entries, each part computed when it is asked for.

    Attributes
    ----------
    value, slope, curvature : callable
        The loss per entry, its first and its second derivative by the prediction; for a row, the
        gradient and the diagonal of the Hessian.
    weight : callable, optional
        The factor in the value that counts as weight of the entry, such as that of its class.
    counted : callable, optional
        Whether a coupled row has a term that its observed elements let compute; by default, one
        with an observed element has.
    spread : callable, optional
        Gives a number of each entry to all elements that its loss depends on; by default, those of
        its row.
    """

    value: Callable[[], Array]
    slope: Callable[[], Array]
    curvature: Callable[[], Array]
    weight: Callable[[], Array] | None = None
    counted: Callable[[], Array] | None = None
    spread: Callable[[Array], Array] | None = None

    def derivative(self, part: Part) -> Array:
        """Return the slope or the curvature."""
        return self.slope() if part == "slope" else self.curvature()


Formula = Callable[[Entries], Terms]


def mixture(*parts: tuple[Array | float, Terms]) -> Terms:
    """Add formulas, each times its share of the entry."""
    return Terms(
        value=lambda: _sum(share * terms.value() for share, terms in parts),
        slope=lambda: _sum(share * terms.slope() for share, terms in parts),
        curvature=lambda: _sum(share * terms.curvature() for share, terms in parts),
    )


def _sum(arrays: Iterable[Array]) -> Array:
    return functools.reduce(operator.add, arrays)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a loss: arrays, formula and keywords.

    Attributes
    ----------
    formula : callable
        The formula, which gets the entries once they are checked and safe.
    layout : EntryLayout
        What an entry is; by default, an element.
    arrays : mapping
        Further arrays by name, which must belong to the same library.
    not_summable_because : str
        Why the loss of a batch is not made of the losses of its parts; empty where it is.
    needs_whole_call : bool
        Whether an entry depends on elements of others, so that only whole calls can be evaluated.
    """

    prediction: Array
    labels: Array
    formula: Formula
    options: Options
    layout: EntryLayout = ELEMENTS
    arrays: Mapping[str, object] = field(default_factory=dict)
    not_summable_because: str = ""
    needs_whole_call: bool = False
