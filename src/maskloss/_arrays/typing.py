"""Names for the types of the signatures."""

from __future__ import annotations

from typing import Any, TypeAlias

# Every library has an array class of its own and the standard has no common base to name.
Array: TypeAlias = Any
Arrays: TypeAlias = tuple[Array, ...]
Shape: TypeAlias = tuple[int, ...]
