"""Names for the types that the signatures speak of."""

from __future__ import annotations

from types import ModuleType
from typing import Any, TypeAlias

# Every library has an array class of its own and the standard has no common base to name.
Array: TypeAlias = Any
Namespace: TypeAlias = ModuleType
Shape: TypeAlias = tuple[int, ...]
