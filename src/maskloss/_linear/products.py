"""Products of matrices in memory, written into another."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from maskloss._arrays.typing import Array

# Rows at a time: their product stays in the cache until it is added.
_TILE = 2048


class Products(NamedTuple):
    """Two ways to write ``a @ b`` into a NumPy array: in place of what it holds, or added to it."""

    write: Callable[[Array, Array, Array], None]
    add: Callable[[Array, Array, Array], None]


def _write(a: Array, b: Array, into: Array) -> None:
    a.dot(b, out=into)


def _add(a: Array, b: Array, into: Array) -> None:
    for start in range(0, len(into), _TILE):
        tile = slice(start, start + _TILE)
        into[tile] += a[tile] @ b


OF_NUMPY = Products(_write, _add)
