"""A loss as a formula, and one call of it: the arrays, what is wanted, and the results."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from maskloss._arrays.typing import Array
from maskloss._inputs.entries import Entries
from maskloss._inputs.layout import ELEMENTS, EntryLayout
from maskloss._inputs.options import Options

Derivative = Literal["slope", "curvature"]


@dataclass(frozen=True, slots=True)
class Terms:
    """A formula at given entries, each term computed when it is asked for.

    Attributes
    ----------
    value, slope, curvature : callable
        The loss per entry, its first and its second derivative with respect to the prediction; for
        a row, the gradient and the diagonal of the Hessian.
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

    def derivative(self, name: Derivative) -> Array:
        """Return the slope or the curvature."""
        return self.slope() if name == "slope" else self.curvature()


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


class Wanted(NamedTuple):
    """What a call asks for.

    Attributes
    ----------
    value : bool
        The reduced loss.
    slope, curvature : bool
        The first and second derivative of the sum of the reduced losses.
    count : bool
        How many entries are observed.
    at_labels : bool
        Whether derivatives for labels that are `Observed` are given at the labels alone.
    """

    value: bool = False
    slope: bool = False
    curvature: bool = False
    count: bool = False  # type: ignore[assignment]
    at_labels: bool = False

    @property
    def derivatives(self) -> tuple[Derivative, ...]:
        """The names of the derivatives that are asked for."""
        if self.slope:
            return ("slope", "curvature") if self.curvature else ("slope",)
        return ("curvature",) if self.curvature else ()


class Results(NamedTuple):
    """What a call gives; None for what was not asked for."""

    value: Any = None
    slope: Any = None
    curvature: Any = None
    count: Any = None


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
