"""The formula of a loss, a call of it, and the results of the call."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ._arrays.namespace import Namespace
from ._arrays.typing import Array, Shape
from ._inputs.bound_layout import BoundLayout
from ._inputs.entries import Entries
from ._inputs.layout import ELEMENTS, EntryLayout
from ._inputs.options import CommonOptions

Derivative = Literal["slope", "curvature"]
Link = Literal["identity", "log"]


@dataclass(slots=True)  # not frozen: a call would take 1 us more
class Terms:
    """What every evaluator may ask of a formula, for some entries: a function for each term.

    An evaluator calls the functions of the terms that it needs, in any order. Terms that share
    arrays are closures, or methods of an object with cached properties. A formula that is made of
    another one replaces some of its functions by `dataclasses.replace`.

    Attributes
    ----------
    value, slope, curvature : callable
        Return the loss per entry, its first and its second derivative with respect to the
        prediction; for a row, the gradient and the diagonal of the Hessian.
    weight : callable, optional
        Returns the factor of the value that counts as weight of the entry, such as a class weight.
    counted : callable, optional
        Returns a mask of coupled rows: True where the observed elements suffice to define the loss.
        By default, these are the rows with an observed element.
    of_sum : callable, optional
        For losses that depend on elements of other entries. Takes the name of a derivative and a
        factor per entry (some are 0); returns this derivative of the sum of factor times loss.
    curvature_along : callable, optional
        For rows, whose Hessian has more than a diagonal. Takes a direction, an array like the
        prediction; returns the derivative of the slope along it, the product with the Hessian.
    """

    value: Callable[[], Array]
    slope: Callable[[], Array]
    curvature: Callable[[], Array]
    weight: Callable[[], Array] | None = None
    counted: Callable[[], Array] | None = None
    of_sum: Callable[[Derivative, Array], Array] | None = None
    curvature_along: Callable[[Array], Array] | None = None

    def derivative(self, name: Derivative) -> Array:
        """Return the slope or the curvature."""
        return self.slope() if name == "slope" else self.curvature()

    def along(self, row_axes: Shape) -> Callable[[Array], Array] | None:
        """Return how the slope changes along a direction; None if the formula does not say it."""
        if row_axes or self.curvature_along is not None:
            return self.curvature_along
        return lambda direction: self.curvature() * direction


Formula = Callable[[Entries], Terms]


def mixture(*parts: tuple[Array | float, Terms]) -> Terms:
    """Return the sum of formulas, each multiplied by its share of the entry."""
    return Terms(
        value=lambda: _sum(share * terms.value() for share, terms in parts),
        slope=lambda: _sum(share * terms.slope() for share, terms in parts),
        curvature=lambda: _sum(share * terms.curvature() for share, terms in parts),
    )


def mixture_by_label(xp: Namespace, y: Array, positive: Terms, negative: Terms) -> Terms:
    """Return y times a formula, plus 1 - y times another."""
    rest = 1 - y

    def mixed(of_positive: Array, of_negative: Array) -> Array:
        return xp.multiply_add(y, of_positive, rest * of_negative)

    return Terms(
        value=lambda: mixed(positive.value(), negative.value()),
        slope=lambda: mixed(positive.slope(), negative.slope()),
        curvature=lambda: mixed(positive.curvature(), negative.curvature()),
    )


def _sum(arrays: Iterable[Array]) -> Array:
    return functools.reduce(operator.add, arrays)


class Wanted(NamedTuple):
    """The results that a call asks for.

    Attributes
    ----------
    value : bool
        The reduced loss.
    slope, curvature : bool
        The first and second derivative of the sum of the reduced losses.
    count : bool
        The number of observed entries.
    at_labels : bool
        Whether derivatives for `Observed` labels are returned at the labels alone.
    """

    value: bool = False
    slope: bool = False
    curvature: bool = False
    count: bool = False  # type: ignore[assignment]
    at_labels: bool = False

    @property
    def derivatives(self) -> tuple[Derivative, ...]:
        """The names of the wanted derivatives."""
        if self.slope:
            return ("slope", "curvature") if self.curvature else ("slope",)
        return ("curvature",) if self.curvature else ()


class Results(NamedTuple):
    """The results of a call; None for those that were not wanted."""

    value: Any = None
    slope: Any = None
    curvature: Any = None
    count: Any = None


class Held(NamedTuple):
    """The memory that value and slope take at once, so that chunks can be cut to fit.

    A test measures it. Up to `FITS` sizes, it makes no difference. It is that of single precision
    without a weight; what other arguments add is added elsewhere.

    Attributes
    ----------
    sizes : float
        The number of arrays of the size of the prediction.
    per_row : float
        The number of arrays with one element for each row.
    of_indices : Held, optional
        The memory in place of this one where labels are class indices.
    """

    sizes: float
    per_row: float = 0.0
    of_indices: Held | None = None

    def of(self, layout: BoundLayout) -> float:
        """Return the memory of a call, in sizes of its prediction."""
        if layout.has_class_indices and self.of_indices is not None:
            return self.of_indices.of(layout)
        size = math.prod(layout.shape) / max(1, math.prod(layout.entries))
        return self.sizes + self.per_row / max(1.0, size)


# The most sizes of a chunk that its evaluation may hold at once.
FITS = 16.0
# Of a loss that fits with any arguments.
LITTLE = Held(13.3)


@dataclass(slots=True)  # not frozen: a call would take 2 us more
class Call:
    """One call of a loss: arrays, formula and keywords.

    Attributes
    ----------
    formula : callable
        The formula, which takes checked and safe entries.
    labels : array, optional
        The labels.
    layout : EntryLayout
        The division of the prediction into entries; by default, its elements.
    arrays : mapping
        Further arrays by name, of the same library.
    not_summable_because : str
        Why losses of parts of a batch do not add up to the loss of the batch; empty if they do.
    needs_whole_call : bool
        Whether an entry depends on elements of others, so that a call cannot be split.
    may_lack_labels : bool
        Whether labels may be None; `missing` then applies to the prediction.
    held : Held
        The memory that value and slope take at once.
    link : str
        "identity" if the prediction is the mean (or the location) of the labels, "log" if it is the
        logarithm of it. A model trained with the loss applies the inverse to predict.
    """

    prediction: Array
    labels: Array | None
    formula: Formula
    options: CommonOptions
    layout: EntryLayout = ELEMENTS
    arrays: Mapping[str, object] = field(default_factory=dict)
    not_summable_because: str = ""
    needs_whole_call: bool = False
    may_lack_labels: bool = False
    held: Held = LITTLE
    link: Link = "identity"
