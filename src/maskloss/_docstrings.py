"""What the docstrings of losses say, for those that faces of frameworks make of them."""

from __future__ import annotations

import re


def parameters_of(text: str) -> dict[str, str]:
    """Return what a docstring without indentation says of each parameter, by its name."""
    section = re.search(r"\nParameters\n-+\n(.*?)(?:\n\n|\Z)", text, re.DOTALL)
    entries = re.split(r"\n(?=\S+ : )", section[1]) if section else []
    return {entry.partition(" : ")[0]: entry for entry in entries}
