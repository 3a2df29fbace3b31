"""array-api-strict: the standard and nothing else."""

from __future__ import annotations

import array_api_strict

from .eager import EagerNamespace
from .pairwise import PairwiseLastAxis
from .typing import Array


class StrictNamespace(PairwiseLastAxis, EagerNamespace):
    """The standard's functions, over arrays that hold NumPy's."""

    def is_readable(self, array: Array) -> bool:  # noqa: ARG002
        """Return True."""
        return True


xp = StrictNamespace(array_api_strict)
