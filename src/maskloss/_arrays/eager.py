"""Libraries that compute eagerly, without automatic differentiation, such as CuPy."""

from __future__ import annotations

from .namespace import Mode, Namespace
from .typing import Array


class EagerNamespace(Namespace):
    """A namespace whose arrays are computed chunk by chunk, and written in place."""

    differentiates = False

    def mode(self, array: Array) -> Mode:  # noqa: ARG002
        """Return "eager"."""
        return "eager"
