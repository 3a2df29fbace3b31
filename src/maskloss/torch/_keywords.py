"""The options that a module of a loss keeps, and its documentation, read from the record."""

from __future__ import annotations

import inspect
from collections.abc import Collection

from maskloss._docstrings import parameters_of
from maskloss._registry import LossRecord
from maskloss._signatures import shared_parameters, takes_array

OF_A_BATCH = {name for name, p in shared_parameters().items() if takes_array(p.annotation)}


def options_of(record: LossRecord) -> dict[str, inspect.Parameter]:
    """Return the keywords that a module of a loss keeps, which are not those of a batch.

    An array without a default is of a batch as well.
    """
    keywords = {**record.options, **shared_parameters()}
    return {
        name: p
        for name, p in keywords.items()
        if name not in OF_A_BATCH and (p.default is not p.empty or not takes_array(p.annotation))
    }


def document(summary: str, record: LossRecord, options: Collection[str]) -> str:
    """Return the documentation of a module of a loss, whose own says what the options are."""
    told = parameters_of(inspect.getdoc(record.function) or "")
    kept = [entry for name, entry in told.items() if name in options]
    return "\n".join(
        [
            summary,
            "\nParameters\n----------",
            *kept,
            "\nSee Also\n--------",
            f"maskloss.{record.name} : The function: its formula, shapes, errors and examples.",
            "\nNotes\n-----",
            f"A call takes what is of a batch: ``{_call(record, options)}``.\n",
        ]
    )


def _call(record: LossRecord, options: Collection[str]) -> str:
    parameters = [
        parameter.replace(annotation=parameter.empty)
        for name, parameter in {**record.parameters, **shared_parameters()}.items()
        if name not in options
    ]
    return f"loss{inspect.Signature(parameters)}"
