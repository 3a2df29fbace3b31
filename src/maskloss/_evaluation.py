"""Evaluation: of whole arrays, or, where nothing traces the call, in blocks."""

from __future__ import annotations

from maskloss import _blocks
from maskloss._formula import Call, Part
from maskloss._namespace import is_numpy, is_plain_tensor
from maskloss._observation import Arguments, Facts, read_arguments
from maskloss._options import Settings
from maskloss._sums import Sums
from maskloss._traced import evaluate_whole
from maskloss._typing import Array


def evaluate(
    call: Call, facts: Facts, settings: Settings, parts: tuple[Part, ...]
) -> list[Array | Sums]:
    """Return the parts: the reduced value, or derivatives of the sum of all that it holds."""
    if settings.reduction == "sums" and call.unsplit:
        msg = f'reduction="sums" cannot be added up for this loss: {call.unsplit}; use "mean"'
        raise ValueError(msg)
    arguments = read_arguments(
        facts, call.prediction, call.labels, call.arrays, settings, call.layout
    )
    if _blocks.can_split(call):
        if is_numpy(arguments.xp):
            return _blocks.evaluate_blocks(arguments, call.terms, parts)
        results = _of_tensors(arguments, call, parts)
        if results is not None:
            return results
    return evaluate_whole(arguments, call.terms, parts)


def _of_tensors(
    arguments: Arguments, call: Call, parts: tuple[Part, ...]
) -> list[Array | Sums] | None:
    if not is_plain_tensor(arguments.prediction):
        return None
    from maskloss._tensors import evaluate_tensors

    return evaluate_tensors(arguments, call.terms, parts)
