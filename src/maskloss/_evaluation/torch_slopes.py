"""Slopes that wait in tensors of torch for a backward pass to become a gradient."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch

from maskloss._arrays import numpy as _numpy
from maskloss._arrays.namespace import ignore_fp_errors
from maskloss._evaluation.reduction import Reduction
from maskloss._evaluation.selection import Selection
from maskloss._evaluation.tally import Piece
from maskloss._evaluation.threads import run_in_threads
from maskloss._evaluation.whole import Whole
from maskloss._inputs.layout import BoundLayout


class Slopes(NamedTuple):
    """What to keep, and what makes the gradient of that, the prediction and `grad_output`.

    The gradient is None where that of a result is not finite: 0 times it would not be 0.
    """

    tensors: Sequence[torch.Tensor | None]
    gradient: Callable[
        [Sequence[torch.Tensor | None], torch.Tensor, torch.Tensor], torch.Tensor | None
    ]


def slopes_of_whole(whole: Whole, layout: BoundLayout) -> Slopes:
    """Return slopes that need no more than a product."""
    slopes = torch.from_numpy(np.ascontiguousarray(whole.slope()))
    return Slopes([slopes], functools.partial(_gradient_of_whole, layout, whole.reduction))


def _gradient_of_whole(
    layout: BoundLayout,
    reduction: Reduction,
    kept: Sequence[torch.Tensor],
    prediction: torch.Tensor,
    grad_output: torch.Tensor,
) -> torch.Tensor | None:
    if not math.isfinite(grad_output.sum()):
        return None
    if not reduction.gives_one_number:
        of_entries = reduction.spread(grad_output.detach().numpy())
        grad_output = torch.from_numpy(layout.expand(_numpy, of_entries))
    return (kept[0] * grad_output).to(prediction.dtype)


def slopes_of_pieces(pieces: Sequence[Piece], reduction: Reduction) -> Slopes:
    """Return the slopes of what is observed of each block, and its places."""
    tensors = [tensor for piece in pieces for tensor in _slope_and_index(piece)]
    selections = [replace(piece.selection, index=None) for piece in pieces]
    return Slopes(tensors, functools.partial(_gradient_of_pieces, selections, reduction))


def _slope_and_index(piece: Piece) -> tuple[torch.Tensor, torch.Tensor | None]:
    (slope,), index = piece.derivatives, piece.selection.index
    return torch.from_numpy(slope), None if index is None else torch.from_numpy(index)


def _gradient_of_pieces(
    selections: Sequence[Selection],
    reduction: Reduction,
    kept: Sequence[torch.Tensor],
    prediction: torch.Tensor,
    grad_output: torch.Tensor,
) -> torch.Tensor | None:
    of_results = grad_output.detach().numpy()
    with ignore_fp_errors(of_results):
        factor = reduction.spread(of_results) * reduction.scale()
        if not np.isfinite(np.sum(factor)):
            return None
    # NumPy has no bfloat16.
    dtype = torch.float32 if prediction.dtype is torch.bfloat16 else prediction.dtype
    into = np.empty(tuple(prediction.shape), dtype=str(dtype).removeprefix("torch."))

    def put(piece: tuple[Selection, torch.Tensor, torch.Tensor | None]) -> None:
        selection, slope, index = piece
        if index is not None:
            selection = selection.only(index.numpy())
        with ignore_fp_errors(into):
            selection.put(into, slope.numpy() * selection.of_entries(factor))

    pieces = list(zip(selections, kept[::2], kept[1::2], strict=True))
    for _ in run_in_threads(put, pieces, torch.get_num_threads()):
        pass
    return torch.from_numpy(into).to(prediction.dtype)
