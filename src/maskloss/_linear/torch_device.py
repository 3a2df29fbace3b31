"""The loss of a linear layer on an accelerator, in chunks of rows of logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from .._arrays.torch_device import device_namespace
from .._arrays.typing import Array, Shape
from .._evaluation.chunks import Chunk, Chunks
from .._evaluation.reduction import Reduction
from .._evaluation.torch_autograd import detached
from .._evaluation.torch_eager import is_transformed, needs_graph, other_tensors
from .._formula import Derivative, Formula, Held, Results, Wanted
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import cast
from .._inputs.masked_labels import Select
from .layer import Layer
from .teacher import label_logits
from .torch_autograd import Backward, attach


def can_chunk(layer: Layer, checked: CheckedCall, wanted: Wanted) -> bool:
    """Return whether gradients of chunks add up to those of the one result, and suffice."""
    settings = checked.settings
    is_one = settings.axis is None and settings.reduction not in {"none", "macro", "samples"}
    others = other_tensors(checked)
    return is_one and not (is_transformed() or needs_graph(layer.parameters, others, wanted))


def evaluate_on_device(
    layer: Layer, checked: CheckedCall, formula: Formula, wanted: Wanted, held: Held
) -> Results:
    """Return the results as `evaluate_whole_layer` does."""
    checked = checked.savable()
    has_graph = torch.is_grad_enabled() and any(a.requires_grad for a in layer.parameters)
    needed = [(has_graph and a.requires_grad) or wanted.slope for a in layer.parameters]
    with torch.no_grad():
        rows = _Rows(layer, checked, formula, needed, held)
        total, reduction, _ = rows.evaluate(wanted._replace(value=True, slope=any(needed)))
        value = reduction.result(total)
        count = reduction.count() if wanted.count else None
        slope = rows.scaled(reduction.scale()) if wanted.slope else None
    if has_graph:
        value = attach(_State(layer, checked, formula, rows, reduction), value)
    return Results(
        value=value if wanted.value else None,
        slope=None if slope is None else layer.rounded(slope),
        count=count,
    )


class _Rows(Chunks):
    """Chunks of rows, whose logits are computed from the features and dropped."""

    def __init__(
        self,
        layer: Layer,
        checked: CheckedCall,
        formula: Formula,
        needed: Sequence[bool],
        held: Held,
    ) -> None:
        xp = device_namespace()
        super().__init__(detached(checked)._replace(xp=xp), formula, splits=True, held=held)
        self._layer = layer
        features, self._weight, *bias = (
            cast(xp, array.detach(), layer.dtype) for array in layer.parameters
        )
        self._bias = bias[0] if bias else None
        known = None if self.observed is None else self.observed.any(dim=-1, keepdim=True)
        self._features = features if known is None else xp.where(known, features, 0.0)
        self.known = known
        self.gradients = [
            torch.zeros_like(array) if is_needed else None
            for array, is_needed in zip([features, self._weight, *bias], needed, strict=True)
        ]

    @property
    def _lengths(self) -> Shape:
        return self._checked.layout.shape[:-1]

    @property
    def _limit(self) -> int:
        # Products of more rows: at 128 MB, 262 rows of 128000 classes.
        return 8 * super()._limit

    def _prediction(self, select: Select) -> Array:
        return torch.nn.functional.linear(select(self._features), self._weight, self._bias)

    def _labels(self, select: Select) -> Array:
        return label_logits(self._layer, self._checked, super()._labels(select))

    def _put(self, chunk: Chunk | None, name: Derivative, derivative: Array) -> None:  # noqa: ARG002
        place = ... if chunk is None else chunk.place
        by_features, by_weight, *by_bias = self.gradients
        rows = derivative.reshape(-1, derivative.shape[-1])
        if by_features is not None:
            by_features[place] = torch.matmul(derivative, self._weight)
        if by_weight is not None:
            features = self._features[place]
            by_weight.addmm_(rows.T, features.reshape(-1, features.shape[-1]))
        if by_bias and by_bias[0] is not None:
            by_bias[0].add_(rows.sum(0))

    def scaled(self, factor: Any) -> list[Array]:
        """Return the gradients times one number; 0 where nothing of a row is observed."""
        factor = factor if isinstance(factor, float) else factor.reshape(())
        first, *others = (None if g is None else g * factor for g in self.gradients)
        if first is not None and self.known is not None:  # the factor may be infinite
            first = torch.where(self.known, first, 0.0)
        return [first, *others]


class _State(Backward):
    """The gradients kept for the backward pass of a call."""

    def __init__(
        self,
        layer: Layer,
        checked: CheckedCall,
        formula: Formula,
        rows: _Rows,
        reduction: Reduction,
    ) -> None:
        super().__init__(layer, checked, formula)
        self._rows, self._reduction = rows, reduction

    def gradients(self, grad_output: torch.Tensor, wanted: list[bool]) -> list[torch.Tensor | None]:
        """Return the gradients by the parameters, times the gradient by the result."""
        found = self._rows.scaled(grad_output * self._reduction.scale())
        return [
            gradient.to(parameter.dtype) if is_wanted and gradient is not None else None
            for gradient, parameter, is_wanted in zip(
                found, self.layer.parameters, wanted, strict=True
            )
        ]
