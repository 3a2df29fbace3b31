"""Means over all batches and processes of one optimizer step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

import maskloss as ml
from maskloss.torch._module import LossModule

_DIVISORS = {"mean": "count", "weighted_mean": "weight"}


class AccumulatedMean(torch.nn.Module):  # type: ignore[misc]
    """A mean over all that an optimizer step sees: several batches, and several processes.

    How much of it is observed is known after the last batch only. In training, a call therefore
    returns the sum of the losses of its batch, and `divide_gradients`, before the optimizer's step,
    makes the gradients those of the mean. In evaluation, and where no gradients are taken, a call
    returns the mean over its batch. Every other call counts, and all gradients are divided,
    whatever they are of.

    Parameters
    ----------
    loss : LossModule
        A loss whose reduction is ``"mean"`` or ``"weighted_mean"``.

    Raises
    ------
    TypeError
        If `loss` is no module of this package.
    ValueError
        If it has another reduction.

    Examples
    --------
    >>> import torch
    >>> from maskloss.torch import AccumulatedMean, MaskedMSELoss
    >>> x = torch.nn.Parameter(torch.tensor([1.0, 1.0, 1.0]))
    >>> loss = AccumulatedMean(MaskedMSELoss(missing=-1))
    >>> for batch, targets in [(slice(0, 1), [3.0]), (slice(1, 3), [5.0, -1.0])]:
    ...     loss(x[batch], torch.tensor(targets)).backward()
    >>> loss.divide_gradients([x])
    >>> x.grad
    tensor([-2., -4.,  0.])
    """

    def __init__(self, loss: LossModule) -> None:
        super().__init__()
        given: object = loss
        if not isinstance(given, LossModule):
            msg = f"`loss` must be a module of maskloss.torch, got {type(loss).__name__}"
            raise TypeError(msg)
        if loss.reduction not in _DIVISORS:
            msg = (
                f"`loss` must have the reduction {' or '.join(map(repr, _DIVISORS))}, whose parts "
                f"add up, got {loss.reduction!r}"
            )
            raise ValueError(msg)
        self.loss = loss
        self.divisor: Tensor | None = None

    def forward(self, *arrays: Tensor, **keywords: Any) -> Tensor:
        """Return the sum of the losses of a batch, or where none is trained on, their mean.

        Parameters
        ----------
        *arrays : Tensor
            The arrays of the loss.
        **keywords : dict
            Its keywords for this batch, such as `mask` and `weight`.

        Returns
        -------
        Tensor
            The sum or the mean.
        """
        # The mode of a model does not reach a loss that is no part of it.
        if not (self.training and torch.is_grad_enabled()):
            return self.loss(*arrays, **keywords)
        sums: ml.Sums = self.loss(*arrays, **keywords, reduction="sums")
        divisor = getattr(sums, _DIVISORS[self.loss.reduction]).detach()
        self.divisor = divisor if self.divisor is None else self.divisor + divisor
        return sums.total

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def divide_gradients(self, parameters: Iterable[Tensor], *, steps: int = 1) -> None:
        """Divide gradients by what was observed since the last time, over all processes.

        The processes are those of `torch.distributed`: each must call this, once the gradients are
        averaged over them, as DistributedDataParallel does.

        Parameters
        ----------
        parameters : iterable of Tensor
            The parameters that the optimizer steps along.
        steps : int, default: 1
            By what the training loop divided the losses, such as Lightning by its
            ``accumulate_grad_batches``.
        """
        gradients = [tensor.grad for tensor in parameters if tensor.grad is not None]
        if not gradients:
            return
        divisor = gradients[0].new_zeros(()) if self.divisor is None else self.divisor
        self.divisor, processes = None, 1
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            # In one dtype, whether or not this process has counted anything.
            divisor = divisor.to(torch.float64)
            torch.distributed.all_reduce(divisor)
            processes = torch.distributed.get_world_size()
        # Where nothing was observed, the gradients are 0.
        factor = steps * processes / torch.where(divisor == 0, 1, divisor)
        for gradient in gradients:
            gradient.mul_(factor.to(gradient.device))
