"""The eager evaluator: NumPy arrays in blocks that fit the cache, observed entries only.

Temporaries do not grow with the input, and bits do not depend on the number of threads. Few
entries are one block, of what is not observed too.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from types import EllipsisType

from maskloss._arrays.namespace import ignore_fp_errors
from maskloss._arrays.summation import total
from maskloss._arrays.typing import Array, Namespace
from maskloss._evaluation.reduction import Reduction, axes_to_sum
from maskloss._evaluation.selection import Block, Selection, blocks_of
from maskloss._evaluation.sums import Sums
from maskloss._evaluation.tally import Piece, Tally, add_up
from maskloss._evaluation.threads import run_in_threads
from maskloss._evaluation.whole import evaluate_whole, weighted, where_counted
from maskloss._formula import Call, Formula, Part, Terms
from maskloss._inputs.entries import CheckedCall, Entries
from maskloss._inputs.layout import BoundLayout

# Elements to compute at once: a dozen float32 temporaries of it stay within a second-level cache.
BLOCK = 262_144
# Up to so many elements, whole arrays take less time than to select and to add up.
FEW = 4096
# Where not all entries are observed: the fewer calls to select them, the faster.
_SEVERAL = 2
# Enough blocks of rows for a few threads to end at about the same time.
_PARTS = 16
# Numbers in memory for each row that is selected from, at most.
_NUMBERS = 16


def can_split(call: Call) -> bool:
    """Whether the loss of an entry depends on that entry alone, and there are several."""
    is_whole = isinstance(call.layout.row_axes, EllipsisType)
    return not (call.not_summable_because or call.needs_whole_call or is_whole)


def are_few(checked: CheckedCall) -> bool:
    """Whether blocks would take longer than whole arrays.

    Of arrays without a dimension, NumPy makes numbers that are none.
    """
    shape = checked.layout.shape
    return bool(shape) and math.prod(shape) <= FEW


def evaluate_blocks(
    checked: CheckedCall, formula: Formula, parts: tuple[Part, ...], threads: int | None = None
) -> list[Array | Sums]:
    """Return the parts as `evaluate_whole` does."""
    if are_few(checked):
        return [_plain(checked.xp, r) for r in evaluate_whole(checked, formula, parts)]
    with ignore_fp_errors(checked.prediction):
        return _evaluate(Blocks(checked, formula, threads), checked, parts)


def _evaluate(blocks: Blocks, checked: CheckedCall, parts: tuple[Part, ...]) -> list[Array | Sums]:
    derivatives = derivatives_of(parts)
    like = checked.prediction
    outputs: dict[Part, Array] = {
        part: checked.xp.empty(like.shape, dtype=like.dtype) for part in derivatives
    }
    # One block may wait for the scale that it makes; of several, no derivative is kept.
    scale = blocks.scale() if derivatives and blocks.are_several else None
    waiting: list[Piece] = []

    def evaluate(block: Block) -> Iterator[Piece]:
        for piece in blocks.pieces(block, parts):
            if scale is not None:
                put(piece, scale, outputs.values())
            elif derivatives:
                waiting.append(piece)
            yield piece.sums()

    results: dict[Part, Array | Sums] = {**outputs}
    tally = blocks.tally(blocks.run(evaluate))
    reduction = blocks.reduction(tally)
    if derivatives and scale is None:
        scale = reduction.scale()
        for piece in waiting:
            put(piece, scale, outputs.values())
    if "value" in parts:
        results["value"] = reduction.result(tally.total)
    if "count" in parts:
        results["count"] = reduction.count()
    return [results[part] for part in parts]


def put(piece: Piece, factor: Array | float, outputs: Iterable[Array]) -> None:
    """Write the derivatives of a piece, times a factor of each entry, into whole arrays.

    What is not observed gets 0. All pieces together fill an array that was empty.
    """
    factor = piece.selection.of_entries(factor)
    for output, derivative in zip(outputs, piece.derivatives, strict=True):
        piece.selection.put(output, derivative * factor)


def derivatives_of(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return those of the parts that have the prediction's shape."""
    return tuple(part for part in parts if part in {"slope", "curvature"})


class Blocks:
    """The blocks of a call, and how they add up."""

    def __init__(self, checked: CheckedCall, formula: Formula, threads: int | None = None) -> None:
        self._checked, self._formula, self._threads = checked, formula, threads
        layout = checked.layout
        self._shape, self._row = layout.entries, tuple(layout.shape[k] for k in layout.row_axes)
        self._axes = axes_to_sum(checked.settings, self._shape)
        self._size = math.prod(self._row)
        # Class indices bring half of the temporaries.
        self._limit = 2 * BLOCK if layout.has_class_indices else BLOCK
        self._blocks = list(blocks_of(self._shape, self._size, self._window))
        self._grid = self._grid_of(1)

    def _grid_of(self, entries: int) -> BoundLayout:
        """Return the layout of some entries, whose rows lie along the last axes."""
        layout, axes = self._checked.layout, tuple(range(1, 1 + len(self._row)))
        return BoundLayout(
            (entries, *self._row),
            axes,
            has_class_indices=layout.has_class_indices,
            coupled=layout.coupled,
        )

    @property
    def _window(self) -> int:
        """How many elements to select at once those from that are computed."""
        if not (self._has_gaps and self._is_in_order and len(self._axes) == len(self._shape)):
            return self._limit
        layout = self._checked.layout
        if not layout.has_class_indices or layout.coupled:
            return _SEVERAL * BLOCK
        # What tells which rows are observed has one number for each, however long the row.
        rows = min(BLOCK // _NUMBERS, math.prod(self._shape) // _PARTS)
        return max(self._limit, rows * self._size)

    @property
    def _has_gaps(self) -> bool:
        checked = self._checked
        masks = checked.mask, checked.mask_of_labels, checked.settings.missing
        return any(mask is not None for mask in masks)

    @property
    def _is_in_order(self) -> bool:
        """Whether the elements of a row, and the entries, are neighbours."""
        layout = self._checked.layout
        is_last = layout.row_axes == tuple(range(len(self._shape), len(layout.shape)))
        return is_last and self._checked.prediction.flags.c_contiguous

    @property
    def are_several(self) -> bool:
        """Whether there is more than one block."""
        return len(self._blocks) > 1

    def run(
        self, work: Callable[[Block], Iterable[Piece]], blocks: list[Block] | None = None
    ) -> Iterator[Piece]:
        """Yield the pieces of all blocks, or of others, in order."""
        _keep_freed_memory(self._checked.xp)

        def pieces(block: Block) -> list[Piece]:
            with ignore_fp_errors(self._checked.prediction):  # which a thread has for itself
                return list(work(block))

        for each in run_in_threads(
            pieces, self._blocks if blocks is None else blocks, self._threads
        ):
            yield from each

    def pieces(self, block: Block, parts: tuple[Part, ...]) -> Iterator[Piece]:
        """Compute what a block adds; for its value and derivatives, as far as they are wanted."""
        selection, observed = self.observed(block)
        for part, batch in selection.batches(self._size, self._limit):
            yield self._piece(batch, None if observed is None else observed[part], parts)

    def _piece(
        self, selection: Selection, observed: Array | None, parts: tuple[Part, ...]
    ) -> Piece:
        if not selection.number:
            xp, dtype = self._checked.xp, self._checked.dtype
            nothing = [xp.empty((0, *self._row), dtype=dtype) for _ in derivatives_of(parts)]
            return Piece(selection, 0.0, self._sum(selection, None), derivatives=nothing)
        entries, terms = self._terms(selection, observed)
        counted = None if terms.counted is None else terms.counted()
        return Piece(
            selection,
            self._value(selection, entries, terms, counted) if "value" in parts else 0.0,
            self._sum(selection, None if counted is None else _flat(counted)),
            self._weight(selection, entries, terms, counted),
            [
                _guarded(entries, counted, weighted(terms.derivative(part), entries.weight))
                for part in derivatives_of(parts)
            ],
        )

    def tally(self, pieces: Iterable[Piece]) -> Tally:
        """Add up the pieces of all blocks."""
        checked = self._checked
        tally = add_up(checked.xp, self._shape, self._axes, checked.dtype, pieces)
        if not checked.xp.any(tally.count):
            self._terms_of_nothing()
        return tally

    def _terms_of_nothing(self) -> Terms:
        """Return terms without an entry; refuse what a formula would, had it seen one."""
        return self._terms(*self.observed(tuple(slice(0) for _ in self._shape)))[1]

    def scale(self) -> Array | float:
        """Return the derivative of the sum of the results by each weighted loss."""
        settings = self._checked.settings
        needs_counts = "mean" in settings.reduction or settings.reduction in {"macro", "samples"}
        pieces: Iterable[Piece] = ()
        if needs_counts and settings.divisor is None:
            pieces = self.denominators()
        return self.reduction(self.tally(pieces)).scale()

    def reduction(self, tally: Tally) -> Reduction:
        """Return the reduction of what the blocks add up to."""
        checked = self._checked
        settings = checked.settings
        return Reduction(checked.xp, self._shape, tally.total, settings, self._axes, tally)

    def observed(self, block: Block) -> tuple[Selection, Array | None]:
        """Select the observed entries of a block; of coupled rows, tell which elements are."""
        selection, observed, rows = self._known(block)
        if rows is not None and not rows.all():
            selection = selection.only(rows.nonzero()[0])
        if not self._checked.layout.coupled or observed is None:
            return selection, None
        if selection.index is not None:
            observed = observed.take(selection.index, axis=0)
        return selection, None if observed.all() else observed

    def _known(self, block: Block) -> tuple[Selection, Array | None, Array | None]:
        """Return a block, what is observed of it, and which entries have anything observed."""
        checked = self._checked
        selection = Selection.of(checked.xp, checked.layout, block)
        labels = checked.labels if checked.settings.missing is None else selection(checked.labels)
        mask, mask_of_labels = (
            None if array is None else selection(array)
            for array in (checked.mask, checked.mask_of_labels)
        )
        observed = checked.observed(self._grid, labels, mask, mask_of_labels)
        if observed is None:
            return selection, None, None
        return selection, observed, self._grid.any_of_row(checked.xp, observed).reshape(-1)

    def denominators(self) -> Iterator[Piece]:
        """Yield what all blocks add to the denominator of a mean."""
        layout, settings = self._checked.layout, self._checked.settings
        is_weighted = settings.reduction == "weighted_mean"
        if layout.coupled or is_weighted or self._terms_of_nothing().counted is not None:
            return self.run(lambda block: self.pieces(block, ()))
        # No logit is read: a row has one class index, which may be observed.
        size = 1 if layout.has_class_indices else self._size
        return self.run(self._counts, list(blocks_of(self._shape, size, self._limit)))

    def _counts(self, block: Block) -> Iterable[Piece]:
        checked = self._checked
        selection, _, rows = self._known(block)
        if rows is not None and len(self._axes) == len(self._shape):
            return [Piece(selection, 0.0, int(checked.xp.count_nonzero(rows)))]
        return [Piece(selection, 0.0, self._sum(selection, rows))]

    def _terms(self, selection: Selection, observed: Array | None) -> tuple[Entries, Terms]:
        checked = self._checked
        prediction, labels = selection(checked.prediction), selection(checked.labels)
        weight = None if checked.weight is None else selection(checked.weight)
        layout = self._grid_of(selection.number)
        entries = checked.entries(layout, prediction, labels, observed, weight, selection)
        return entries, self._formula(entries)

    def _value(
        self, selection: Selection, entries: Entries, terms: Terms, counted: Array | None
    ) -> Array | float:
        values = weighted(terms.value(), entries.weight)
        return self._sum(selection, _flat(where_counted(entries.xp, counted, values)))

    def _weight(
        self, selection: Selection, entries: Entries, terms: Terms, counted: Array | None
    ) -> Array | float | None:
        if self._checked.settings.reduction not in {"weighted_mean", "sums"}:
            return None
        weight = entries.weight
        if terms.weight is not None:
            weight = weighted(terms.weight(), weight)
        if weight is None:
            return None
        return self._sum(selection, _flat(where_counted(entries.xp, counted, weight)))

    def _sum(self, selection: Selection, numbers: Array | None) -> Array | float:
        """Sum numbers of the selected entries, or count them, along the axes, which are kept."""
        xp, axes = self._checked.xp, self._axes
        if len(axes) == len(self._shape):
            return selection.number if numbers is None else xp.sum(numbers).item()
        if numbers is None:
            numbers = xp.ones(selection.number, dtype=xp.int64)
        block = selection.dense(numbers).reshape(selection.shape)
        return total(xp, block, axes) if axes else block


@functools.cache
def _keep_freed_memory(xp: Namespace) -> None:
    """Let the C library keep the memory of temporaries instead of giving it back each time.

    glibc does so up to the size of the largest chunk of at most 32 MB that was ever freed; until
    then a block's temporaries cost several times as much in page faults as in arithmetic.
    """
    xp.empty(31 << 20, dtype=xp.uint8)


def _plain(xp: Namespace, result: Array | Sums) -> Array | Sums:
    """Return a result as blocks give it, whatever the class and order of the arguments."""
    if isinstance(result, Sums):
        return Sums(*(_plain(xp, part) for part in result))
    return xp.asarray(result, order="C") if result.ndim else result


def _flat(array: Array) -> Array:
    return array.reshape(-1)


def _guarded(entries: Entries, counted: Array | None, derivative: Array) -> Array:
    return where_counted(entries.xp, counted, entries.guard(derivative, 0.0))
