"""Short compositions that a library may compute in one step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .typing import Array


class Fusable:
    """The compositions, by the functions of the standard; libraries override them."""

    where: Any
    log1p: Any
    abs: Any

    def where_both(
        self, condition: Array, first: Array, second: Array | float
    ) -> tuple[Array, Array]:
        """Return where(condition, first, second) and where(condition, second, first)."""
        return self.where(condition, first, second), self.where(condition, second, first)

    def square(self, x: Array) -> Array:
        """Return x * x."""
        return x * x

    def multiply_add(self, a: Array, b: Array, c: Array, factor: float = 1.0) -> Array:
        """Return factor * a * b + c; the factor is 1 or -1."""
        return c + a * b if factor == 1 else c - a * b

    def add_times(self, a: Array, b: Array, factor: float) -> Array:
        """Return a + factor * b."""
        return a + factor * b

    def one_minus(self, array: Array, factor: float) -> Array:
        """Return 1 - factor * array."""
        return 1 - factor * array

    def finite_or_0(self, x: Array) -> Array:
        """Return x, with 0 in place of infinities and NaN."""
        # Not `isfinite`, which inductor (torch 2.13) saves for the backward pass: six times slower.
        return self.where(self.abs(x) < math.inf, x, 0.0)

    def at_least_one(self, count: Array) -> Array:
        """Return counts, with 1 in place of 0."""
        return self.where(count == 0, 1.0, count)

    def note_wrong(self, is_wrong: Callable[[], Array]) -> None:
        """Do nothing; a recorder notes which numbers are refused where they can be read."""

    def log1p_of_unit(self, x: Array) -> Array:
        """Return log(1 + x) for x in [0, 1]."""
        return self.log1p(x)
