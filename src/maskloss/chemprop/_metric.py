"""A loss as a metric of chemprop, which is also its criterion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from chemprop.nn.metrics import BoundedMixin, ChempropMetric
from torch import Tensor

from .._registry import check_options, record_of, refuse_non_loss


class MaskedMetric(ChempropMetric):  # type: ignore[misc]
    """A loss of maskloss as a criterion and a metric of chemprop.

    The mean is that of chemprop: the sum of the losses times the weights of molecules and tasks,
    divided by the number of observed targets. Without an observed target it is 0.

    Parameters
    ----------
    task_weights : array-like, default: 1.0
        One weight per task.
    **options
        Keywords of the loss, such as ``delta=2.0``.

    Raises
    ------
    TypeError
        If the class has no loss, or its loss does not take an option.

    Examples
    --------
    The command line of chemprop passes no options. For them, register a class of your own in a
    module that can be imported, since chemprop pickles it:

    >>> import maskloss as ml
    >>> from chemprop.nn import LossFunctionRegistry
    >>> from maskloss.chemprop import MaskedMetric
    >>> @LossFunctionRegistry.register("huber_2")
    ... class Huber2(MaskedMetric, loss=ml.huber_loss, delta=2.0):
    ...     pass
    """

    loss: ClassVar[Callable[..., Any]]
    defaults: ClassVar[dict[str, Any]] = {}
    _of_the_batch: ClassVar[tuple[str, ...]] = ("mask", "reduction")

    def __init_subclass__(cls, *, loss: Callable[..., Any] | None = None, **defaults: Any) -> None:
        """Make a metric of `loss`, by default that of the parent class, with default options."""
        super().__init_subclass__()
        if loss is not None:
            cls.loss = staticmethod((record_of(loss) or refuse_non_loss(loss)).function)
        cls.defaults = {**cls.defaults, **defaults}

    def __init__(self, task_weights: Any = 1.0, **options: Any) -> None:
        super().__init__(task_weights)
        if not hasattr(self, "loss"):
            name = type(self).__name__
            msg = f"{name} has no loss: declare `class Name({name}, loss=...)`, and call that"
            raise TypeError(msg)
        # chemprop builds a metric anew from its attributes that are named as parameters.
        given = options.pop("options", {})
        self.options: dict[str, Any] = {**self.defaults, **given, **options}
        check_options(
            record_of(self.loss) or refuse_non_loss(self.loss), self.options, self._of_the_batch
        )

    def compute(self) -> Tensor:
        """Return the mean over the observed targets."""
        mean: Tensor = self.total_loss / self.num_samples.clamp(min=1)
        return mean

    def _calc_unreduced_loss(
        self,
        preds: Tensor,
        targets: Tensor,
        mask: Tensor,
        _weights: Tensor,
        _lt_mask: Tensor,
        _gt_mask: Tensor,
    ) -> Tensor:
        return self._losses(preds, targets, mask=mask)

    def _losses(self, *arrays: Tensor, **keywords: Any) -> Tensor:
        losses: Tensor = self.loss(*arrays, reduction="none", **{**self.options, **keywords})
        return losses

    def extra_repr(self) -> str:
        """Return the task weights and the options."""
        parts = [super().extra_repr(), *(f"{name}={v!r}" for name, v in self.options.items())]
        return ", ".join(parts)


class BoundedMetric(MaskedMetric, BoundedMixin):  # type: ignore[misc]
    """A loss of numbers that are exact, or an upper or a lower bound, as ``<5`` and ``>5``.

    Parameters
    ----------
    task_weights : array-like, default: 1.0
        One weight per task.
    **options
        Keywords of the loss.

    See Also
    --------
    MaskedMetric : The same without bounds.
    """

    _of_the_batch = ("mask", "reduction", "censoring")

    def _calc_unreduced_loss(
        self,
        preds: Tensor,
        targets: Tensor,
        mask: Tensor,
        _weights: Tensor,
        lt_mask: Tensor,
        gt_mask: Tensor,
    ) -> Tensor:
        # The target "<5" is an upper bound. For the scores of one task, chemprop 2.3 passes flat
        # masks beside columns.
        censoring = gt_mask.to(torch.int8) - lt_mask.to(torch.int8)
        return self._losses(preds, targets, mask=mask, censoring=censoring.view_as(targets))


class ClassIndexMetric(MaskedMetric):
    """A loss of logits of shape (b, t, c) and class indices, which chemprop keeps as floats."""

    def _losses(self, *arrays: Tensor, **keywords: Any) -> Tensor:
        logits, labels = arrays
        return super()._losses(logits, labels.long(), **keywords)


class MeanVarianceMetric(MaskedMetric):
    """A loss of means and variances, which lie along the last axis."""

    def _losses(self, *arrays: Tensor, **keywords: Any) -> Tensor:
        predictions, targets = arrays
        means, variances = predictions.unbind(dim=-1)
        return super()._losses(means, targets, variances, **keywords)
