"""The slopes saved for the backward pass, and the gradient computed from them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch

from .._arrays.numpy import xp as numpy_xp
from .._arrays.torch import xp as torch_xp
from .._inputs.bound_layout import BoundLayout
from .._inputs.dtypes import cast
from .reduction import Reduction
from .selection import Selection
from .tally import BlockResult
from .threads import run_in_threads
from .whole import WholeArrays


class Slopes(NamedTuple):
    """Tensors saved for backward, and the function that turns them into the input gradient.

    The function takes the saved tensors, the arrays of the call as `arrays_of` returns them, and
    `grad_output`. It returns None where it cannot compute a gradient: some cannot if `grad_output`
    is not finite, as its product with a slope of 0 would be NaN.
    """

    tensors: Sequence[torch.Tensor | None]
    gradient: Callable[
        [Sequence[torch.Tensor | None], Sequence[Any], torch.Tensor], torch.Tensor | None
    ]


def slopes_of_whole(whole: WholeArrays, layout: BoundLayout) -> Slopes:
    """Return the slopes of whole arrays; the gradient is their product with `grad_output`."""
    slopes = torch.from_numpy(np.ascontiguousarray(whole.wide_derivative("slope")))
    return Slopes([slopes], functools.partial(_gradient_of_whole, layout, whole.reduction))


def _gradient_of_whole(
    layout: BoundLayout,
    reduction: Reduction,
    kept: Sequence[torch.Tensor],
    arrays: Sequence[Any],
    grad_output: torch.Tensor,
) -> torch.Tensor | None:
    if not math.isfinite(grad_output.sum() if grad_output.ndim else grad_output):
        return None
    if not reduction.gives_one_number:
        per_entry = reduction.spread(grad_output.detach().numpy())
        grad_output = torch.from_numpy(layout.expand(numpy_xp, per_entry))
    return cast(torch_xp, kept[0] * grad_output, arrays[0].dtype)


def compact(result: BlockResult) -> BlockResult:
    """Return a result whose slopes and indices take no more memory than dense slopes."""
    selection, slopes = result.selection, result.derivatives
    if selection.index is None:
        return result
    extent, row = selection.extent, slopes[0].shape[1:]
    whole = slopes[0].itemsize * extent * math.prod(row)
    # The index is not int32: NumPy 2.4 would take more than twice as long to write with it.
    if slopes[0].nbytes + selection.index.nbytes <= whole:
        return result
    dense = replace(selection, index=None, number=extent)
    return replace(result, selection=dense, derivatives=[selection.dense(s) for s in slopes])


def slopes_of_blocks(results: Sequence[BlockResult], reduction: Reduction) -> Slopes:
    """Return the slopes of the observed entries of each block, and their indices."""
    tensors = [tensor for result in results for tensor in _slope_and_index(result)]
    selections = [replace(result.selection, index=None) for result in results]
    return Slopes(tensors, functools.partial(_gradient_of_blocks, selections, reduction))


def _slope_and_index(result: BlockResult) -> tuple[torch.Tensor, torch.Tensor | None]:
    (slope,), index = result.derivatives, result.selection.index
    return torch.from_numpy(slope), None if index is None else torch.from_numpy(index)


def _gradient_of_blocks(
    selections: Sequence[Selection],
    reduction: Reduction,
    kept: Sequence[torch.Tensor],
    arrays: Sequence[Any],
    grad_output: torch.Tensor,
) -> torch.Tensor | None:
    prediction, of_results = arrays[0], grad_output.detach().numpy()
    with numpy_xp.ignore_fp_errors():
        factor = reduction.spread(of_results) * reduction.scale()
        if not np.isfinite(np.sum(factor)):
            return None
    # NumPy has no bfloat16.
    dtype = torch.float32 if prediction.dtype is torch.bfloat16 else prediction.dtype
    into = np.empty(tuple(prediction.shape), dtype=str(dtype).removeprefix("torch."))

    def put(block: tuple[Selection, torch.Tensor, torch.Tensor | None]) -> None:
        selection, slope, index = block
        if index is not None:
            selection = selection.only(index.numpy())
        with numpy_xp.ignore_fp_errors():
            selection.put(into, slope.numpy() * selection.of_entries(factor))

    blocks = list(zip(selections, kept[::2], kept[1::2], strict=True))
    for _ in run_in_threads(put, blocks, torch.get_num_threads()):
        pass
    return torch.from_numpy(into).to(prediction.dtype)
