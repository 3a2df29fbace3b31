"""The bridge from tensors of torch to the eager evaluator, and from there to autograd.

In memory, a tensor is a NumPy array under another name. Whatever traces a call, differentiates by
more than the prediction, or asks for a second derivative, gets the traced evaluator.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from array_api_compat import numpy as np_compat

from maskloss._blocks import Blocks, Piece, derivatives_of, evaluate_blocks
from maskloss._formula import Formula, Part
from maskloss._missing import as_tuple
from maskloss._namespace import is_plain_tensor
from maskloss._observation import Arguments
from maskloss._reduction import Reduction
from maskloss._selection import Block
from maskloss._sums import Sums
from maskloss._traced import evaluate_whole
from maskloss._typing import Array

_DTYPES = frozenset(
    {torch.bool, torch.int8, torch.int16, torch.int32, torch.int64}
    | {torch.uint8, torch.uint16, torch.uint32, torch.uint64}
    | {torch.bfloat16, torch.float16, torch.float32, torch.float64}
)


def evaluate_tensors(
    arguments: Arguments, formula: Formula, parts: tuple[Part, ...]
) -> list[Array | Sums] | None:
    """Return the parts as `evaluate_whole` does, or None where that has to."""
    tensors = _tensors(arguments)
    if not all(map(_is_in_memory, tensors)) or torch.autograd.forward_ad._current_level >= 0:  # noqa: SLF001
        return None
    needs_gradient = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
    derivatives = derivatives_of(parts)
    is_more = derivatives or any(tensor.requires_grad for tensor in tensors[1:])
    if needs_gradient and is_more:
        return None
    host = _on_host(arguments)
    if needs_gradient:
        value, count = _attach(arguments, host, formula)
        return [value if part == "value" else count for part in parts]
    results = [_as_tensors(result) for result in evaluate_blocks(host, formula, parts)]
    dtype = arguments.prediction.dtype
    return [
        result.to(dtype) if part in derivatives else result
        for part, result in zip(parts, results, strict=True)
    ]


def _tensors(arguments: Arguments) -> list[torch.Tensor]:
    """Return the prediction and all other tensors of a call."""
    settings = arguments.settings
    given = (arguments.labels, settings.mask, settings.weight, settings.divisor)
    others = (*given, *arguments.arrays.values())
    return [arguments.prediction, *(t for t in others if isinstance(t, torch.Tensor))]


def _is_in_memory(tensor: torch.Tensor) -> bool:
    # Of one that vmap maps, even the layout says nothing of the memory.
    if not is_plain_tensor(tensor):
        return False
    return tensor.layout is torch.strided and not tensor.is_neg() and tensor.dtype in _DTYPES


def _on_host(arguments: Arguments) -> Arguments:
    """Return the same arguments as NumPy arrays that share their memory."""
    settings = arguments.settings._replace(divisor=_as_numpy(arguments.settings.divisor))
    if settings.missing is not None and arguments.labels.dtype is torch.bfloat16:
        # NumPy gets wider labels, to which a number that was not rounded would not be equal.
        numbers = torch.tensor(as_tuple(settings.missing), dtype=torch.bfloat16)
        settings = settings._replace(missing=tuple(numbers.tolist()))
    return replace(
        arguments,
        xp=np_compat,
        dtype=np.float64 if arguments.dtype == torch.float64 else np.float32,
        prediction=_as_numpy(arguments.prediction),
        labels=_as_numpy(arguments.labels),
        mask=_as_numpy(arguments.mask),
        weight=_as_numpy(arguments.weight),
        arrays={name: _as_numpy(array) for name, array in arguments.arrays.items()},
        settings=settings,
    )


def _as_numpy(value: Any) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    return (value.float() if value.dtype is torch.bfloat16 else value).detach().numpy()


def _as_tensors(value: Any) -> Any:
    if isinstance(value, Sums):
        return Sums(*map(_as_tensors, value))
    return torch.from_numpy(np.asarray(value))


def _attach(arguments: Arguments, host: Arguments, formula: Formula) -> tuple[Array | Sums, Array]:
    """Return value and count; autograd finds the slopes that were computed with the value."""
    blocks = Blocks(host, formula, torch.get_num_threads())

    def evaluate(block: Block) -> Piece:
        piece = blocks.piece(block, ("value", "slope"))
        if piece.selection.index is None:
            return piece
        index = piece.selection.index.astype(np.int32)  # it is kept: in half the memory
        return replace(piece, selection=piece.selection.only(index))

    pieces = blocks.run(evaluate)
    tally = blocks.tally(pieces)
    reduction = blocks.reduction(tally)
    value = _as_tensors(reduction.result(tally.total))
    pending = _Pending(arguments, formula, blocks, pieces, reduction)
    if isinstance(value, Sums):
        value = value._replace(total=_Attach.apply(arguments.prediction, value.total, pending))
    else:
        value = _Attach.apply(arguments.prediction, value, pending)
    return value, _as_tensors(reduction.count())


class _Pending:
    """What a backward pass needs."""

    def __init__(
        self,
        arguments: Arguments,
        formula: Formula,
        blocks: Blocks,
        pieces: list[Piece],
        reduction: Reduction,
    ) -> None:
        self.arguments, self._formula = arguments, formula
        self._blocks, self._pieces, self._reduction = blocks, pieces, reduction

    def gradient(self, upstream: torch.Tensor) -> torch.Tensor:
        """Return the slopes times the gradient of each result."""
        prediction = self.arguments.prediction
        factor = self._reduction.spread(upstream.detach().numpy()) * self._reduction.scale()
        dtype = _as_numpy(prediction[:0] if prediction.ndim else prediction).dtype
        output = np.zeros(tuple(prediction.shape), dtype=dtype)
        self._blocks.each(self._pieces, lambda piece: self._blocks.put(piece, factor, [output]))
        return torch.from_numpy(output).to(prediction.dtype)

    def differentiable_gradient(
        self, prediction: torch.Tensor, upstream: torch.Tensor
    ) -> torch.Tensor:
        """Return the same with a graph, for a derivative of it."""
        with torch.enable_grad():
            arguments = replace(self.arguments, prediction=prediction)
            (value,) = evaluate_whole(arguments, self._formula, ("value",))
            if isinstance(value, Sums):
                value = value.total
            (gradient,) = torch.autograd.grad(value, prediction, upstream, create_graph=True)
        return gradient


class _Attach(torch.autograd.Function):  # type: ignore[misc]
    """The node of the graph at which a value knows its derivative."""

    @staticmethod
    def forward(
        ctx: Any, prediction: torch.Tensor, value: torch.Tensor, pending: _Pending
    ) -> torch.Tensor:
        # Not for their content: so that autograd refuses a backward pass after a change in place.
        ctx.save_for_backward(prediction, *_tensors(pending.arguments)[1:])
        ctx.pending = pending
        return value

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        prediction, *_ = ctx.saved_tensors
        if torch.is_grad_enabled():
            return ctx.pending.differentiable_gradient(prediction, upstream), None, None
        return ctx.pending.gradient(upstream), None, None
