"""The options and the documentation of a module, from the record of its loss."""

from __future__ import annotations

import inspect
from collections.abc import Collection

from .._docstrings import parameters_of
from .._registry import LossRecord
from .._signatures import shared_beside, shared_parameters, takes_array

BATCH_KEYWORDS = {name for name, p in shared_parameters().items() if takes_array(p.annotation)}


def options_of(record: LossRecord) -> dict[str, inspect.Parameter]:
    """Return the keywords that a module keeps: all that do not belong to a batch.

    An array without a default belongs to a batch as well.
    """
    shared = shared_beside(record.parameters).items()
    kept = {name: p for name, p in shared if name not in BATCH_KEYWORDS}
    return {
        name: p
        for name, p in {**record.options, **kept}.items()
        if p.default is not p.empty or not takes_array(p.annotation)
    }


def document(summary: str, record: LossRecord, options: Collection[str]) -> str:
    """Return the documentation of a module, with the options of its loss."""
    documented = parameters_of(inspect.getdoc(record.function) or "")
    kept = [entry for name, entry in documented.items() if name in options]
    return "\n".join(
        [
            summary,
            "\nParameters\n----------",
            *kept,
            "\nSee Also\n--------",
            f"maskloss.{record.name} : The function: its formula, shapes, errors and examples.",
            "\nNotes\n-----",
            f"A call takes the arrays of a batch: ``{_call(record, options)}``.\n",
        ]
    )


def _call(record: LossRecord, options: Collection[str]) -> str:
    parameters = [
        parameter.replace(annotation=parameter.empty)
        for name, parameter in {**record.parameters, **shared_beside(record.parameters)}.items()
        if name not in options
    ]
    return f"loss{inspect.Signature(parameters)}"
