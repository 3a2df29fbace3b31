"""Blocks of entries, each by one compiled loop that drops what is not observed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from .._arrays.typing import Array
from .._formula import Formula, Wanted
from .._fused.kernels import kernel_of
from .._fused.record import record
from .._fused.recording import Recording
from .._fused.shape import Shape, numbers_of
from .._fused.switch import is_fused
from .._inputs.checked_call import CheckedCall
from .block_size import are_few_operations
from .blocks import Blocks
from .loop_arrays import LoopArrays, are_in_place, arrays_of
from .reduction import needs_weight
from .selection import Block, Selection
from .tally import BlockResult
from .threads import PIECES_PER_THREAD, threads_for

# The number of the observed entries of a block, and the sums of what has a number per entry.
_Totals = list[Any]
# Most formulas have fewer operations. Where so many would not pay for a loop, none is recorded.
_MOST_OPERATIONS = 256
# A loop runs over at most so many blocks, 8 million logits, as it ignores Ctrl-C until it ends.
_MOST_BLOCKS = 16


def recording_of(formula: Formula, checked: CheckedCall) -> Recording | None:
    """Return the expressions of a formula if compiled loops are asked for, and pay."""
    if not is_fused() or are_few_operations(checked, _MOST_OPERATIONS):
        return None
    recording = record(formula, checked)
    if recording is None or are_few_operations(checked, len(recording.graph.nodes)):
        return None
    return recording


def make_blocks(
    checked: CheckedCall, formula: Formula, recording: Recording | None, threads: int | None
) -> Blocks:
    """Return the blocks of a call, by compiled loops or by whole arrays of the observed entries."""
    if recording is None:
        return Blocks(checked, formula, threads)
    return FusedBlocks(checked, formula, recording, threads)


class FusedBlocks(Blocks):
    """The blocks of a call whose formula is recorded."""

    def __init__(
        self, checked: CheckedCall, formula: Formula, recording: Recording, threads: int | None
    ) -> None:
        super().__init__(checked, formula, threads)
        self._recording = recording
        self._dtype = f"float{checked.xp.finfo(checked.dtype).bits}"
        self._is_summed = len(self._axes) == len(self._shape)

    def results(self, block: Block, wanted: Wanted) -> Iterator[BlockResult]:
        """Yield the result of a block."""
        selection = Selection.of(self._checked.xp, self._checked.layout, block)
        derivatives = [self._empty(selection.number, *self._row) for _ in wanted.derivatives]
        result = self._fused(selection, wanted, derivatives)
        if result is None:  # the other way raises an error that says what is wrong
            yield from super().results(block, wanted)
        else:
            yield replace(result, derivatives=derivatives)

    def put_results(
        self, block: Block, wanted: Wanted, factor: Array | float, outputs: Sequence[Array]
    ) -> Iterator[BlockResult]:
        """Write the derivatives of a block, times a factor per entry, and yield the sums."""
        selection = Selection.of(self._checked.xp, self._checked.layout, block)
        views, result = self._views(selection, outputs), None
        if views is not None and isinstance(factor, float):
            result = self._fused(selection, wanted, views, factor)
        if result is None:
            yield from super().put_results(block, wanted, factor, outputs)
        else:
            yield result

    def put_all(
        self, wanted: Wanted, factor: Array | float, outputs: Sequence[Array]
    ) -> Iterable[BlockResult]:
        """Write the derivatives of all blocks, times a factor per entry, and return the sums.

        One loop runs over several blocks if it can read the arrays of the call as they are. After
        a block, Python's own objects have left the cache: to call the next loop took a tenth of
        the time of 4 million logits.
        """
        results = None
        if self.are_several and self._is_summed and isinstance(factor, float):
            results = self._put_in_place(wanted, factor, outputs)
        return super().put_all(wanted, factor, outputs) if results is None else results

    def has_own_count(self) -> bool:
        """Return False: `record` refuses formulas that count fewer entries than are observed."""
        return False

    def _put_in_place(
        self, wanted: Wanted, factor: float, outputs: Sequence[Array]
    ) -> list[BlockResult] | None:
        """Write the derivatives of all blocks and return the sums, or None if no loop can."""
        checked = self._checked
        selection = Selection.of(checked.xp, checked.layout, (slice(None),) * len(self._shape))
        written = self._outputs(wanted, 0, self._views(selection, outputs))
        if not written or not are_in_place(checked, self._recording, selection):
            return None
        arrays = self._arrays(selection)

        def totals_of(bounds: list[int]) -> list[_Totals]:
            return self._run_loop(arrays, written, factor, bounds) or []

        totals = list(self.run(totals_of, self._bounds_of_groups()))
        if len(totals) < len(self.all):
            return None
        return [_result(selection, written, each) for each in totals]

    def _bounds_of_groups(self) -> list[list[int]]:
        """Return groups of neighbouring blocks, each as the entries at which its blocks meet."""
        xp, layout, number = self._checked.xp, self._checked.layout, len(self.all)
        sizes = (Selection.of(xp, layout, block).number for block in self.all)
        bounds = [*itertools.accumulate(sizes, initial=0)]
        threads = threads_for(number, self._threads)
        pieces = threads * PIECES_PER_THREAD if threads > 1 else 1
        each = max(1, min(number // pieces, _MOST_BLOCKS))
        return [bounds[k : k + each + 1] for k in range(0, number, each)]

    def _fused(
        self,
        selection: Selection,
        wanted: Wanted,
        derivatives: Sequence[Array] | None,
        factor: float = 1.0,
    ) -> BlockResult | None:
        """Write the derivatives of a block, times a factor, and return its sums, or None."""
        number = 0 if self._is_summed else selection.number
        outputs = self._outputs(wanted, number, derivatives)
        if not outputs or selection.number <= 1:
            return None  # of one entry, each input is one number: a loop of its own to compile
        arrays = self._arrays(selection)
        totals = self._run_loop(arrays, outputs, factor, [0, selection.number])
        if totals is None:
            return None
        observed, (of_block,) = arrays.observed, totals
        if observed is not None:
            observed = observed.reshape(-1, *(1,) * len(self._row))
        if not self._is_summed:
            sums = [self._sum(selection, outputs[name]) for name in numbers_of(outputs)]
            of_block = [self._count(selection, observed), *sums]
        return replace(_result(selection, outputs, of_block), observed=observed)

    def _outputs(
        self, wanted: Wanted, number: int, derivatives: Sequence[Array] | None
    ) -> dict[str, Array]:
        """Return the arrays of what a loop computes: a number per entry, and derivatives."""
        if derivatives is None:
            return {}
        has_weight = self._recording.has_weight or self._checked.weight is not None
        weight = ["weight"] if has_weight and needs_weight(self._checked.settings) else []
        outputs = {name: self._empty(number) for name in ["value"] * wanted.value + weight}
        return {**outputs, **dict(zip(wanted.derivatives, derivatives, strict=True))}

    def _run_loop(
        self, arrays: LoopArrays, outputs: dict[str, Array], factor: float, bounds: list[int]
    ) -> list[_Totals] | None:
        """Write the outputs of blocks; return the totals of each, or None if they do not hold."""
        xp = self._checked.xp
        shape = Shape(tuple(outputs), arrays.spread, is_masked=arrays.observed is not None)
        kernel = kernel_of(self._recording, shape, self._dtype)
        columns = 1 + len(numbers_of(outputs)) * self._is_summed
        totals = xp.zeros((len(bounds) - 1, columns), dtype=xp.float64)
        written = [output.reshape(-1) for output in outputs.values()]
        span = arrays.number, xp.asarray(bounds)
        if not kernel(arrays.inputs, arrays.observed, written, totals, factor, *span):
            return None
        return [[int(count), *sums] for count, *sums in totals.tolist()]

    def _arrays(self, selection: Selection) -> LoopArrays:
        layout = self._layout_of(selection.number)
        return arrays_of(self._checked, self._recording, layout, selection)

    def _views(self, selection: Selection, outputs: Sequence[Array]) -> list[Array] | None:
        """Return where a loop writes derivatives of a selection; None if it cannot."""
        views = [selection.view(output) for output in outputs]
        dtype = self._checked.dtype
        return None if any(view is None or view.dtype != dtype for view in views) else views

    def _empty(self, *shape: int) -> Array:
        return self._checked.xp.empty(shape, dtype=self._checked.dtype)


def _result(selection: Selection, outputs: dict[str, Array], totals: _Totals) -> BlockResult:
    """Return the sums of a block, given the totals that a loop returned for it."""
    count, *sums = totals
    named = dict(zip(numbers_of(outputs), sums, strict=True))
    return BlockResult(selection, named.get("value", 0.0), count, named.get("weight"))
