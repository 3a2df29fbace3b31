"""The logits among what a model of the `Trainer` returns."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from .._arrays.kinds import type_name


def items_of(outputs: Any) -> Any:
    """Return the logits of each head among the outputs of a model."""
    if isinstance(outputs, dict) and "logits" in outputs:
        return outputs["logits"]
    return getattr(outputs, "logits", outputs)


def logits_of(outputs: Any) -> Tensor:
    """Return the logits among the outputs of a model; raise if there are none."""
    if isinstance(outputs, Tensor):
        return outputs
    if isinstance(outputs, dict):
        logits, keys = outputs.get("logits"), ", ".join(map(repr, outputs))
        got = f"a dict of {keys or 'nothing'}"
    elif isinstance(outputs, (tuple, list)):
        logits, got = (outputs[0] if outputs else None), f"{len(outputs)} items"
    else:
        logits, got = getattr(outputs, "logits", None), type_name(outputs)
    if not isinstance(logits, Tensor):
        msg = (
            f"the model must return its logits, under 'logits' or as the first of several outputs, "
            f"got {got}"
        )
        msg += f" with {type_name(logits)} in their place" if logits is not None else ""
        raise ValueError(msg)  # noqa: TRY004 - a wrong output, and not a wrong type of argument
    return logits
