"""The bridge from tensors of torch to the eager evaluator, and from there to autograd.

In memory, a tensor is a NumPy array under another name. Whatever traces a call, differentiates by
more than the prediction, or asks for a second derivative, gets the traced evaluator.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from maskloss._arrays import numpy as _numpy
from maskloss._arrays.namespace import ignore_fp_errors
from maskloss._arrays.typing import Array
from maskloss._evaluation.blocks import Blocks, are_few, derivatives_of, evaluate_blocks
from maskloss._evaluation.reduction import Reduction
from maskloss._evaluation.selection import Block
from maskloss._evaluation.sums import Sums
from maskloss._evaluation.tally import Piece
from maskloss._evaluation.torch_autograd import Attach, arrays_of, with_arrays
from maskloss._evaluation.torch_slopes import Slopes, slopes_of_pieces, slopes_of_whole
from maskloss._evaluation.whole import Whole
from maskloss._formula import Formula, Part
from maskloss._inputs.entries import CheckedCall
from maskloss._inputs.missing import as_tuple

_DTYPES = frozenset(
    {torch.bool, torch.int8, torch.int16, torch.int32, torch.int64}
    | {torch.uint8, torch.uint16, torch.uint32, torch.uint64}
    | {torch.bfloat16, torch.float16, torch.float32, torch.float64}
)


def evaluate_tensors(
    checked: CheckedCall, formula: Formula, parts: tuple[Part, ...]
) -> list[Array | Sums] | None:
    """Return the parts as `evaluate_whole` does, or None where that has to."""
    tensors = [checked.prediction, *other_tensors(checked)]
    if is_transformed() or not all(map(is_in_memory, tensors)):
        return None
    needs_gradient = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
    derivatives = derivatives_of(parts)
    is_more = derivatives or any(tensor.requires_grad for tensor in tensors[1:])
    if needs_gradient and is_more:
        return None
    host = on_host(checked)
    if needs_gradient:
        value, reduction = _evaluate_and_attach(checked, host, formula)
        return [value if part == "value" else as_tensors(reduction.count()) for part in parts]
    results = evaluate_blocks(host, formula, parts, torch.get_num_threads())
    dtype = checked.prediction.dtype
    return [
        result.to(dtype) if part in derivatives else result
        for part, result in zip(parts, map(as_tensors, results), strict=True)
    ]


def other_tensors(checked: CheckedCall) -> list[torch.Tensor]:
    """Return all tensors of a call but the prediction."""
    return [array for array in arrays_of(checked)[1:] if isinstance(array, torch.Tensor)]


def is_transformed() -> bool:
    """Whether a transform is at work, which may have wrapped any of the tensors."""
    is_dual: bool = torch.autograd.forward_ad._current_level >= 0  # noqa: SLF001
    return is_dual or torch._C._are_functorch_transforms_active()  # noqa: SLF001


def is_in_memory(tensor: torch.Tensor) -> bool:
    """Whether NumPy can read a tensor where it lies."""
    is_strided = tensor.layout is torch.strided and not tensor.is_neg()
    return is_strided and tensor.dtype in _DTYPES and tensor.device.type == "cpu"


def on_host(checked: CheckedCall) -> CheckedCall:
    """Return the same arguments as NumPy arrays that share their memory."""
    host = with_arrays(checked, map(as_numpy, arrays_of(checked)))
    settings = host.settings
    if settings.missing is not None and checked.labels.dtype is torch.bfloat16:
        # NumPy gets wider labels, to which a number that was not rounded would not be equal.
        numbers = torch.tensor(as_tuple(settings.missing), dtype=torch.bfloat16, device="cpu")
        settings = settings._replace(missing=tuple(numbers.tolist()))
    dtype = np.float64 if checked.dtype == torch.float64 else np.float32
    return host._replace(xp=_numpy, dtype=dtype, settings=settings)


def as_numpy(value: Any) -> Any:
    """Return a tensor as a NumPy array, of the same memory where it has the dtype; else `value`."""
    if not isinstance(value, torch.Tensor):
        return value
    return (value.float() if value.dtype is torch.bfloat16 else value).detach().numpy()


def as_tensors(value: Any) -> Any:
    """Return a result of NumPy as one of torch, of the same memory."""
    if isinstance(value, Sums):
        return Sums(*map(as_tensors, value))
    return torch.from_numpy(np.asarray(value))


def _evaluate_and_attach(
    checked: CheckedCall, host: CheckedCall, formula: Formula
) -> tuple[Array | Sums, Reduction]:
    """Return the value and what reduced it; autograd finds the slopes computed with the value."""
    with ignore_fp_errors(host.prediction):
        value, reduction, slopes = (_of_few if are_few(host) else _of_blocks)(host, formula)
    total = value.total if isinstance(value, Sums) else value
    attached = Attach.apply(checked.prediction, total, checked, formula, slopes)
    if isinstance(value, Sums):
        attached = as_tensors(value)._replace(total=attached)
    return attached, reduction


def _of_few(host: CheckedCall, formula: Formula) -> tuple[Array | Sums, Reduction, Slopes]:
    whole = Whole(host, formula)
    return whole.value(), whole.reduction, slopes_of_whole(whole, host.layout)


def _of_blocks(host: CheckedCall, formula: Formula) -> tuple[Array | Sums, Reduction, Slopes]:
    blocks = Blocks(host, formula, torch.get_num_threads())

    def evaluate(block: Block) -> list[Piece]:
        return [_compact(piece) for piece in blocks.pieces(block, ("value", "slope"))]

    def each_kept() -> Iterator[Piece]:
        for piece in blocks.run(evaluate):
            kept.append(Piece(piece.selection, 0.0, 0, None, piece.derivatives))
            yield piece

    kept: list[Piece] = []
    tally = blocks.tally(each_kept())
    reduction = blocks.reduction(tally)
    return reduction.result(tally.total), reduction, slopes_of_pieces(kept, reduction)


def _compact(piece: Piece) -> Piece:
    """Return a piece whose slopes, with their places, take no more memory than all of its block."""
    selection, slopes = piece.selection, piece.derivatives
    if selection.index is None:
        return piece
    extent, row = selection.extent, slopes[0].shape[1:]
    whole = slopes[0].itemsize * extent * math.prod(row)
    # Not as int32, at which NumPy writes more than twice as long.
    if slopes[0].nbytes + selection.index.nbytes <= whole:
        return piece
    dense = replace(selection, index=None, number=extent)
    return replace(piece, selection=dense, derivatives=[selection.dense(s) for s in slopes])
