"""Labels 1, 0 and -1: positive, negative and unannotated."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ..._arrays.typing import Array
from ..._docstrings import document
from ..._inputs.domain import UNIT, Domain
from ..._inputs.entries import Entries

ANNOTATED = Domain(
    values=(-1, 0, 1),
    names=("unannotated", "negative", "positive"),
    advice=(
        "; 1 is positive, 0 negative and -1 unannotated: labels whose 0 means unannotated become "
        "2 * labels - 1"
    ),
)

# The label of an entry without annotation is 0, as in the code of the authors.
UNMARKED_AS_0 = UNIT._replace(advice="; if it means not annotated, the method has 0 in its place")

# Puts the description of the labels into the docstring of a loss.
document_annotated_labels = document(
    labels="""\
labels : array
    Labels of the same shape: 1 positive, 0 negative, -1 unannotated; integer or floating. The
    loss makes an assumption about unannotated entries; `mask` and `missing` leave entries out.
    If 0 means unannotated in your labels, pass ``2 * labels - 1``."""
)


@dataclass(frozen=True, slots=True)
class Annotation:
    """The indicators of the three labels: 1 where an entry has the label, else 0."""

    positive: Array
    negative: Array
    unannotated: Array

    @classmethod
    def from_entries(cls, entries: Entries) -> Annotation:
        """Return the indicators of the labels of the entries."""
        return cls(*indicators(entries, (1, 0, -1)))


def indicators(entries: Entries, values: tuple[float, ...]) -> tuple[Array, ...]:
    """Return an array for each of `values`: 1 where the label has it, else 0.

    All are NaN where the label has none of the values: under a trace, it cannot raise an error.
    """
    xp, y = entries.xp, entries.labels
    is_value = [y == value for value in values]
    is_any = functools.reduce(xp.logical_or, is_value)
    other = xp.where(is_any, xp.zeros_like(y), float("nan"))
    return tuple(xp.where(condition, 1.0, other) for condition in is_value)
