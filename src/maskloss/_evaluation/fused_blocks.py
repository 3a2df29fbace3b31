"""Blocks of entries, each by one compiled loop that drops what is not observed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from .._arrays.typing import Array
from .._formula import Formula, Wanted
from .._fused.kernels import kernel_of
from .._fused.record import record
from .._fused.recording import Recording
from .._fused.shape import Shape
from .._fused.switch import is_fused
from .._inputs.checked_call import CheckedCall
from .block_size import are_few_operations
from .blocks import Blocks
from .loop_arrays import LoopArrays, are_in_place, arrays_of
from .reduction import needs_weight
from .selection import Block, Selection
from .tally import BlockResult


def recording_of(formula: Formula, checked: CheckedCall) -> Recording | None:
    """Return the expressions of a formula if compiled loops are asked for, and pay."""
    if not is_fused() or are_few_operations(checked, _MOST_OPERATIONS):
        return None
    recording = record(formula, checked)
    if recording is None or are_few_operations(checked, len(recording.graph.nodes)):
        return None
    return recording


# Most formulas have fewer operations. Where so many would not pay for a loop, none is recorded.
_MOST_OPERATIONS = 256


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
        self._all = Selection.of(checked.xp, checked.layout, (slice(None),) * len(self._shape))
        # To select the arrays of each block takes Python a tenth of the time of the loop.
        is_shared = self.are_several and self._is_summed
        is_shared = is_shared and are_in_place(checked, recording, self._all)
        self._shared = self._arrays(self._all) if is_shared else None

    def results(self, block: Block, wanted: Wanted) -> Iterator[BlockResult]:
        """Yield the result of a block."""
        selection = Selection.of(self._checked.xp, self._checked.layout, block)
        derivatives = [self._empty(selection.number, *self._row) for _ in wanted.derivatives]
        shared = None if derivatives else self._shared
        result = self._fused(selection, shared, wanted, derivatives)
        if result is None:  # the other way raises an error that says what is wrong
            yield from super().results(block, wanted)
        else:
            yield replace(result, derivatives=derivatives)

    def put_results(
        self, block: Block, wanted: Wanted, factor: Array | float, outputs: Sequence[Array]
    ) -> Iterator[BlockResult]:
        """Write the derivatives of a block, times a factor per entry, and yield the sums."""
        selection = Selection.of(self._checked.xp, self._checked.layout, block)
        written = selection if self._shared is None else self._all
        views = [written.view(output) for output in outputs]
        is_direct = all(view is not None and view.dtype == self._checked.dtype for view in views)
        result = None
        if is_direct and isinstance(factor, float):
            result = self._fused(selection, self._shared, wanted, views, factor)
        if result is None:
            yield from super().put_results(block, wanted, factor, outputs)
        else:
            yield result

    def has_own_count(self) -> bool:
        """Return False: `record` refuses formulas that count fewer entries than are observed."""
        return False

    def _empty(self, *shape: int) -> Array:
        return self._checked.xp.empty(shape, dtype=self._checked.dtype)

    def _fused(
        self,
        selection: Selection,
        shared: LoopArrays | None,
        wanted: Wanted,
        derivatives: Sequence[Array],
        factor: float = 1.0,
    ) -> BlockResult | None:
        """Write the derivatives of a block, times a factor; return its sums, or None.

        If all blocks share their arrays, `derivatives` are whole arrays too, not a block's part.
        """
        terms = self._wanted_terms(wanted)
        if not terms or selection.number <= 1:
            return None  # of one entry, each input is one number: a loop of its own to compile
        names = [name for name in terms if name not in wanted.derivatives]
        xp, number = self._checked.xp, 0 if self._is_summed else selection.number
        numbers = {name: self._empty(number) for name in names}
        outputs = {**numbers, **dict(zip(wanted.derivatives, derivatives, strict=True))}
        sums = xp.zeros(len(names) * self._is_summed, dtype=xp.float64)
        count, observed = self._run_loop(selection, shared, outputs, sums, factor)
        if count is None:
            return None
        if self._is_summed:
            totals = dict(zip(names, sums.tolist(), strict=True))
        else:
            totals = {name: self._sum(selection, array) for name, array in numbers.items()}
            count = self._count(selection, observed)
        total, weight = totals.get("value", 0.0), totals.get("weight")
        return BlockResult(selection, total, count, weight, observed=observed)

    def _run_loop(
        self,
        selection: Selection,
        shared: LoopArrays | None,
        outputs: dict[str, Array],
        sums: Array,
        factor: float,
    ) -> tuple[Any, Array | None]:
        """Write outputs and sums; return the number of the observed, or None, and the mask."""
        arrays = self._arrays(selection) if shared is None else shared
        first = 0 if shared is None else selection.first
        shape = Shape(tuple(outputs), arrays.spread, is_masked=arrays.observed is not None)
        kernel = kernel_of(self._recording, shape, self._dtype)
        written = [output.reshape(-1) for output in outputs.values()]
        span = arrays.number, first, first + selection.number
        count = kernel(arrays.inputs, arrays.observed, written, sums, factor, span)
        if arrays.observed is None:
            return count, None
        rows = (1,) * len(self._row)
        return count, arrays.observed[slice(*span[1:])].reshape((-1, *rows))

    def _wanted_terms(self, wanted: Wanted) -> list[str]:
        has_weight = self._recording.has_weight or self._checked.weight is not None
        weight = ["weight"] if has_weight and needs_weight(self._checked.settings) else []
        return ["value"] * wanted.value + [*wanted.derivatives] + weight

    def _arrays(self, selection: Selection) -> LoopArrays:
        layout = self._layout_of(selection.number)
        return arrays_of(self._checked, self._recording, layout, selection)
