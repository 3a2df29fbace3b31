"""The loss hook for the `Trainer` of Hugging Face transformers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from maskloss._arrays.kinds import type_name
from maskloss._inputs.missing import as_tuple
from maskloss._registry import record_of
from maskloss._signatures import takes_array
from maskloss.torch._module import LossModule
from maskloss.torch._objectives import MultiObjective

# The Trainer counts all labels other than -100 (`Trainer.get_batch_samples`).
_IGNORED_LABEL = -100


class TrainerLoss:
    """The `compute_loss_func` of a `Trainer`; see `compute_loss_func`.

    Attributes
    ----------
    loss : LossModule
        The loss.
    shift : bool
        Whether the logits at each token predict the label of the next token.
    weight : str or None
        The column of the batch that holds the weights.
    """

    def __init__(self, loss: LossModule, *, shift: bool, weight: str | None) -> None:
        self.loss: LossModule = loss
        self.shift: bool = shift
        self.weight: str | None = weight
        self._weights: Tensor | None = None

    def __call__(
        self, outputs: Any, labels: Tensor | None, num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Return the loss of one step."""
        if labels is None:
            msg = (
                "the batch must have a column 'labels', got none; the loss compares logits with it"
            )
            raise ValueError(msg)
        logits = _logits_of(outputs)
        keywords = {} if self.weight is None else {"weight": self._take_weights(self.weight)}
        if self.shift:
            logits, labels = logits[:, :-1], labels[:, 1:]
            keywords = {name: weights[:, 1:] for name, weights in keywords.items()}
        loss = self.loss.to(logits.device)
        result: Tensor = loss(logits, labels, divisor=num_items_in_batch, **keywords)
        return result

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_weights": None}

    def watch(self, model: torch.nn.Module) -> None:
        """Take the column of weights from all batches before they reach the model."""
        model.register_forward_pre_hook(self._keep_weights, with_kwargs=True)

    def _keep_weights(
        self, _: torch.nn.Module, arrays: tuple[Any, ...], keywords: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        self._weights = keywords.get(str(self.weight))
        return arrays, {name: array for name, array in keywords.items() if name != self.weight}

    def _take_weights(self, name: str) -> Tensor:
        weights, self._weights = self._weights, None
        if weights is None:
            msg = (
                f"the batch must have the column {name!r} of weights, got none; pass the model "
                f"that is trained as `model`, and TrainingArguments(remove_unused_columns=False)"
            )
            raise ValueError(msg)
        return weights


def compute_loss_func(
    loss: LossModule,
    *,
    shift: bool = False,
    weight: str | None = None,
    model: torch.nn.Module | None = None,
) -> TrainerLoss:
    """Return the hook of a Hugging Face `Trainer` that trains with `loss`.

    With the hook, gradients that are accumulated over steps and averaged over processes equal the
    gradients of one large batch, however the observed labels are distributed.

    Parameters
    ----------
    loss : LossModule
        A loss of logits and labels with ``missing=-100``: the `Trainer` counts all other labels,
        and the hook divides the sum of the losses by that count. The hook moves the loss to the
        device of the logits.
    shift : bool, default: False
        Whether the logits at each token predict the label of the next token, as in a causal
        language model.
    weight : str, optional
        The column of the batch with a weight per label, in the shape of the labels. It needs
        `model`, and ``remove_unused_columns=False`` in the arguments of the `Trainer`.
    model : torch.nn.Module, optional
        The model of the `Trainer`. A forward hook takes the weights out of its inputs.

    Returns
    -------
    callable
        The hook, for ``Trainer(compute_loss_func=...)``. It can be pickled.

    Raises
    ------
    TypeError
        If `loss` is no module of this package, or takes other arrays than logits and labels.
    ValueError
        If the `missing` of `loss` is not -100, or only one of `weight` and `model` is given.

    Notes
    -----
    The output of the model must be logits, a dict with the key ``"logits"``, or a sequence with the
    logits as its first item. If an entry of the loss is a row, the divisor is still the number of
    labels. A label of weight 0 counts in it.

    Examples
    --------
    >>> import torch
    >>> from maskloss.torch import MaskedBCEWithLogitsLoss, compute_loss_func
    >>> hook = compute_loss_func(MaskedBCEWithLogitsLoss(missing=-100))
    >>> hook({"logits": torch.zeros(1, 2)}, torch.tensor([[1.0, -100.0]]), num_items_in_batch=4)
    tensor(0.1733)
    """
    _check_loss(loss)
    if (weight is None) != (model is None):
        msg = (
            "`weight` and `model` go together: the column of the batch with the weights, and the "
            "model before which it is taken out of the batch"
        )
        raise ValueError(msg)
    hook = TrainerLoss(loss, shift=shift, weight=weight)
    if model is not None:
        hook.watch(model)
    return hook


def _check_loss(loss: object) -> None:
    if isinstance(loss, MultiObjective):
        msg = (
            "`loss` must be a module of one loss, got MultiObjective, whose heads are divided by "
            "counts of their own: the Trainer counts the labels of one tensor"
        )
        raise TypeError(msg)
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
    if as_tuple(loss.missing) != (_IGNORED_LABEL,):
        msg = (
            f"`loss` must have missing={_IGNORED_LABEL}, since the Trainer counts all other "
            f"labels, got missing={loss.missing!r}; write {_IGNORED_LABEL} where a label is missing"
        )
        raise ValueError(msg)


def _logits_of(outputs: Any) -> Tensor:
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
