"""What a loss is made of: a formula, and the call that brings it its arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from maskloss._observation import Entries
from maskloss._options import Options
from maskloss._typing import Array


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
    """

    value: Callable[[], Array]
    slope: Callable[[], Array]
    curvature: Callable[[], Array]
    weight: Callable[[], Array] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a loss: arrays, formula and keywords.

    Attributes
    ----------
    terms : callable
        The formula, which gets the entries once they are checked and safe.
    class_axis : int, optional
        Where given, an entry is a row along this axis.
    arrays : mapping
        Further arrays by name, which must belong to the same library.
    """

    prediction: Array
    labels: Array
    terms: Callable[[Entries], Terms]
    options: Options
    class_axis: int | None = None
    arrays: Mapping[str, object] = field(default_factory=dict)
