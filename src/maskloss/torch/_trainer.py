"""The loss hook for the `Trainer` of Hugging Face transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor

from .. import _public as ml
from .._inputs.options import check_choice, check_flag
from ._accumulation import AccumulatedMean
from ._module import LossModule
from ._objectives import MultiObjective
from ._trainer_checks import (
    check_counts,
    check_entries,
    check_loss,
    check_shift,
    next_tokens,
    shifted,
)
from ._trainer_outputs import items_of, logits_of

_NO_LABELS = "the batch must have a column 'labels', got none; the loss compares logits with it"


class TrainerLoss:
    """The `compute_loss_func` of a `Trainer`; see `compute_loss_func`.

    Attributes
    ----------
    loss : LossModule or MultiObjective
        The loss.
    shift : bool
        Whether the logits at each token predict the label of the next token.
    weight : str or None
        The column of the batch that holds the weights.
    counts : str
        Who counts the labels, ``"trainer"`` or ``"loss"``.
    """

    def __init__(
        self, loss: LossModule | MultiObjective, *, shift: bool, weight: str | None, counts: str
    ) -> None:
        self.loss: LossModule | MultiObjective = loss
        self.shift: bool = shift
        self.weight: str | None = weight
        self.counts: str = counts
        self._weights: Tensor | None = None
        self._mean: AccumulatedMean | None = None
        self._is_checked = False

    def __call__(
        self, outputs: Any, labels: Any, num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Return the loss of one step."""
        if labels is None:
            raise ValueError(_NO_LABELS)
        is_objective = isinstance(self.loss, MultiObjective)
        logits: Any = items_of(outputs) if is_objective else logits_of(outputs)
        keywords = {} if self.weight is None else {"weight": self._take_weights(self.weight)}
        if self.shift:
            logits, labels, keywords = next_tokens(self.loss, logits, labels, keywords)
        loss: Any = self.loss
        if not is_objective:
            loss.to(logits.device)
        if self.counts == "loss":
            if self._mean is None and torch.is_grad_enabled():
                msg = 'a hook with counts="loss" counts after `hook.attach(trainer)`; call it'
                raise RuntimeError(msg)
            result: Any = (loss if self._mean is None else self._mean)(logits, labels, **keywords)
            share: Tensor = result.total if is_objective else result
            return share
        mean: Tensor = loss(logits, labels, divisor=num_items_in_batch, **keywords)
        if not self._is_checked:
            check_entries(loss, logits, labels)
            self._is_checked = True
        return mean

    def attach(self, trainer: Any) -> Any:
        """Count the labels of each optimizer step before its first batch, and return the trainer.

        The counts are those of the loss, over all batches of the step in all processes. With them,
        every reduction, rows and weights, any `missing` and objectives are exact on several
        processes and over accumulated batches.

        Parameters
        ----------
        trainer : transformers.Trainer
            The trainer with this hook as its `compute_loss_func`.

        Returns
        -------
        transformers.Trainer
            The same trainer.
        """
        if self.counts != "loss":
            msg = '`attach` lets the loss count: write compute_loss_func(loss, counts="loss")'
            raise ValueError(msg)
        if trainer.compute_loss_func is not self:
            msg = "`trainer` must have this hook: Trainer(..., compute_loss_func=hook)"
            raise ValueError(msg)
        if trainer.args.n_gpu > 1:
            msg = (
                f"DataParallel splits a batch over {trainer.args.n_gpu} GPUs in one process, where "
                f"parts of a step cannot be counted; start one process per GPU with torchrun"
            )
            raise ValueError(msg)
        get_batches = trainer.get_batch_samples

        def get_and_count(*arguments: Any, **keywords: Any) -> tuple[Any, None]:
            batches, _ = get_batches(*arguments, **keywords)
            if batches:
                self._mean = AccumulatedMean(self.loss)
                self._mean.start(sum(map(self._count, batches)))
            # Without a number of items, the Trainer neither divides nor multiplies the loss.
            return batches, None

        trainer.get_batch_samples = get_and_count
        return trainer

    def _count(self, batch: Mapping[str, Any]) -> Any:
        labels = batch.get("labels")
        if labels is None:
            raise ValueError(_NO_LABELS)
        keywords = {}
        if self.weight is not None:
            keywords["weight"] = _weights_of(self.weight, batch.get(self.weight))
        if self.shift:
            labels, keywords = shifted(labels, keywords)
        return ml.count(self.loss, labels, **keywords)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_weights": None, "_mean": None}

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
        return _weights_of(name, weights)


def _weights_of(name: str, weights: Tensor | None) -> Tensor:
    if weights is None:
        msg = (
            f"the batch must have the column {name!r} of weights, got none; pass the model "
            f"that is trained as `model`, and TrainingArguments(remove_unused_columns=False)"
        )
        raise ValueError(msg)
    return weights


def compute_loss_func(
    loss: LossModule | MultiObjective,
    *,
    shift: bool = False,
    weight: str | None = None,
    model: torch.nn.Module | None = None,
    counts: Literal["trainer", "loss"] = "trainer",
) -> TrainerLoss:
    """Return the hook of a Hugging Face `Trainer` that trains with `loss`.

    With the hook, gradients that are accumulated over steps and averaged over processes equal the
    gradients of one large batch, however the observed labels are distributed. By default, the
    `Trainer` counts all labels other than -100, and the hook divides by that count: this is exact
    for the ``"mean"`` of a loss with one entry per label and ``missing=-100``. With
    ``counts="loss"``, and after ``hook.attach(trainer)``, every mean is exact, also of rows, with
    weights, with any `missing`, and of objectives.

    Parameters
    ----------
    loss : LossModule or MultiObjective
        A loss of logits and labels, which the hook moves to the device of the logits. An objective
        takes a mapping or tuple of them: as the ``"logits"`` of the model, and as the ``"labels"``
        of the batch, which a collator of yours makes.
    shift : bool, default: False
        Whether the logits at each token predict the label of the next token, as in a causal
        language model.
    weight : str, optional
        The column of the batch with a weight per label, in the shape of the labels. It needs
        `model`, and ``remove_unused_columns=False`` in the arguments of the `Trainer`.
    model : torch.nn.Module, optional
        The model of the `Trainer`. A forward hook takes the weights out of its inputs.
    counts : str, default: "trainer"
        Who counts the labels of a step, by whose number the loss is divided: the ``"trainer"``, all
        other than -100, or the ``"loss"``, those that it observes, which needs
        ``hook.attach(trainer)`` before training.

    Returns
    -------
    callable
        The hook, for ``Trainer(compute_loss_func=...)``. It can be pickled.

    Raises
    ------
    TypeError
        If `loss` is no module of this package, or takes other arrays than logits and labels, or if
        `shift` comes with an objective or is no bool.
    ValueError
        If the `Trainer` counts other labels than the loss, because `missing` is not -100 or the
        reduction is not ``"mean"``, if the reduction is no mean, if `shift` would move classes,
        or if only one of `weight` and `model` is given. The hook raises one in the first batch if
        entries are rows of labels, or if `shift` would move classes of a negative `class_axis`.

    Notes
    -----
    The output of the model must be logits, a dict with the key ``"logits"``, or a sequence with the
    logits as its first item. A label of weight 0 counts. Without `attach`, leave
    ``average_tokens_across_devices`` of the `Trainer` at True on several processes.

    Examples
    --------
    >>> import torch
    >>> from maskloss.torch import MaskedBCEWithLogitsLoss, compute_loss_func
    >>> hook = compute_loss_func(MaskedBCEWithLogitsLoss(missing=-100))
    >>> hook({"logits": torch.zeros(1, 2)}, torch.tensor([[1.0, -100.0]]), num_items_in_batch=4)
    tensor(0.1733)
    """
    check_choice("counts", counts, ("trainer", "loss"))
    check_loss(loss)
    if check_flag("shift", shift):
        check_shift(loss)
    if counts == "trainer":
        check_counts(loss)
    else:
        AccumulatedMean(loss)  # it refuses what it could not count in training
    if (weight is None) != (model is None):
        msg = (
            "`weight` and `model` go together, got one of them: `weight` names the column with the "
            "weights, which is taken out of a batch before `model` gets it"
        )
        raise ValueError(msg)
    hook = TrainerLoss(loss, shift=shift, weight=weight, counts=counts)
    if model is not None:
        hook.watch(model)
    return hook
