"""The loss of a linear layer in NumPy, in chunks of observed rows of logits.

The derivatives by the logits overwrite each chunk of logits in place.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

from .._arrays.typing import Array
from .._evaluation.blocks import Blocks
from .._evaluation.reduction import Reduction, Tally
from .._evaluation.selection import Block
from .._evaluation.tally import BlockResult
from .._formula import Formula, Results, Wanted
from .._inputs.bound_layout import BoundLayout
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import cast
from .._inputs.masked_labels import is_array_like
from .gradients import Gradients
from .layer import Layer, line_up_classes, rows_at_a_time
from .row_sums import Split
from .teacher import TEACHER, label_logits

# Chunks of `CHUNK_LOGITS` in memory at a time. Matrix products of 250 rows are a fifth faster than
# products of 130 rows (measured on a CPU, NumPy 2.4).
_CHUNKS_IN_MEMORY = 2.5


def evaluate_row_chunks(
    layer: Layer, checked: CheckedCall, formula: Formula, wanted: Wanted
) -> Results:
    """Return the results as `evaluate_whole_layer` does."""
    chunks = RowChunks(layer, checked, formula)
    reduction = chunks.reduction(with_count=wanted.count)
    by_parameters = [wanted.slope for _ in layer.parameters]
    total, gradients = chunks.run(by_parameters, reduction.scale(), with_value=wanted.value)
    return Results(
        value=reduction.result(total) if wanted.value else None,
        slope=layer.rounded(gradients) if wanted.slope else None,
        count=reduction.count() if wanted.count else None,
    )


class RowChunks:
    """The observed rows of a call, in chunks.

    Parameters
    ----------
    layer : Layer
        A layer of NumPy arrays.
    checked : CheckedCall
        The arguments of the loss, with zeros in place of the logits.
    formula : callable
        The formula of the loss, as a function of logits.
    threads : int, optional
        The number of threads that evaluate the formula.
    """

    def __init__(
        self, layer: Layer, checked: CheckedCall, formula: Formula, threads: int | None = None
    ) -> None:
        self._layer, self._checked = layer, checked
        self._formula, self._threads = formula, threads
        self._split = Split.of(checked)

    def reduction(self, *, with_count: bool = False) -> Reduction:
        """Return the reduction of the call; it does not depend on the logits."""
        checked = self._checked
        if checked.arrays.get("teacher_weight") is not None:
            # Labels of the logits' shape, in the place of a teacher's features.
            labels = checked.labels._replace(values=checked.prediction)
            checked = checked._replace(labels=labels)
        name = checked.settings.reduction
        blocks = Blocks(checked, self._formula, self._threads)
        if name in {"none", "sum"} and not with_count:
            one = checked.xp.ones((1,) * len(checked.layout.entries), dtype=checked.dtype)
            return blocks.reduction(one, Tally(0))
        # The formula computes the weights of entries from those of classes, for any logits.
        given = [checked.weight, *(v for k, v in checked.arrays.items() if k not in TEACHER)]
        if name in {"weighted_mean", "sums"} and any(array is not None for array in given):
            results = blocks.run(lambda block: blocks.results(block, Wanted()), blocks.all)
        else:
            results = blocks.denominators()
        return blocks.reduction(*blocks.add_up(results))

    def run(
        self, wanted: Sequence[bool], factor: Array | float, *, with_value: bool
    ) -> tuple[Array, list[Array | None]]:
        """Return the sums of the losses along the axes of the reduction, and the gradients.

        The gradients are by the `wanted` parameters; the loss of each entry is multiplied by its
        `factor` first.
        """
        layer, split = self._layer, self._split
        of_rows = Wanted(value=with_value, slope=any(wanted))
        xp, classes = layer.xp, layer.shape[-1]
        # Sums over many entries are in float64; one result per logit sums over nothing.
        dtype = layer.dtype if split.is_of_elements else xp.float64
        numbers = xp.zeros((split.rows, split.classes), dtype=dtype)
        with xp.ignore_fp_errors():
            rows = self._observed_rows()
            gradients = Gradients(layer, wanted)
            chunks = _divide(rows, rows_at_a_time(classes, _CHUNKS_IN_MEMORY))
            most = max(map(len, chunks), default=0)
            buffer = xp.empty((most, classes), dtype=layer.dtype)
            for index in chunks:
                features, logits = gradients.logits(index, buffer[: len(index)])
                total = self._evaluate(index, logits, of_rows, factor)
                if split.rows == 1:
                    numbers += total.reshape((1, -1))
                else:
                    numbers[index] = total.reshape((len(index), -1))
                gradients.add(index, features, logits)
            total = cast(xp, split.total(xp, numbers), layer.dtype)
            return total, gradients.results

    def _evaluate(
        self, index: Array, logits: Array, wanted: Wanted, factor: Array | float
    ) -> Array:
        """Return the sums of the losses of a chunk, and overwrite its logits with derivatives."""
        checked = self._rows(index, logits)
        blocks = Blocks(checked, self._formula, self._threads)
        if not isinstance(factor, float):
            layout = self._checked.layout
            factor = checked.layout.squeeze(
                checked.xp, self._take(layout.expand(checked.xp, factor), index)
            )

        def evaluate(block: Block) -> list[BlockResult]:
            results = list(blocks.results(block, wanted))  # all read the logits before `put` writes
            if wanted.slope:
                for result in results:
                    result.put(factor, [logits])
            return [result.sums() for result in results]

        return blocks.add_up(blocks.run(evaluate, blocks.all))[0]

    def _rows(self, index: Array, logits: Array) -> CheckedCall:
        """Return the arguments of a chunk of rows."""
        whole = self._checked
        arrays = {
            name: self._take(line_up_classes(whole, name, array), index)
            if is_array_like(array)
            else array
            for name, array in whole.arrays.items()
            if name not in TEACHER
        }
        labels = whole.labels.map(lambda array: self._take(array, index))
        labels = labels._replace(values=label_logits(self._layer, whole, labels.values))
        weight = None if whole.weight is None else self._take(whole.weight, index)
        layout = self._layout_of(len(index))
        return whole._replace(
            layout=layout,
            classes=layout,
            settings=self._split.settings(whole.settings, "sum"),
            prediction=logits,
            labels=labels,
            weight=weight,
            arrays=arrays,
        )

    def _layout_of(self, rows: int) -> BoundLayout:
        """Return the layout of a chunk of so many rows."""
        whole = self._checked.layout
        row_axes = (1,) if whole.row_axes else ()
        return BoundLayout(
            (rows, self._layer.shape[-1]), row_axes, has_class_indices=whole.has_class_indices
        )

    def _take(self, array: Array, index: Array) -> Array:
        """Take rows of an array (..., n), or its only row if all rows share it."""
        xp, (*lead, last) = self._layer.xp, array.shape
        if all(size == 1 for size in lead):
            return array.reshape((1, last))
        whole = self._layer.shape[:-1]
        return xp.broadcast_to(array, (*whole, last))[xp.unravel_index(index, whole)]

    def _observed_rows(self) -> Array:
        """Return the indices of the rows with an observed entry."""
        checked, rows = self._checked, self._layer.xp.arange(self._layer.rows)
        if not checked.has_gaps:
            return rows
        found = [rows[:0]]
        for index in _divide(rows, rows_at_a_time(checked.labels.values.shape[-1])):
            take = functools.partial(self._take, index=index)
            observed = checked.observed(self._layout_of(len(index)), take)
            found.append(index[checked.xp.any(observed, axis=-1)])
        return checked.xp.concat(found)


def _divide(rows: Array, size: int) -> list[Array]:
    """Divide rows into the fewest chunks of at most `size` rows, all of about the same size."""
    number = -(-len(rows) // size)
    bounds = [len(rows) * k // max(number, 1) for k in range(number + 1)]
    return [rows[start:stop] for start, stop in itertools.pairwise(bounds)]
