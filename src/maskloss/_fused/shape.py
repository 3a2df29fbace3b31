"""What a loop reads and writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

DERIVATIVES = {"slope", "curvature"}


def numbers_of(outputs: Iterable[str]) -> list[str]:
    """Return the names of the outputs that have a number per entry."""
    return [name for name in outputs if name not in DERIVATIVES]


class Shape(NamedTuple):
    """What a loop reads and writes.

    Attributes
    ----------
    outputs : tuple of str
        The wanted terms.
    inputs : tuple of (str, str)
        The name of each input, and what it has one number for: "all", each "entry", each "class"
        or each "element" of a row.
    is_masked : bool
        Whether entries may be unobserved.
    """

    outputs: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]
    is_masked: bool

    @property
    def arguments(self) -> list[str]:
        """The names of the arguments of a loop, but for the number of entries."""
        inputs = [f"{name}_in" for name, _ in self.inputs] + ["observed"] * self.is_masked
        return [*inputs, "constants", "factor", *(f"{name}_out" for name in self.outputs)]

    @property
    def is_of_rows(self) -> bool:
        """Whether an entry is a row of elements."""
        return ("x", "element") in self.inputs
