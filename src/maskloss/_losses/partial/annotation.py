"""Labels of which some are not annotated: what they are, and what the documentation says of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from maskloss._arrays.typing import Array
from maskloss._docstrings import fill
from maskloss._inputs.domain import Domain
from maskloss._inputs.entries import Entries

F = TypeVar("F", bound=Callable[..., object])

ANNOTATED = Domain(
    values=(-1, 0, 1),
    names=("unannotated", "negative", "positive"),
    advice=(
        "; 1 is positive, 0 negative and -1 unannotated: labels whose 0 means unannotated become "
        "2 * labels - 1"
    ),
)

_DOCUMENTATION = """\
labels : array
    Labels of the same shape: 1 positive, 0 negative, -1 unannotated; integer or floating. An
    unannotated entry is one about which the loss assumes something; `mask` and `missing`
    leave entries out. Labels whose 0 means unannotated become ``2 * labels - 1``."""


def of_annotated_labels(build: F) -> F:
    """Put what the three labels mean in the documentation of a loss."""
    build.__doc__ = fill(build.__doc__, labels=_DOCUMENTATION)
    return build


@dataclass(frozen=True, slots=True)
class Annotation:
    """1 where an entry is of a kind, and 0 where it is of another."""

    positive: Array
    negative: Array
    unannotated: Array

    @classmethod
    def of(cls, entries: Entries) -> Annotation:
        """Read the labels."""
        return cls(*indicators(entries, (1, 0, -1)))


def indicators(entries: Entries, values: tuple[float, ...]) -> tuple[Array, ...]:
    """Return for each of `values` an array that is 1 where it stands; NaN where none does.

    A label that could not be refused, under a trace, must not vanish.
    """
    xp, y = entries.xp, entries.labels
    is_value = [y == value for value in values]
    is_any = functools.reduce(xp.logical_or, is_value)
    other = xp.where(is_any, xp.zeros_like(y), float("nan"))
    return tuple(xp.where(stands, 1.0, other) for stands in is_value)
