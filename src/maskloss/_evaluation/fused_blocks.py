"""Blocks of entries, each by one compiled loop that drops what is not observed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .._arrays.typing import Array
from .._formula import Formula, Wanted
from .._fused.kernels import kernel_of
from .._fused.numba_source import Shape
from .._fused.record import record
from .._fused.recording import Recording
from .._fused.switch import is_fused
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import cast
from .._inputs.entries import Entries
from .block_size import are_few_operations
from .blocks import Blocks
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
        views = [selection.view(output) for output in outputs]
        is_direct = all(view is not None and view.dtype == self._checked.dtype for view in views)
        result = None
        if is_direct and isinstance(factor, float):
            result = self._fused(selection, wanted, views, factor)
        if result is None:
            yield from super().put_results(block, wanted, factor, outputs)
        else:
            yield result

    def _empty(self, *shape: int) -> Array:
        return self._checked.xp.empty(shape, dtype=self._checked.dtype)

    def _fused(
        self,
        selection: Selection,
        wanted: Wanted,
        derivatives: Sequence[Array],
        factor: float = 1.0,
    ) -> BlockResult | None:
        """Write the derivatives of a block, times a factor; return its sums, or None."""
        terms = self._wanted_terms(wanted)
        if not terms or selection.number <= 1:
            return None  # of one entry, each input is one number: a loop of its own to compile
        sums = {
            name: self._empty(selection.number) for name in terms if name not in wanted.derivatives
        }
        outputs = {**sums, **dict(zip(wanted.derivatives, derivatives, strict=True))}
        observed = self._checked.observed(self._layout, selection)
        if observed is not None:
            rows = (1,) * len(self._row)
            observed = self._checked.xp.broadcast_to(observed, (selection.number, *rows))
        inputs = self._inputs(selection, observed)
        spread = tuple((name, _spread(array)) for name, array in inputs.items())
        shape = Shape(tuple(outputs), spread, is_masked=observed is not None)
        kernel = kernel_of(self._recording, shape, self._dtype)
        written = [output.reshape(-1) for output in outputs.values()]
        if not kernel(list(inputs.values()), observed, written, factor, selection.number):
            return None
        total, weight = sums.get("value"), sums.get("weight")
        return BlockResult(
            selection,
            0.0 if total is None else self._sum(selection, total),
            self._count(selection, observed),
            None if weight is None else self._sum(selection, weight),
            observed=observed,
        )

    def _wanted_terms(self, wanted: Wanted) -> list[str]:
        has_weight = self._recording.has_weight or self._checked.weight is not None
        weight = ["weight"] if has_weight and needs_weight(self._checked.settings) else []
        return ["value"] * wanted.value + [*wanted.derivatives] + weight

    def _inputs(self, selection: Selection, observed: Array | None) -> dict[str, Array]:
        """Return what the loop reads for each entry, by name."""
        checked, recording = self._checked, self._recording
        x = self._readable(selection(checked.prediction))
        y = self._readable(selection(checked.labels.values))
        inputs = {"x": x, "y": y} if checked.spec.has_labels else {"x": x}
        if checked.weight is not None:
            inputs["weight"] = self._readable(selection(checked.weight))
        if recording.extras:
            layout, like = self._layout_of(selection.number), cast(checked.xp, x, checked.dtype)
            entries = Entries(
                checked, checked.xp, layout, like, y, observed, checked.weight, selection
            )
            for k, extra in enumerate(recording.extras):
                inputs[f"extra{k}"] = extra.of(entries)
        return inputs

    def _readable(self, array: Array) -> Array:
        """Return an array in a dtype that a loop reads."""
        is_read = array.dtype.char in _READABLE and array.dtype.isnative
        return array if is_read else cast(self._checked.xp, array, self._checked.dtype)


def _spread(array: Array) -> str:
    """Return whether an array has a number per element, per entry or per class, or one for all."""
    is_of_rows = math.prod(array.shape[1:]) > 1
    if array.shape[0] > 1:
        return "element" if is_of_rows else "entry"
    return "class" if is_of_rows else "all"


# The characters of bool, all integers, float32 and float64: names take longer to look up.
_READABLE = frozenset("?bBhHiIlLqQfd")
