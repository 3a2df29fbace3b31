"""The loss hook of the `Trainer` of Hugging Face's transformers."""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor

from maskloss.torch._module import LossModule

# The Trainer counts the labels that are not this.
_NOT_COUNTED = -100


class ComputeLoss(Protocol):
    """What `Trainer` takes as `compute_loss_func`."""

    def __call__(
        self, outputs: Any, labels: Tensor, num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Return the loss of one step."""


def compute_loss_func(loss: LossModule, *, shift: bool = False) -> ComputeLoss:
    """Return the hook of a Hugging Face `Trainer` that trains with `loss`.

    Gradients that are accumulated over steps, and averaged over processes, are then those of one
    big batch, however the observed labels are spread.

    Parameters
    ----------
    loss : LossModule
        A loss with ``missing=-100``: the `Trainer` counts all other labels, and the sum of the
        losses is divided by that count. It follows the logits to their device.
    shift : bool, default: False
        Whether the logits of each token are of the next one's label, as those of a causal language
        model are.

    Returns
    -------
    callable
        What ``Trainer(compute_loss_func=...)`` takes.

    Raises
    ------
    TypeError
        If `loss` is no module of this package.
    ValueError
        If its `missing` is not -100.

    Notes
    -----
    The outputs of the model must have `logits`, or have them first. Where an entry is a row, the
    divisor is still a count of labels, not of rows.

    Examples
    --------
    >>> import torch
    >>> from maskloss.torch import MaskedBCEWithLogitsLoss, compute_loss_func
    >>> hook = compute_loss_func(MaskedBCEWithLogitsLoss(missing=-100))
    >>> hook({"logits": torch.zeros(1, 2)}, torch.tensor([[1.0, -100.0]]), num_items_in_batch=4)
    tensor(0.1733)
    """
    given: object = loss
    if not isinstance(given, LossModule):
        msg = f"`loss` must be a module of maskloss.torch, got {type(loss).__name__}"
        raise TypeError(msg)
    if loss.missing != _NOT_COUNTED:
        msg = (
            f"`loss` must have missing={_NOT_COUNTED}, since the Trainer counts all labels but "
            f"those, got missing={loss.missing!r}; write {_NOT_COUNTED} where a label is missing"
        )
        raise ValueError(msg)

    def hook(
        outputs: Any, labels: Tensor, num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        logits = outputs["logits"] if isinstance(outputs, dict) else outputs[0]
        if shift:
            logits, labels = logits[:, :-1], labels[:, 1:]
        result: Tensor = loss.to(logits.device)(logits, labels, divisor=num_items_in_batch)
        return result

    return hook
