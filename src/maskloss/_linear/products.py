"""Matrix products in memory, written into an array that exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .._arrays.typing import Array

# Rows per tile: the product of a tile stays in the cache until it is added.
_TILE = 2048


class Products(NamedTuple):
    """Two functions that write ``a @ b`` into a NumPy array: `write` overwrites, `add` adds."""

    write: Callable[[Array, Array, Array], None]
    add: Callable[[Array, Array, Array], None]


def _write(a: Array, b: Array, into: Array) -> None:
    a.dot(b, out=into)


def _add(a: Array, b: Array, into: Array) -> None:
    for start in range(0, len(into), _TILE):
        tile = slice(start, start + _TILE)
        into[tile] += a[tile] @ b


NUMPY_PRODUCTS = Products(_write, _add)
