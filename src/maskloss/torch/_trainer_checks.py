"""What the hook of the `Trainer` refuses: losses of other arrays, and counts of its own."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from .._inputs.missing import as_tuple
from .._registry import record_of
from .._signatures import takes_array
from ._module import LossModule
from ._objectives import MultiObjective

# The Trainer counts all labels other than -100 (`Trainer.get_batch_samples`).
_IGNORED_LABEL = -100
_LET_IT_COUNT = '; let the loss count: compute_loss_func(..., counts="loss").attach(trainer)'


def check_loss(loss: object) -> None:
    """Raise if a loss takes other arrays than logits and labels."""
    if isinstance(loss, MultiObjective):
        return
    if not isinstance(loss, LossModule):
        msg = f"`loss` must be a module of maskloss.torch, got {type(loss).__name__}"
        raise TypeError(msg)
    record = record_of(type(loss).loss)
    parameters = {} if record is None else record.required
    arrays = [name for name, p in parameters.items() if takes_array(p.annotation)]
    is_linear = record is None or record.inputs is None
    if is_linear or arrays:
        needs = "takes features and a layer" if is_linear else f"needs {', '.join(arrays)}"
        msg = (
            f"`loss` must be a loss of logits and labels, which the Trainer passes, got "
            f"{type(loss).__name__}, which {needs}; compute it in the model itself"
        )
        raise TypeError(msg)


def check_counts(loss: Any) -> None:
    """Raise if the count of the Trainer is not the count of the loss."""
    if isinstance(loss, MultiObjective):
        msg = (
            "`loss` is a MultiObjective, whose heads are divided by counts of their own, while the "
            f"Trainer counts the labels of one tensor{_LET_IT_COUNT}"
        )
        raise TypeError(msg)
    if as_tuple(loss.missing) != (_IGNORED_LABEL,):
        msg = (
            f"`loss` must have missing={_IGNORED_LABEL}, since the Trainer counts all other "
            f"labels, got missing={loss.missing!r}; write {_IGNORED_LABEL} where a label is "
            f"missing{_LET_IT_COUNT.replace(';', ', or', 1)}"
        )
        raise ValueError(msg)
    if loss.reduction != "mean":
        msg = (
            f'`loss` must have the reduction "mean", since the Trainer counts labels, got '
            f"{loss.reduction!r}, which has another denominator{_LET_IT_COUNT}"
        )
        raise ValueError(msg)


def check_shift(loss: Any) -> None:
    """Raise if the second axis of the logits does not hold the tokens of one tensor."""
    if isinstance(loss, MultiObjective):
        msg = (
            "`shift` moves one tensor of logits, and a MultiObjective has one for each head; "
            "shift logits and labels in the model and the collator"
        )
        raise TypeError(msg)
    if getattr(loss, "class_axis", None) == 1:
        _refuse_classes(1)


def _refuse_classes(axis: int) -> None:
    msg = (
        f"`shift` moves the tokens along axis 1 of the logits, where class_axis={axis} has the "
        f"classes; let the model return logits of shape (batch, tokens, classes)"
    )
    raise ValueError(msg)


def next_tokens(
    loss: Any, logits: Tensor, labels: Tensor, keywords: dict[str, Tensor]
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Return the logits up to the last token but one, and what goes with the tokens after them."""
    labels, keywords = shifted(labels, keywords)
    axis = getattr(loss, "class_axis", None)
    # Which axis a negative number names is known with the logits: -2 is axis 2 of four.
    if axis is not None and axis + logits.ndim == 1:
        _refuse_classes(axis)
    return logits[:, :-1], labels, keywords


def shifted(labels: Tensor, keywords: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the labels, and the arrays that go with them, from the second token on."""
    for name, array in {"labels": labels, **keywords}.items():
        if array.ndim < 2:
            msg = (
                f"`shift` needs {name} of shape (batch, tokens), got shape {tuple(array.shape)}; "
                f"without tokens, leave it out"
            )
            raise ValueError(msg)
    return labels[:, 1:], {name: array[:, 1:] for name, array in keywords.items()}


def check_entries(loss: Any, logits: Tensor, labels: Tensor) -> None:
    """Raise if an entry is a row of labels: the Trainer counts its labels."""
    is_row = loss(logits[:1], labels[:1], reduction="none").shape != labels[:1].shape
    if is_row:
        msg = (
            f"{type(loss).__name__} counts a row of labels as one entry, but the Trainer counts "
            f"each label{_LET_IT_COUNT}"
        )
        raise ValueError(msg)
