"""Means over all batches and processes of one optimizer step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from .. import _public as ml
from ._all_reduce import all_reduce, is_distributed
from ._module import LossModule
from ._objectives import MultiObjective

# The field of `Sums` that divides the total, for each reduction whose sums add up over batches.
_DIVISORS = {"mean": "count", "weighted_mean": "weight"}
# With `start`, also these; the first two divide by a count.
_STARTED = {"mean_over_all": "count", "macro": "count", "samples": "count", **_DIVISORS}


class AccumulatedMean(torch.nn.Module):  # type: ignore[misc]
    """A mean over all entries of one optimizer step: several batches, and several processes.

    There are two ways. **Count first**: give `start` the `count` of all batches of the step. A call
    then returns the share of its batch in the global mean, and the gradients need no division.
    This way serves every engine, every reduction, float16 and objectives. **Divide last**: without
    `start`, a call in training returns the sum of the losses of its batch. Before the optimizer's
    step, `divide_gradients` divides the gradients, which turns them into gradients of the mean. It
    divides the whole gradient of each parameter, including the part from other losses.

    In evaluation, and without gradients, a call returns the mean over its batch, which does not
    count towards the step. All other calls count.

    Parameters
    ----------
    loss : LossModule or MultiObjective
        A loss whose reduction is ``"mean"`` or ``"weighted_mean"``; with `start`, also
        ``"mean_over_all"``, ``"macro"`` or ``"samples"``, or an objective.
    group : ProcessGroup, optional
        The processes of `torch.distributed` with different data, by default all.
    averaged : bool, default: True
        Whether the engine averages gradients over these processes, as DistributedDataParallel and
        FSDP do. With False, it adds them.

    Attributes
    ----------
    value : Tensor or None
        The mean over all batches and processes of the last step that `divide_gradients` or `finish`
        ended, the same in each process: the number to log.

    Raises
    ------
    TypeError
        If `loss` is no module of this package.
    ValueError
        If `loss` has another reduction.

    Examples
    --------
    >>> import torch
    >>> import maskloss as ml
    >>> from maskloss.torch import AccumulatedMean, MaskedMSELoss
    >>> x = torch.nn.Parameter(torch.tensor([1.0, 1.0, 1.0]))
    >>> batches = [(slice(0, 1), [3.0]), (slice(1, 3), [5.0, -1.0])]
    >>> loss = AccumulatedMean(MaskedMSELoss(missing=-1))
    >>> for batch, targets in batches:
    ...     loss(x[batch], torch.tensor(targets)).backward()
    >>> loss.divide_gradients([x])
    >>> x.grad, loss.value.item()
    (tensor([-2., -4.,  0.]), 10.0)

    The same by counting first:

    >>> x.grad = None
    >>> loss.start(sum(ml.count(loss.loss, torch.tensor(targets)) for _, targets in batches))
    >>> for batch, targets in batches:
    ...     loss(x[batch], torch.tensor(targets)).backward()
    >>> x.grad, loss.finish().item()
    (tensor([-2., -4.,  0.]), 10.0)
    """

    def __init__(
        self, loss: LossModule | MultiObjective, *, group: Any = None, averaged: bool = True
    ) -> None:
        super().__init__()
        given: object = loss
        if not isinstance(given, LossModule | MultiObjective):
            msg = f"`loss` must be a module of maskloss.torch, got {type(loss).__name__}"
            raise TypeError(msg)
        if isinstance(given, LossModule) and given.reduction not in _STARTED:
            msg = (
                f"`loss` must have the reduction {' or '.join(map(repr, _DIVISORS))}, whose sums "
                f"add up over batches, or with `start` {', '.join(list(_STARTED)[:3])}, got "
                f"{given.reduction!r}"
            )
            raise ValueError(msg)
        self.loss: LossModule | MultiObjective = loss
        self.group: Any = group
        self.averaged: bool = averaged
        self.value: Tensor | None = None
        self._sums: ml.Sums | None = None
        self._counts: Any = None
        self._share: Tensor | None = None

    @property
    def divisor(self) -> Tensor | None:
        """What this process has counted since the last step; None if nothing."""
        return None if self._sums is None else self._of(self._sums)

    def start(self, counts: ml.Sums | ml.ObjectiveSums) -> None:
        """Begin a step, given what this process will count in it.

        Every process of the group must call this method, once for each step.

        Parameters
        ----------
        counts : Sums or ObjectiveSums
            The sum of `maskloss.count` of the loss over all batches of the step in this process.
        """
        if self._sums is not None:
            msg = (
                "`start` comes before the first batch of a step, but batches were counted since "
                "the last step; call `divide_gradients` after each step, or `start` before it"
            )
            raise RuntimeError(msg)
        given: Any = counts
        self._counts, self._share = all_reduce(given, self.group), None

    def forward(self, *arrays: Any, **keywords: Any) -> Any:
        """Return the share or the sum of a batch in training, and its mean in evaluation.

        Parameters
        ----------
        *arrays : Tensor
            The arrays of the loss.
        **keywords : dict
            The keywords of the loss for this batch, such as `mask` and `weight`.

        Returns
        -------
        Tensor or ObjectiveValue
            The share, the sum or the mean; of an objective, the shares of the total and of each
            head's value.
        """
        # `model.eval()` does not reach a loss outside the model, so the grad mode decides as well.
        if not (self.training and torch.is_grad_enabled()):
            return self.loss(*arrays, **keywords)
        if self._counts is not None:
            return self._shared(arrays, keywords)
        sums: ml.Sums = self._counted_later()(*arrays, **keywords, reduction="sums")
        detached = ml.Sums(*(part.detach() for part in sums))
        self._sums = detached if self._sums is None else self._sums + detached
        return sums.total

    def _counted_later(self) -> LossModule:
        """Return the loss, if its gradients may be divided when the step is complete."""
        if isinstance(self.loss, MultiObjective) or self.loss.reduction not in _DIVISORS:
            msg = (
                "an objective, and a mean of means, must know the counts of the step before its "
                "first batch: call `start(sum(maskloss.count(loss, labels) for labels in step))`"
            )
            raise RuntimeError(msg)
        return self.loss

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def divide_gradients(self, parameters: Iterable[Tensor], *, steps: int = 1) -> None:
        """Divide gradients by the divisor since the last call, summed over all processes.

        Every process of the group must call this method, also one without a batch, after the
        gradients are averaged over the processes, as DistributedDataParallel does.

        Parameters
        ----------
        parameters : iterable of Tensor
            The parameters of the optimizer.
        steps : int, default: 1
            The number by which the training loop divided the losses: Lightning divides by its
            ``accumulate_grad_batches``.

        Raises
        ------
        RuntimeError
            If this process has counted entries, but no parameter has a gradient, if `start` was
            called, after which gradients need no division, or if the loss needs it.
        """
        if self._counts is not None:
            msg = "gradients need no division after `start`; call `finish` for the value"
            raise RuntimeError(msg)
        self._counted_later()
        parameters = list(parameters)
        gradients = [tensor.grad for tensor in parameters if tensor.grad is not None]
        # The collective comes before any return: a process that leaves makes the others wait.
        own, self._sums = self._sums, None
        has_counted = own is not None
        if own is None:
            device = parameters[0].device if parameters else torch.device("cpu")
            own = ml.Sums(*torch.zeros(3, dtype=torch.float32, device=device))
        whole = all_reduce(own, self.group)
        self.value = self._mean(whole)
        if has_counted and not gradients:
            msg = (
                "there is no gradient to divide: no parameter has a `.grad` after the batches of "
                "this step. Engines such as DeepSpeed ZeRO keep gradients elsewhere; count first "
                "with `start`, which needs no division"
            )
            raise RuntimeError(msg)
        divisor = self._of(whole)
        divisor = divisor.to(_wide(divisor))
        # Without an observed entry the gradients are 0, and dividing by 1 keeps them 0.
        factor = steps * self._processes / torch.where(divisor == 0, 1, divisor)
        for gradient in gradients:
            gradient.mul_(factor.to(gradient.device))

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def finish(self) -> Tensor:
        """End a step that `start` began, and return its mean over all batches and processes.

        Every process of the group must call this method.

        Returns
        -------
        Tensor
            The global mean, or the total of an objective; also the attribute `value`.
        """
        if self._counts is None:
            msg = "`finish` ends a step that `start` began; call `start` before the first batch"
            raise RuntimeError(msg)
        own = _zero(self._counts) if self._share is None else self._share
        whole = all_reduce(ml.Sums(own, own, own), self.group).total
        self._counts, self._share = None, None
        self.value = whole / self._processes
        return self.value

    @property
    def _processes(self) -> int:
        """The number by which the engine divides the sum of gradients."""
        is_averaged = self.averaged and is_distributed()
        return torch.distributed.get_world_size(self.group) if is_averaged else 1

    def _of(self, sums: ml.Sums) -> Tensor:
        """Return the divisor among sums."""
        divisor: Tensor = getattr(sums, _STARTED[self.loss.reduction])
        return divisor

    def _mean(self, sums: ml.Sums) -> Tensor:
        mean: Tensor = sums.mean() if self._of(sums) is sums.count else sums.weighted_mean()
        return mean

    def _shared(self, arrays: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Return the share of a batch in the mean of the step, which `start` counted."""
        processes = self._processes
        if isinstance(self.loss, MultiObjective):
            result = self.loss.share(*arrays, **keywords, counts=self._counts, processes=processes)
            self._add_share(result.total)
            return result
        counted = self._of(self._counts)
        divisor = counted.to(_wide(counted)) / processes
        if self.loss.reduction == "samples":
            value = self.loss(*arrays, **keywords)
            own = ml.count(self.loss, arrays[1], shape=tuple(arrays[0].shape), **keywords)
            value = value * (own.count / torch.where(divisor == 0, 1, divisor)).to(value.dtype)
        else:
            value = self.loss(*arrays, **keywords, divisor=divisor)
        self._add_share(value)
        return value

    def _add_share(self, share: Tensor) -> None:
        share = share.detach().to(_wide(share))
        self._share = share if self._share is None else self._share + share


def _wide(tensor: Tensor) -> torch.dtype:
    """Return float64 where the device has it."""
    return torch.float32 if tensor.device.type == "mps" else torch.float64


def _zero(counts: Any) -> Tensor:
    """Return 0 on the device of some counts."""
    if isinstance(counts, ml.ObjectiveSums):
        heads = counts.heads
        counts = next(iter(heads.values() if isinstance(heads, dict) else heads))
    zero: Tensor = counts.weight.new_zeros((), dtype=_wide(counts.weight))
    return zero
