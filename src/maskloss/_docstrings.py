"""Docstrings from shared parts: placeholders to fill, sections to add, parameters to read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

# The sections of a docstring in the order of numpydoc.
_SECTIONS = ("Parameters", "Returns", "Raises", "See Also", "Notes", "Examples")
_PLACEHOLDER = re.compile(r"^( *)\*\*(\w+)$", re.MULTILINE)
_RETURNS = """\
array or Sums
    The reduced loss, in the dtype of `{prediction}`, float32 at least; a `Sums` for
    ``reduction="sums"``."""
_RAISES = """\
TypeError
    If an argument is not an array of the common library or has the wrong dtype, or if a keyword
    is unknown or has the wrong type.
ValueError
    If shapes differ, if a keyword is out of its range, or, where values can be read, if an
    observed label is out of its range or a weight is negative."""


def fill(text: str | None, **parts: str) -> str:
    """Replace each line ``**name`` of a docstring by the part of that name, indented alike."""

    def part(line: re.Match[str]) -> str:
        indentation, name = line.groups()
        return textwrap.indent(parts[name], indentation) if name in parts else line[0]

    return _PLACEHOLDER.sub(part, text or "")


def document(**parts: str) -> Callable[[F], F]:
    """Return a decorator that fills the docstring of a function with shared parts."""

    def decorate(function: F) -> F:
        function.__doc__ = fill(function.__doc__, **parts)
        return function

    return decorate


def document_loss(text: str | None, *, name: str, options: str, prediction: str) -> str:
    """Complete the docstring of a loss: its ``**options``, and the sections it does not have."""
    text = fill(text, options=options)
    unfilled = [f"**{part}" for _, part in _PLACEHOLDER.findall(text)]
    if unfilled:
        msg = (
            f"the docstring of {name} has {', '.join(unfilled)}, got no text for it; put a "
            f"decorator that `document` returns, with that part, below `loss`, or mend the name"
        )
        raise ValueError(msg)
    text = _add_section(text, "Returns", _RETURNS.format(prediction=prediction))
    return _add_section(text, "Raises", _RAISES)


def parameters_of(text: str) -> dict[str, str]:
    """Return the entry of each parameter, by its name, in a docstring without indentation."""
    section = re.search(r"\nParameters\n-+\n(.*?)(?:\n\n|\Z)", text, re.DOTALL)
    entries = re.split(r"\n(?=\S+ : )", section[1]) if section else []
    return {entry.partition(" : ")[0]: entry for entry in entries}


def _add_section(text: str, title: str, content: str) -> str:
    """Insert a section at its place, unless the docstring has one of that title."""
    following = "|".join(_SECTIONS[_SECTIONS.index(title) + 1 :])
    place = re.search(rf"^( *)(?:{following})\n *-+$", text, re.MULTILINE)
    if place is None or re.search(rf"^ *{title}\n *-+$", text, re.MULTILINE):
        return text
    section = textwrap.indent(f"{title}\n{'-' * len(title)}\n{content}\n\n", place[1])
    return text[: place.start()] + section + text[place.start() :]
