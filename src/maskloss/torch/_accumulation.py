"""Means over all batches and processes of one optimizer step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

import maskloss as ml
from maskloss.torch._module import LossModule
from maskloss.torch._objectives import MultiObjective

# The field of `Sums` that divides the total, for each reduction.
_DIVISORS = {"mean": "count", "weighted_mean": "weight"}


class AccumulatedMean(torch.nn.Module):  # type: ignore[misc]
    """A mean over all entries of one optimizer step: several batches, and several processes.

    The number of observed entries is known only after the last batch. In training, a call therefore
    returns the sum of the losses of its batch. Before the optimizer's step, `divide_gradients`
    divides the gradients, which turns them into gradients of the mean. In evaluation, and without
    gradients, a call returns the mean over its batch, which does not count towards the divisor.
    All other calls count. `divide_gradients` divides the whole gradient of each parameter,
    including the part from other losses.

    Parameters
    ----------
    loss : LossModule
        A loss whose reduction is ``"mean"`` or ``"weighted_mean"``.

    Raises
    ------
    TypeError
        If `loss` is no module of this package.
    ValueError
        If `loss` has another reduction.

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
        if isinstance(given, MultiObjective):
            msg = (
                "`loss` must be a module of one loss, got MultiObjective: each head has a number "
                "of observed entries of its own, and one division of the gradients cannot serve "
                "all; count first, and call objective(..., divisor={head: count}) on each batch"
            )
            raise TypeError(msg)
        if not isinstance(given, LossModule):
            msg = f"`loss` must be a module of maskloss.torch, got {type(loss).__name__}"
            raise TypeError(msg)
        if loss.reduction not in _DIVISORS:
            msg = (
                f"`loss` must have the reduction {' or '.join(map(repr, _DIVISORS))}, whose sums "
                f"add up over batches, got {loss.reduction!r}"
            )
            raise ValueError(msg)
        self.loss = loss
        self.divisor: Tensor | None = None

    def forward(self, *arrays: Tensor, **keywords: Any) -> Tensor:
        """Return the sum of the losses of a batch in training, and their mean in evaluation.

        Parameters
        ----------
        *arrays : Tensor
            The arrays of the loss.
        **keywords : dict
            The keywords of the loss for this batch, such as `mask` and `weight`.

        Returns
        -------
        Tensor
            The sum or the mean.
        """
        # `model.eval()` does not reach a loss outside the model, so the grad mode decides as well.
        if not (self.training and torch.is_grad_enabled()):
            return self.loss(*arrays, **keywords)
        sums: ml.Sums = self.loss(*arrays, **keywords, reduction="sums")
        divisor = getattr(sums, _DIVISORS[self.loss.reduction]).detach()
        self.divisor = divisor if self.divisor is None else self.divisor + divisor
        return sums.total

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def divide_gradients(self, parameters: Iterable[Tensor], *, steps: int = 1) -> None:
        """Divide gradients by the divisor since the last call, summed over all processes.

        Every process of `torch.distributed` must call this method, after the gradients are averaged
        over the processes, as DistributedDataParallel does.

        Parameters
        ----------
        parameters : iterable of Tensor
            The parameters of the optimizer.
        steps : int, default: 1
            The number by which the training loop divided the losses: Lightning divides by its
            ``accumulate_grad_batches``.
        """
        gradients = [tensor.grad for tensor in parameters if tensor.grad is not None]
        if not gradients:
            return
        divisor = gradients[0].new_zeros(()) if self.divisor is None else self.divisor
        self.divisor, processes = None, 1
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            # All processes must reduce one dtype, also a process that has counted nothing.
            divisor = divisor.to(torch.float64)
            torch.distributed.all_reduce(divisor)
            processes = torch.distributed.get_world_size()
        # Without an observed entry the gradients are 0, and dividing by 1 keeps them 0.
        factor = steps * processes / torch.where(divisor == 0, 1, divisor)
        for gradient in gradients:
            gradient.mul_(factor.to(gradient.device))
