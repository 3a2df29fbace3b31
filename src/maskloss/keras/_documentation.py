"""Docstrings of losses for Keras, from those of the functions and of the base class."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from .._docstrings import parameters_of

_TEMPLATE = """\
{summary}

`maskloss.{function}` as a loss of Keras, which takes labels first. The function documents the
formula; `MaskedLoss` documents the arguments of all losses.

Parameters
----------
{parameters}
"""
_FROM_LOGITS = """\
from_logits : bool, default: False
    Whether predictions are logits, which are exact where confident, instead of probabilities."""


def document(names: Iterable[str], function: object, base: str) -> str:
    """Return the docstring of a loss, with the documentation of its parameters from elsewhere."""
    text = inspect.getdoc(function) or ""
    documented = {
        "from_logits": _FROM_LOGITS,
        **parameters_of(text),
        **parameters_of(inspect.cleandoc(base)),
    }
    return _TEMPLATE.format(
        summary=text.partition("\n\nParameters\n")[0],
        function=getattr(function, "__name__", ""),
        parameters="\n".join(documented[name] for name in names),
    )
