"""The sizes of windows and batches, and the size below which a call needs no blocks.

A window is one block: its observed entries are selected together, and computed in batches.
Other sizes stand where they are used: chunks on an accelerator in `chunks`, of a linear layer in
`_linear.layer` and `_linear.row_chunks`, tiles of its matrix products in `_linear.products`, parts
of compiled loops in `_fused.numba_parts` and their limits in `fused_blocks`, and pieces for each
thread in `threads`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from .._arrays.typing import Shape
from .._inputs.bound_layout import BoundLayout
from .._inputs.checked_call import CheckedCall

# Elements per batch: a dozen float32 temporaries of this size fit a second-level cache.
BATCH = 262_144
# Up to so many elements, whole arrays take less time than the selection and sum of blocks.
FEW_ELEMENTS = 4096
# Up to so many operations on all elements, arrays take less time than the call of a compiled loop.
FEW_OPERATIONS = 1 << 17
# Batches per window where entries may be missing: each selection takes time.
_BATCHES_PER_WINDOW = 2
# The least number of windows of rows, so that a few threads end at about the same time.
_WINDOWS = 16
# A window has at most one row per so many elements of a batch.
_ELEMENTS_PER_ROW = 16


class BlockSize(NamedTuple):
    """How entries are divided.

    Attributes
    ----------
    batch : int
        Elements that are computed together.
    window : int
        Elements of a block, from which the observed ones are selected together.
    """

    batch: int
    window: int


def are_few(checked: CheckedCall) -> bool:
    """Return whether blocks would take longer than whole arrays.

    NumPy returns scalars, not arrays, for operations on arrays without a dimension.
    """
    shape = checked.layout.shape
    return bool(shape) and math.prod(shape) <= FEW_ELEMENTS


def are_few_operations(checked: CheckedCall, operations: int) -> bool:
    """Return whether a call with some operations per element is too small for compiled loops."""
    return operations * math.prod(checked.layout.shape) <= FEW_OPERATIONS


def block_size(checked: CheckedCall, axes: Shape) -> BlockSize:
    """Return the sizes for a call whose reduction sums along `axes` of the entries."""
    layout = checked.layout
    # Labels of rows need half of the temporaries.
    batch = 2 * BATCH if layout.has_row_labels else BATCH
    is_one_sum = len(axes) == len(layout.entries)
    if not (checked.has_gaps and is_one_sum and _is_in_order(checked)):
        return BlockSize(batch, batch)
    if not layout.has_row_labels or layout.coupled:
        return BlockSize(batch, _BATCHES_PER_WINDOW * BATCH)
    # A mask of rows has one element per row, whatever the length of the row.
    rows = min(BATCH // _ELEMENTS_PER_ROW, math.prod(layout.entries) // _WINDOWS)
    return BlockSize(batch, max(batch, rows * row_size(layout)))


def row_size(layout: BoundLayout) -> int:
    """Return how many elements an entry has."""
    return math.prod(layout.shape[axis] for axis in layout.row_axes)


def _is_in_order(checked: CheckedCall) -> bool:
    """Return whether the elements of a row, and the entries, are neighbours in memory."""
    layout = checked.layout
    is_last = layout.row_axes == tuple(range(len(layout.entries), len(layout.shape)))
    return is_last and checked.prediction.flags.c_contiguous
