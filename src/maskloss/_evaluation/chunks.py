"""The evaluator of eager arrays outside the host's memory: chunks of rows, without a graph.

Nothing differentiates its operations. So bad values of unobserved entries may enter a formula that
treats each entry by itself, and their results are dropped; only the memory of one chunk is needed.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from .._arrays.kinds import is_number
from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape
from .._formula import FITS, Derivative, Formula, Held, Results, Wanted
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import cast
from .._inputs.masked_labels import Select, select_all
from .._inputs.safe_entries import safe_entries
from .axes import axes_to_sum
from .reduction import Reduction, Tally
from .whole import Part

Derivatives: TypeAlias = dict[Derivative, Array]

# The most bytes of a chunk of the prediction in the dtype of the computation. A formula holds 5 to
# 16 such arrays at once, 80 to 256 MB; the chunks of formulas that hold more are smaller.
CHUNK_BYTES = 1 << 24


def evaluate_chunks(
    checked: CheckedCall, formula: Formula, wanted: Wanted, *, splits: bool, held: Held
) -> Results:
    """Return the results as `evaluate_whole` does.

    `splits` is as in `Situation`, and `held` as in `Call`.
    """
    xp, layout, dtype = checked.xp, checked.layout, checked.prediction.dtype
    with xp.ignore_fp_errors():
        chunks = Chunks(checked, formula, splits=splits, held=held)
        total, reduction, derivatives = chunks.evaluate(wanted)
        scale = reduction.scale() if derivatives else 1.0
        if not isinstance(scale, float):
            scale = layout.expand(xp, scale)
        return Results(
            value=reduction.result(total) if wanted.value else None,
            count=reduction.count() if wanted.count else None,
            **{name: cast(xp, array * scale, dtype) for name, array in derivatives.items()},
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Takes the same rows of every array that is lined up with the prediction."""

    axis: int
    rows: slice

    def __call__(self, array: Array) -> Array:
        """Return the rows of an array; an axis of size 1 is broadcast."""
        return array if array.shape[self.axis] == 1 else array[self.place]

    @property
    def place(self) -> tuple[Any, ...]:
        """The index of the rows."""
        return (*(slice(None),) * self.axis, self.rows, ...)


class Chunks:
    """The chunks of a call along an axis of its entries."""

    def __init__(self, checked: CheckedCall, formula: Formula, *, splits: bool, held: Held) -> None:
        self._checked, self._formula, self._splits = checked, formula, splits
        self._held = held.of(checked.layout) + _copies(checked)
        self.observed = checked.observed(checked.layout)
        self._axes = axes_to_sum(checked.settings, checked.layout)
        self._derivatives: Derivatives = {}

    def evaluate(
        self, wanted: Wanted, *, guarded: bool = True
    ) -> tuple[Array | None, Reduction, Derivatives]:
        """Return the total loss, its reduction, and the derivatives of the total.

        The derivatives are in the dtype of the computation. Unless `guarded`, they are arbitrary
        where nothing is observed.
        """
        xp, layout, like = self._checked.xp, self._checked.layout, self._checked.prediction
        chunks, axis = self._divide()
        results = [self._evaluate(chunk, wanted, guarded=guarded) for chunk in chunks]
        joined = None if axis in self._axes else axis
        total, count, weight = (_join(xp, parts, joined) for parts in zip(*results, strict=True))
        nothing = xp.empty((), dtype=self._checked.dtype, **xp.device_of(like))
        reduction = Reduction(
            xp, layout.entries, nothing, self._checked.settings, self._axes, Tally(count, weight)
        )
        return total, reduction, self._derivatives

    def _evaluate(self, chunk: Chunk | None, wanted: Wanted, *, guarded: bool) -> list[Any]:
        """Return the total loss of a chunk, its count and weight, and keep its derivatives.

        All else that has been computed is freed before the next chunk.
        """
        part = self._part(chunk, wanted)
        total = part.total() if wanted.value else None
        for name in wanted.derivatives:
            self._put(chunk, name, part.derivative(name, guarded=guarded))
        return [total, *part.tally]

    def _put(self, chunk: Chunk | None, name: Derivative, derivative: Array) -> None:
        """Keep a derivative of a chunk."""
        if chunk is None:
            self._derivatives[name] = derivative
            return
        if name not in self._derivatives:
            xp, places = self._checked.xp, self._checked.xp.device_of(derivative)
            whole = xp.empty(self._checked.layout.shape, dtype=derivative.dtype, **places)
            self._derivatives[name] = whole
        self._derivatives[name][chunk.place] = derivative

    def _prediction(self, select: Select) -> Array:
        """Return the prediction of a chunk."""
        return select(self._checked.prediction)

    def _labels(self, select: Select) -> Array:
        """Return the labels of a chunk."""
        return select(self._checked.labels.values)

    def _divide(self) -> tuple[list[Chunk | None], int]:
        """Return the chunks, and the axis of the entries that they cut; None takes everything."""
        layout, lengths = self._checked.layout, self._lengths
        itemsize = self._checked.xp.finfo(self._checked.dtype).bits // 8
        size = math.prod(layout.shape) * itemsize
        number = -(-size // self._limit)
        if number <= 1 or not self._splits or not lengths:
            return [None], 0
        # The first axis that is long enough has chunks of neighbours in memory.
        least = min(number, max(lengths))
        along = next(k for k, n in enumerate(lengths) if n >= least)
        length = lengths[along]
        most = max(1, length * self._limit // size)
        step = -(-length // -(-length // most))  # the fewest chunks, all of about the same size
        axis = [k for k in range(len(layout.shape)) if k not in layout.row_axes][along]
        return [Chunk(axis, slice(k, min(k + step, length))) for k in range(0, length, step)], along

    @property
    def _lengths(self) -> Shape:
        """The lengths of the axes along which chunks may be cut."""
        return self._checked.layout.entries

    @property
    def _limit(self) -> int:
        """The most bytes of a chunk."""
        return int(CHUNK_BYTES * min(1.0, FITS / self._held))

    def _part(self, chunk: Chunk | None, wanted: Wanted) -> Part:
        checked, layout = self._checked, self._checked.layout
        select: Select = select_all if chunk is None else chunk
        prediction = self._prediction(select)
        entries = safe_entries(
            checked,
            replace(layout, shape=checked.xp.shape_of(prediction)),
            prediction,
            self._labels(select),
            None if self.observed is None else select(self.observed),
            None if checked.weight is None else select(checked.weight),
            select,
            is_filled=layout.coupled or not self._splits,
        )
        return Part(entries, self._formula, wanted)


def _copies(checked: CheckedCall) -> float:
    """Return the memory of copies in another dtype and of weights, in sizes of the prediction."""
    x, y, layout = checked.prediction, checked.labels.values, checked.layout
    copied = [] if layout.coupled else [x] if layout.has_row_labels else [x, y]  # others are filled
    number: int = sum(array.dtype != checked.dtype for array in copied)
    if checked.weight is None:
        return number
    return number + math.prod(layout.entries) / max(1, math.prod(layout.shape))


def _join(xp: Namespace, parts: Sequence[Any], axis: int | None) -> Any:
    """Add the results of all chunks, or put them one behind the other along an axis."""
    if len(parts) == 1 or parts[0] is None:
        return parts[0]
    if axis is None:
        return functools.reduce(operator.add, parts)
    return parts[0] if is_number(parts[0]) else xp.concat(parts, axis=axis)
