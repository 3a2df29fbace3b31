"""The blocks of a call on NumPy arrays: their results, and the sums of these."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .._formula import Formula, Terms, Wanted
from .._inputs.bound_layout import BoundLayout
from .._inputs.checked_call import CheckedCall
from .._inputs.entries import Entries
from .._inputs.safe_entries import safe_entries
from .axes import axes_to_sum
from .block_size import block_size, row_size
from .reduction import Reduction, Tally, needs_count, needs_weight
from .selection import Block, Selection, blocks_of
from .tally import BlockResult, add_up
from .threads import run_in_threads
from .whole import weight_of, weighted, where_counted

P = TypeVar("P")
R = TypeVar("R")

# A mask takes a byte per entry, where temporaries take several numbers.
_COUNTED = 8


class Blocks:
    """The blocks of a call: their results, and the sums of these."""

    def __init__(self, checked: CheckedCall, formula: Formula, threads: int | None = None) -> None:
        self._checked, self._formula, self._threads = checked, formula, threads
        layout = checked.layout
        self._shape, self._row = layout.entries, tuple(layout.shape[k] for k in layout.row_axes)
        self._axes = axes_to_sum(checked.settings, layout)
        self._row_size = row_size(layout)
        self._size = block_size(checked, self._axes)
        self.all = list(blocks_of(self._shape, self._row_size, self._size.window))
        self._layout = self._layout_of(1)

    def _layout_of(self, entries: int) -> BoundLayout:
        """Return the layout of a number of entries whose rows lie along the last axes."""
        whole, axes = self._checked.layout, tuple(range(1, 1 + len(self._row)))
        return replace(whole, shape=(entries, *self._row), row_axes=axes, named_class_axis=None)

    @property
    def are_several(self) -> bool:
        """Whether there is more than one block."""
        return len(self.all) > 1

    def run(self, work: Callable[[P], Iterable[R]], pieces: Sequence[P]) -> Iterator[R]:
        """Yield the results of pieces of the call, such as blocks, in order."""
        xp = self._checked.xp
        _keep_freed_memory(xp)

        def results(piece: P) -> list[R]:
            with xp.ignore_fp_errors():  # NumPy's error state is one per thread
                return list(work(piece))

        for each in run_in_threads(results, pieces, self._threads):
            yield from each

    def results(self, block: Block, wanted: Wanted) -> Iterator[BlockResult]:
        """Yield the results of a block, batch by batch."""
        selection, observed = self.observed(block)
        for span, batch in selection.batches(self._row_size, self._size.batch):
            yield self._result(batch, None if observed is None else observed[span], wanted)

    def put_all(
        self, wanted: Wanted, factor: Array | float, outputs: Sequence[Array]
    ) -> Iterable[BlockResult]:
        """Write the derivatives of all blocks, times a factor per entry, and return the sums."""
        return self.run(lambda block: self.put_results(block, wanted, factor, outputs), self.all)

    def put_results(
        self, block: Block, wanted: Wanted, factor: Array | float, outputs: Sequence[Array]
    ) -> Iterator[BlockResult]:
        """Write the derivatives of a block, times a factor per entry, and yield the sums."""
        for result in self.results(block, wanted):
            result.put(factor, outputs)
            yield result.sums()

    def _result(self, batch: Selection, observed: Array | None, wanted: Wanted) -> BlockResult:
        if not batch.number:
            xp, dtype = self._checked.xp, self._checked.dtype
            nothing = [xp.empty((0, *self._row), dtype=dtype) for _ in wanted.derivatives]
            return BlockResult(batch, 0.0, self._sum(batch, None), derivatives=nothing)
        entries, terms = self._terms(batch, observed)
        counted = None if terms.counted is None else terms.counted()
        return BlockResult(
            batch,
            self._value(batch, entries, terms, counted) if wanted.value else 0.0,
            self._sum(batch, None if counted is None else _flat(counted)),
            self._weight(batch, entries, terms, counted),
            [
                _guarded(entries, counted, weighted(terms.derivative(name), entries.weight))
                for name in wanted.derivatives
            ],
        )

    def add_up(self, results: Iterable[BlockResult]) -> tuple[Array, Tally]:
        """Add up the results of all blocks; return the total loss and the tally."""
        checked = self._checked
        total, tally = add_up(checked.xp, self._shape, self._axes, checked.dtype, results)
        if not checked.xp.any(tally.count):
            self._terms_of_nothing()
        return total, tally

    def _terms_of_nothing(self) -> Terms:
        """Return the terms of zero entries, so that the formula raises its errors nevertheless."""
        return self._terms(*self.observed(tuple(slice(0) for _ in self._shape)))[1]

    def scale(self) -> Array | float:
        """Return the derivative of the sum of the results with respect to each weighted loss."""
        settings = self._checked.settings
        is_needed = settings.reduction != "sums" and needs_count(settings, Wanted())
        return self.reduction(*self.add_up(self.denominators() if is_needed else ())).scale()

    def reduction(self, total: Array, tally: Tally) -> Reduction:
        """Return the reduction of the summed blocks."""
        checked = self._checked
        return Reduction(checked.xp, self._shape, total, checked.settings, self._axes, tally)

    def observed(self, block: Block) -> tuple[Selection, Array | None]:
        """Select the observed entries of a block, and return the mask of coupled elements."""
        selection, observed, rows = self._known(block)
        if rows is not None and not rows.all():
            selection = selection.only(rows.nonzero()[0])
        if not self._checked.layout.coupled or observed is None:
            return selection, None
        if selection.index is not None:
            observed = observed.take(selection.index, axis=0)
        return selection, None if observed.all() else observed

    def _known(self, block: Block) -> tuple[Selection, Array | None, Array | None]:
        """Return a block, its mask, and the mask of its entries with an observed element."""
        checked = self._checked
        selection = Selection.of(checked.xp, checked.layout, block)
        observed = checked.observed(self._layout, selection)
        if observed is None:
            return selection, None, None
        return selection, observed, self._layout.any_of_row(checked.xp, observed).reshape(-1)

    def denominators(self) -> Iterator[BlockResult]:
        """Yield the counts and weights of all blocks, for the denominator of a mean."""
        layout, settings = self._checked.layout, self._checked.settings
        is_weighted = settings.reduction == "weighted_mean"
        if layout.coupled or is_weighted or self.has_own_count():
            return self.run(lambda block: self.results(block, Wanted()), self.all)
        # No logit is read: a row may have a single label.
        size = 1 if layout.has_row_labels else self._row_size
        batch = _COUNTED * self._size.batch
        return self.run(self._counts, list(blocks_of(self._shape, size, batch)))

    def has_own_count(self) -> bool:
        """Return whether the formula counts fewer entries than are observed."""
        return self._terms_of_nothing().counted is not None

    def _counts(self, block: Block) -> Iterable[BlockResult]:
        selection, _, rows = self._known(block)
        return [BlockResult(selection, 0.0, self._count(selection, rows))]

    def _count(self, selection: Selection, rows: Array | None) -> Array | int:
        """Count the observed entries of a whole block, keeping the summed axes."""
        if rows is not None and len(self._axes) == len(self._shape):
            return int(self._checked.xp.count_nonzero(rows))
        return self._sum(selection, rows)

    def _terms(self, batch: Selection, observed: Array | None) -> tuple[Entries, Terms]:
        checked = self._checked
        prediction, labels = batch(checked.prediction), batch(checked.labels.values)
        weight = None if checked.weight is None else batch(checked.weight)
        layout = self._layout_of(batch.number)
        entries = safe_entries(checked, layout, prediction, labels, observed, weight, batch)
        return entries, self._formula(entries)

    def _value(
        self, batch: Selection, entries: Entries, terms: Terms, counted: Array | None
    ) -> Array | float:
        values = weighted(terms.value(), entries.weight)
        return self._sum(batch, _flat(where_counted(entries.xp, counted, values)))

    def _weight(
        self, batch: Selection, entries: Entries, terms: Terms, counted: Array | None
    ) -> Array | float | None:
        if not needs_weight(self._checked.settings):
            return None
        weight = weight_of(entries, terms, counted)
        return None if weight is None else self._sum(batch, _flat(weight))

    def _sum(self, batch: Selection, numbers: Array | None) -> Array | float:
        """Sum numbers of the selected entries, or count the entries, keeping the summed axes."""
        xp, axes = self._checked.xp, self._axes
        if len(axes) == len(self._shape):
            return batch.number if numbers is None else xp.sum(numbers).item()
        if numbers is None:
            numbers = xp.ones(batch.number, dtype=xp.int64)
        dense = batch.dense(numbers).reshape(batch.shape)
        return xp.sum_along(dense, axes) if axes else dense


@functools.cache
def _keep_freed_memory(xp: Namespace) -> None:
    """Make the C library keep the memory of freed temporaries.

    glibc 2.36 keeps chunks up to the size of the largest chunk, of at most 32 MB, that was ever
    freed. Until then, page faults of a block's temporaries take several times as long as its
    arithmetic.
    """
    xp.empty(31 << 20, dtype=xp.uint8)


def _flat(array: Array) -> Array:
    return array.reshape(-1)


def _guarded(entries: Entries, counted: Array | None, derivative: Array) -> Array:
    return where_counted(entries.xp, counted, entries.guard(derivative, 0.0))
