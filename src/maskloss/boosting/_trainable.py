"""The losses that boosted trees can be trained on: of unbounded predictions, sample by sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._arrays.kinds import shown
from .._formula import Call
from .._inputs.domain import LOG_PROBABILITIES
from .._inputs.layout import EntryLayout
from .._inputs.options import Settings
from .._registry import LossRecord, evaluator, record_of

# Predictions that are no raw scores, by their names.
_NO_SCORES = {
    "log_probs": "log-probabilities",
    "log_ratios": "log-ratios",
    "values": "losses",
}
_INSTEAD = {
    "mask": "mark missing labels by maskloss.boosting.mark_missing(labels, mask=...)",
    "reduction": "leave it out: the library adds up the derivatives of the samples",
}
_RESERVED = {*Settings._fields} - {"weight", "missing"}


def layout_of(loss: Any, options: Mapping[str, Any], *, in_parts: bool) -> EntryLayout:
    """Return the layout of the entries; refuse a loss or options that boosting cannot use.

    With `in_parts`, the library asks for derivatives of a few samples at a time.
    """
    evaluator(loss)
    record = _check_predictions(loss)
    _check_keywords(record, options)
    call: Call = record.build(None, None, **options)
    axes = call.layout.row_axes
    # The derivatives of a mean over all samples are too small for any split.
    is_whole = axes is ... or 0 in (axes if isinstance(axes, tuple) else (axes,))
    if is_whole or (in_parts and call.not_summable_because):
        why = call.not_summable_because or "an entry goes along the axis of the samples"
        at_once = "some samples at a time" if in_parts and not is_whole else "each sample"
        msg = (
            f"`loss` must treat samples independently, as derivatives are requested for "
            f"{at_once}, got {loss.__name__!r}: {why}; take a loss of elements, such as "
            f"binary_cross_entropy_with_logits, or of the row of a sample"
        )
        raise ValueError(msg)
    if call.layout.row_numbers:
        msg = (
            f"`loss` must have a label for each output of a sample, or class indices, got "
            f"{loss.__name__!r}, which scores several outputs by one number"
        )
        raise ValueError(msg)
    return call.layout


def _check_predictions(loss: object) -> LossRecord:
    name, record = getattr(loss, "__name__", loss), record_of(loss)
    if record is None or record.inputs is None or not record.inputs.domains[0].is_unbounded:
        msg = (
            f"`loss` must accept one array of unbounded predictions (raw scores), got "
            f"{shown(name)}; use the loss that takes logits"
        )
        raise ValueError(msg)
    kind = _NO_SCORES.get(record.inputs.names[0])
    if record.inputs.domains[0] == LOG_PROBABILITIES:
        kind = "log-probabilities"
    if kind is not None:
        msg = (
            f"`loss` must accept unbounded predictions (raw scores), got {name!r} of {kind}, which "
            f"has no minimum over them; use the loss that takes logits, such as cross_entropy"
        )
        raise ValueError(msg)
    return record


def _check_keywords(record: LossRecord, options: Mapping[str, Any]) -> None:
    known = {*record.parameters, "weight", "missing"}
    for name in options:
        if name in _RESERVED or name not in known:
            why = "is set by the objective" if name in _RESERVED else "is not one of its keywords"
            advice = _INSTEAD.get(name, "leave it out")
            msg = f"`{name}` of `{record.name}` {why}; {advice}"
            raise TypeError(msg)
    lacking = [f"`{name}`" for name in record.required if name not in options]
    if lacking:
        msg = (
            f"`loss` needs {' and '.join(lacking)} besides predictions and labels, got "
            f"{record.name!r}; give each as a keyword, one number for all samples, or use a "
            f"loss without them"
        )
        raise TypeError(msg)
