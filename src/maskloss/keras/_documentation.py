"""Docstrings of losses for Keras, from those of the functions and of what they share."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from maskloss._docstrings import parameters_of

_TEMPLATE = """\
{summary}

`maskloss.{function}` as a loss of Keras, which is called with labels first; see there, and
`MaskedLoss` for what all losses share.

Parameters
----------
{parameters}
"""
_FROM_LOGITS = """\
from_logits : bool, default: False
    Whether predictions are logits, which is exact for confident ones, and not probabilities."""


def document(names: Iterable[str], function: object, base: str) -> str:
    """Return a docstring with the parameters that a loss has, as they are told elsewhere."""
    text = inspect.getdoc(function) or ""
    told = {
        "from_logits": _FROM_LOGITS,
        **parameters_of(text),
        **parameters_of(inspect.cleandoc(base)),
    }
    return _TEMPLATE.format(
        summary=text.partition("\n\nParameters\n")[0],
        function=getattr(function, "__name__", ""),
        parameters="\n".join(told[name] for name in names),
    )
