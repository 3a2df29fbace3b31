"""A loss of numbers as the `loss` of a model of neuralforecast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from neuralforecast.losses.pytorch import BasePointLoss
from torch import Tensor

from .. import _public as ml
from .._registry import check_options, record_of, refuse_non_loss


class MaskedPointLoss(BasePointLoss):  # type: ignore[misc]
    """A loss of maskloss for point forecasts, as ``loss`` and ``valid_loss`` of a model.

    It is the weighted mean over the values whose ``available_mask`` is 1, with the weights of the
    horizon and of the windows. What is not available may be NaN in `y`, and contributes nothing to
    value and gradient.

    Parameters
    ----------
    loss : str or callable
        A loss of predictions and targets: ``"huber_loss"``, or the function `maskloss.huber_loss`.
        neuralforecast saves a model whose loss is given by its name.
    horizon_weight : Tensor, shape (h,), optional
        A weight for each step of the horizon.
    **options
        Keywords of the loss that are numbers, such as ``delta=2.0``.

    Raises
    ------
    TypeError
        If `loss` is no loss of maskloss, needs more than predictions and targets, or does not take
        an option.
    AttributeError
        If there is no loss of that name.

    Examples
    --------
    >>> import torch
    >>> from maskloss.neuralforecast import MaskedPointLoss
    >>> loss = MaskedPointLoss("huber_loss", delta=0.5)
    >>> y, seen = torch.tensor([[[2.0], [float("nan")]]]), torch.tensor([[[1.0], [0.0]]])
    >>> loss(y, torch.zeros(1, 2, 1), mask=seen)
    tensor(0.8750)
    """

    def __init__(
        self,
        loss: str | Callable[..., Any],
        horizon_weight: Tensor | None = None,
        **options: Any,
    ) -> None:
        named = getattr(ml, loss) if isinstance(loss, str) else loss
        record = record_of(named) or refuse_non_loss(named)
        if record.inputs is None or record.required:
            needs = ", ".join(record.required) or "a layer"
            msg = f"`loss` must be a loss of predictions and targets; {record.name} needs {needs}"
            raise TypeError(msg)
        check_options(record, options, taken=("mask", "weight", "reduction"))
        super().__init__(horizon_weight=horizon_weight, outputsize_multiplier=1, output_names=[""])
        self.loss: Callable[..., Any] = record.function
        self.options: dict[str, Any] = options

    def __call__(
        self,
        y: Tensor,
        y_hat: Tensor,
        mask: Tensor | None = None,
        y_insample: Tensor | None = None,  # noqa: ARG002
    ) -> Tensor:
        """Return the loss of a batch.

        Parameters
        ----------
        y, y_hat : Tensor, shape (B, h, N)
            Targets and forecasts.
        mask : Tensor, shape (B, h, N), optional
            0 where a value is not available, else the weight of its window.
        y_insample : Tensor, optional
            The past, which point losses do not read.

        Returns
        -------
        Tensor
            The weighted mean.
        """
        weights = self._compute_weights(y=y, mask=mask)
        given = {"mask": weights != 0, "weight": weights, "reduction": "weighted_mean"}
        mean: Tensor = self.loss(y_hat, y, **given, **self.options)
        return mean
