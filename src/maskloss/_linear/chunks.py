"""The loss of a linear layer in NumPy, in chunks of observed rows of logits.

The derivatives by the logits overwrite each chunk of logits in place.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from maskloss._arrays.namespace import ignore_fp_errors
from maskloss._arrays.typing import Array
from maskloss._evaluation.blocks import Blocks, put
from maskloss._evaluation.reduction import Reduction
from maskloss._evaluation.selection import Block
from maskloss._evaluation.sums import Sums
from maskloss._evaluation.tally import Piece, Tally
from maskloss._formula import Formula, Part
from maskloss._inputs.dtypes import cast
from maskloss._inputs.entries import CheckedCall, is_array_like
from maskloss._inputs.layout import BoundLayout
from maskloss._linear.gradients import Gradients
from maskloss._linear.layer import Layer, rows_at_a_time
from maskloss._linear.row_sums import Split

# Chunks of `CHUNK` logits in memory at a time. Matrix products of 250 rows are a fifth faster than
# products of 130 rows (measured on a CPU, NumPy 2.4).
_CHUNKS_IN_MEMORY = 2.5


def evaluate_chunks(
    layer: Layer, checked: CheckedCall, formula: Formula, parts: tuple[Part, ...]
) -> list[Array | Sums | tuple[Array, ...]]:
    """Return the parts as `evaluate_layer` does."""
    chunks = Chunks(layer, checked, formula)
    reduction = chunks.reduction(with_count="count" in parts)
    wanted = ["slope" in parts for _ in layer.parameters]
    total, gradients = chunks.run(wanted, reduction.scale(), with_value="value" in parts)
    results: dict[Part, Array | Sums | tuple[Array, ...]] = {}
    if "value" in parts:
        results["value"] = reduction.result(total)
    if "slope" in parts:
        results["slope"] = layer.rounded(gradients)
    if "count" in parts:
        results["count"] = reduction.count()
    return [results[part] for part in parts]


class Chunks:
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
        name = checked.settings.reduction
        blocks = Blocks(checked, self._formula, self._threads)
        if name in {"none", "sum"} and not with_count:
            one = checked.xp.ones((1,) * len(checked.layout.entries), dtype=checked.dtype)
            return blocks.reduction(Tally(one, 0, None))
        # The formula computes the weights of entries from those of classes, for any logits.
        given = [checked.weight, *checked.arrays.values()]
        if name in {"weighted_mean", "sums"} and any(array is not None for array in given):
            pieces = blocks.run(lambda block: blocks.pieces(block, ()))
        else:
            pieces = blocks.denominators()
        return blocks.reduction(blocks.tally(pieces))

    def run(
        self, wanted: Sequence[bool], factor: Array | float, *, with_value: bool
    ) -> tuple[Array, list[Array | None]]:
        """Return the sums of the losses along the axes of the reduction, and the gradients.

        The gradients are by the `wanted` parameters; the loss of each entry is multiplied by its
        `factor` first.
        """
        layer, split = self._layer, self._split
        value: tuple[Part, ...] = ("value",) if with_value else ()
        parts: tuple[Part, ...] = (*value, "slope") if any(wanted) else value
        xp, classes = layer.xp, layer.shape[-1]
        # Sums over many entries are in float64; one result per logit sums over nothing.
        dtype = layer.dtype if split.is_of_elements else xp.float64
        numbers = xp.zeros((split.rows, split.classes), dtype=dtype)
        with ignore_fp_errors(layer.features):
            rows = self._observed_rows()
            gradients = Gradients(layer, wanted)
            chunks = _divide(rows, rows_at_a_time(classes, _CHUNKS_IN_MEMORY))
            most = max(map(len, chunks), default=0)
            buffer = xp.empty((most, classes), dtype=layer.dtype)
            for index in chunks:
                features, logits = gradients.logits(index, buffer[: len(index)])
                total = self._evaluate(index, logits, parts, factor)
                if split.rows == 1:
                    numbers += total.reshape((1, -1))
                else:
                    numbers[index] = total.reshape((len(index), -1))
                gradients.add(index, features, logits)
            total = cast(xp, split.total(xp, numbers), layer.dtype)
            return total, gradients.results

    def _evaluate(
        self, index: Array, logits: Array, parts: tuple[Part, ...], factor: Array | float
    ) -> Array:
        """Return the sums of the losses of a chunk, and overwrite its logits with derivatives."""
        checked = self._rows(index, logits)
        blocks = Blocks(checked, self._formula, self._threads)
        if not isinstance(factor, float):
            layout = self._checked.layout
            factor = checked.layout.squeeze(
                checked.xp, self._take(layout.expand(checked.xp, factor), index)
            )

        def evaluate(block: Block) -> list[Piece]:
            pieces = list(blocks.pieces(block, parts))  # all read the logits before `put` writes
            if "slope" in parts:
                for piece in pieces:
                    put(piece, factor, [logits])
            return [piece.sums() for piece in pieces]

        return blocks.tally(blocks.run(evaluate)).total

    def _rows(self, index: Array, logits: Array) -> CheckedCall:
        """Return the arguments of a chunk of rows."""
        whole = self._checked
        arrays = {
            name: self._take(whole.layout.line_up_classes(whole.xp, name, array), index)
            if is_array_like(array)
            else array
            for name, array in whole.arrays.items()
        }
        labels, mask, mask_of_labels, weight = (
            None if array is None else self._take(array, index)
            for array in (whole.labels, whole.mask, whole.mask_of_labels, whole.weight)
        )
        layout = self._layout(len(index))
        return whole._replace(
            layout=layout,
            classes=layout,
            settings=self._split.settings(whole.settings, "sum"),
            prediction=logits,
            labels=labels,
            mask=mask,
            mask_of_labels=mask_of_labels,
            weight=weight,
            arrays=arrays,
        )

    def _layout(self, rows: int) -> BoundLayout:
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
        given = (checked.labels, checked.mask, checked.mask_of_labels)
        if checked.settings.missing is None and all(array is None for array in given[1:]):
            return rows
        found = [rows[:0]]
        for index in _divide(rows, rows_at_a_time(checked.labels.shape[-1])):
            taken = [None if array is None else self._take(array, index) for array in given]
            labels, mask, mask_of_labels = taken
            layout = self._layout(len(index))
            observed = checked.observed(layout, labels, mask, mask_of_labels)
            found.append(index[checked.xp.any(observed, axis=-1)])
        return checked.xp.concat(found)


def _divide(rows: Array, size: int) -> list[Array]:
    """Divide rows into the fewest chunks of at most `size` rows, all of about the same size."""
    number = -(-len(rows) // size)
    bounds = [len(rows) * k // max(number, 1) for k in range(number + 1)]
    return [rows[start:stop] for start, stop in itertools.pairwise(bounds)]
