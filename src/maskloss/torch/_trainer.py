"""The loss hook for the `Trainer` of Hugging Face transformers."""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor

from maskloss.torch._module import LossModule

# The Trainer counts all labels other than -100 (`Trainer.get_batch_samples`).
_IGNORED_LABEL = -100


class ComputeLoss(Protocol):
    """The type of the `compute_loss_func` of a `Trainer`."""

    def __call__(
        self, outputs: Any, labels: Tensor, num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Return the loss of one step."""


def compute_loss_func(loss: LossModule, *, shift: bool = False) -> ComputeLoss:
    """Return the hook of a Hugging Face `Trainer` that trains with `loss`.

    With the hook, gradients that are accumulated over steps and averaged over processes equal the
    gradients of one large batch, however the observed labels are distributed.

    Parameters
    ----------
    loss : LossModule
        A loss with ``missing=-100``: the `Trainer` counts all other labels, and the hook divides
        the sum of the losses by that count. The hook moves the loss to the device of the logits.
    shift : bool, default: False
        Whether the logits at each token predict the label of the next token, as in a causal
        language model.

    Returns
    -------
    callable
        The hook, for ``Trainer(compute_loss_func=...)``.

    Raises
    ------
    TypeError
        If `loss` is no module of this package.
    ValueError
        If the `missing` of `loss` is not -100.

    Notes
    -----
    The output of the model must be a dict with the key ``"logits"``, or a sequence with the logits
    as its first item. If an entry of the loss is a row, the divisor is still the number of labels.

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
    if loss.missing != _IGNORED_LABEL:
        msg = (
            f"`loss` must have missing={_IGNORED_LABEL}, since the Trainer counts all other "
            f"labels, got missing={loss.missing!r}; write {_IGNORED_LABEL} where a label is missing"
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
