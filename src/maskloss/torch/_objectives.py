"""Several objectives as one module, with learned weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from .. import _public as ml
from .._objectives.heads import Heads
from ._state import keep, shown


class MultiObjective(torch.nn.Module):  # type: ignore[misc]
    """The total of the losses of several heads, with learned log-variances.

    Parameters
    ----------
    heads : mapping or tuple of maskloss.Head
        The heads by name, or in order, as `maskloss.MultiObjective` takes them. Tensors in their
        options become buffers.
    learn_weights : bool, default: True
        Whether to weigh the heads by a parameter `log_variances`, one number per head with initial
        value 0. Pass it to the optimizer with the parameters of the model, without weight decay.
        With False, only the weights of the heads apply.

    Raises
    ------
    TypeError
        If `heads` is neither a mapping nor a tuple of `Head`.
    ValueError
        If there is no head.

    See Also
    --------
    maskloss.MultiObjective : The same objective without state; its docstring has the formulas.

    Examples
    --------
    >>> import torch
    >>> import maskloss as ml
    >>> from maskloss.torch import MultiObjective
    >>> objective = MultiObjective({
    ...     "kind": ml.Head(ml.cross_entropy, missing=-1),
    ...     "depth": ml.Head(ml.mse_loss, missing=float("nan")),
    ... })
    >>> predictions = {"kind": torch.zeros(2, 3), "depth": torch.tensor([1.0, 2.0])}
    >>> targets = {"kind": torch.tensor([-1, -1]), "depth": torch.tensor([5.0, float("nan")])}
    >>> result = objective(predictions, targets)
    >>> result.total.backward()
    >>> result.total.item(), objective.log_variances.grad
    (8.0, tensor([ 0.0000, -7.5000]))
    """

    def __init__(
        self, heads: Mapping[Any, ml.Head] | Sequence[ml.Head], *, learn_weights: bool = True
    ) -> None:
        super().__init__()
        checked = Heads(heads)
        self._attributes: dict[str, dict[Any, str]] = {}
        bare = [self._take_tensors(key, head) for key, head in checked.by_key.items()]
        self._objective = ml.MultiObjective(checked.structure.build(bare))
        self._heads = Heads(self._objective.heads)
        self.log_variances: torch.nn.Parameter | None
        self.log_variances = torch.nn.Parameter(torch.zeros(len(bare))) if learn_weights else None

    def forward(
        self,
        predictions: Mapping[Any, Tensor] | Sequence[Tensor],
        targets: Mapping[Any, Tensor] | Sequence[Tensor],
        *,
        reduction: Literal["sums"] | None = None,
        **keywords: Mapping[Any, Any] | Sequence[Any] | None,
    ) -> ml.ObjectiveValue | ml.ObjectiveSums:
        """Return the total, and the value and the count of each head.

        Parameters
        ----------
        predictions : mapping or tuple of Tensor
            The first argument of each head's loss.
        targets : mapping or tuple of Tensor
            The second argument of each head's loss.
        reduction : "sums", optional
            Return the `Sums` of each head instead; `combine` computes the total from them.
        **keywords : mapping or tuple
            Keywords of the losses for this call, such as `mask` and `weight`, each for the heads
            that it names. They override the options of the heads.

        Returns
        -------
        ObjectiveValue or ObjectiveSums
            The total, and each head's value and count.
        """
        for name in self._attributes:
            keywords[name] = self._completed(name, keywords.get(name))
        return self._objective(  # type: ignore[no-any-return]
            predictions,
            targets,
            log_variances=None if reduction == "sums" else self.log_variances,
            reduction=reduction,
            **keywords,
        )

    def combine(self, sums: ml.ObjectiveSums) -> ml.ObjectiveValue:
        """Return the total, and the value and count of each head, from sums over steps or devices.

        Parameters
        ----------
        sums : ObjectiveSums
            The results of calls with ``reduction="sums"``, added up.

        Returns
        -------
        ObjectiveValue
            The result of one call over all entries of the sums.
        """
        return self._objective.combine(sums, log_variances=self.log_variances)

    def share(
        self,
        predictions: Mapping[Any, Tensor] | Sequence[Tensor],
        targets: Mapping[Any, Tensor] | Sequence[Tensor],
        *,
        counts: ml.ObjectiveSums,
        processes: int = 1,
        **keywords: Mapping[Any, Any] | Sequence[Any] | None,
    ) -> ml.ObjectiveValue:
        """Return the share of a batch in the total over all batches of a step.

        Parameters
        ----------
        predictions : mapping or tuple of Tensor
            The first argument of each head's loss.
        targets : mapping or tuple of Tensor
            The second argument of each head's loss.
        counts : ObjectiveSums
            What `maskloss.count` returns for this objective, added over all batches and processes.
        processes : int, default: 1
            The number of processes over which an engine averages gradients.
        **keywords : mapping or tuple
            Keywords of the losses for this call.

        Returns
        -------
        ObjectiveValue
            The shares of the total and of each head's value, and the counts of this batch.
        """
        for name in self._attributes:
            keywords[name] = self._completed(name, keywords.get(name))
        return self._objective.share(
            predictions,
            targets,
            counts=counts,
            processes=processes,
            log_variances=self.log_variances,
            **keywords,
        )

    def count_of(
        self, count: Callable[..., Any], targets: Any, **keywords: Any
    ) -> ml.ObjectiveSums:
        """Return `count` of the loss, the labels and the keywords of each head."""
        for name in self._attributes:
            keywords[name] = self._completed(name, keywords.get(name))
        return self._objective.count_of(count, targets, **keywords)

    def extra_repr(self) -> str:
        """Return the heads: their losses, options and weights."""
        heads = self._heads.by_key.items()
        return "\n".join(f"({key}): {self._shown(key, head)}" for key, head in heads)

    def _take_tensors(self, key: Any, head: ml.Head) -> ml.Head:
        """Register the tensors in the options of a head here, and return the head without them."""
        options = dict(head.options)
        for name, value in head.options.items():
            if isinstance(value, Tensor):
                attribute = f"{key}_{name}"
                self._attributes.setdefault(name, {})[key] = attribute
                keep(self, attribute, options.pop(name))
        return ml.Head(head.loss, weight=head.weight, **options)

    def _completed(self, name: str, given: Any) -> Any:
        """Add the registered tensors for the heads to which a call gives none."""
        tensors = [self._tensor(name, key) for key in self._heads.by_key]
        pairs = zip(self._heads.keyword(name, given), tensors, strict=True)
        completed = [tensor if item is None else item for item, tensor in pairs]
        return self._heads.structure.build(completed)

    def _tensor(self, name: str, key: Any) -> Tensor | None:
        attribute = self._attributes[name].get(key)
        return None if attribute is None else getattr(self, attribute)

    def _shown(self, key: Any, head: ml.Head) -> str:
        tensors = {name: self._tensor(name, key) for name in self._attributes}
        options = {name: tensor for name, tensor in tensors.items() if tensor is not None}
        return f"{head.loss.__name__}({shown({**head.options, **options})}), weight={head.weight}"
