"""The loss of a linear layer in JAX: a scan over chunks of its rows, observed rows first.

All shapes are static, also under `jit`. The backward pass recomputes each chunk of logits.
"""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp

from .._arrays.jax import xp
from .._arrays.typing import Array
from .._evaluation.axes import axes_to_sum
from .._evaluation.reduction import Reduction, Tally
from .._evaluation.sums import Sums
from .._formula import Formula, Results, Wanted
from .._inputs.bound_layout import BoundLayout
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import cast
from .._inputs.masked_labels import is_array_like
from .._inputs.safe_entries import all_entries
from .layer import Layer, line_up_classes, rows_at_a_time
from .row_sums import Split
from .teacher import TEACHER
from .whole import evaluate_whole_layer


def pays(layer: Layer, checked: CheckedCall) -> bool:
    """Return whether there is more than one chunk, whose sums are fewer than the logits."""
    return layer.rows > rows_at_a_time(layer.shape[-1]) and not Split.of(checked).is_of_elements


def evaluate_scan(layer: Layer, checked: CheckedCall, formula: Formula, wanted: Wanted) -> Results:
    """Return the results as `evaluate_whole_layer` does."""
    split, step = Split.of(checked), rows_at_a_time(layer.shape[-1])
    _check_values(layer, checked)

    def evaluate(parameters: list[Array]) -> tuple[Array, Results]:
        total, tally = Scan(layer.of(parameters), checked, formula, split).run(step)
        settings, entries = checked.settings, checked.layout.entries
        axes = axes_to_sum(settings, checked.layout)
        reduction = Reduction(xp, entries, total, settings, axes, tally)
        value = reduction.result(total)
        scalar = jnp.sum(value.total if isinstance(value, Sums) else value)
        count = reduction.count() if wanted.count else None
        return scalar, Results(value=value if wanted.value else None, count=count)

    if not wanted.slope:
        return evaluate(layer.parameters)[1]
    gradients, results = jax.grad(evaluate, has_aux=True)(layer.parameters)
    return results._replace(slope=tuple(gradients))  # type: ignore[no-any-return]


def _check_values(layer: Layer, checked: CheckedCall) -> None:
    """Check values here, where they can be read; inside the scan they cannot."""
    entries = all_entries(checked._replace(prediction=layer.zeros()[..., :1]))
    for name in {*checked.arrays} - {"class_mask", *TEACHER}:
        entries.per_class(name, fill_value=None if checked.layout.row_axes else 1.0)


class Scan:
    """The rows of a call, in chunks."""

    def __init__(self, layer: Layer, checked: CheckedCall, formula: Formula, split: Split) -> None:
        # Cast before the scan, so that gradients accumulate over chunks in the wider dtype.
        layer = layer.of([cast(xp, array, layer.dtype) for array in layer.parameters])
        self._layer, self._formula, self._split = layer, formula, split
        self._features = self._rows(layer.features)
        self._arrays = {
            name: self._rows(line_up_classes(checked, name, array))
            for name, array in checked.arrays.items()
            if is_array_like(array) and name not in TEACHER
        }
        self._labels = checked.labels.map(self._rows)
        self._weight = None if checked.weight is None else self._rows(checked.weight)
        self._checked = checked

    def run(self, step: int) -> tuple[Array, Tally]:
        """Return the sums of losses, counts and weights along the axes of the reduction."""
        split, rows = self._split, self._layer.rows
        order, observed = self._order()
        number = -(-rows // step)
        indices = jnp.reshape(jnp.pad(order, (0, number * step - rows)), (number, step))
        ranks = jnp.reshape(jnp.arange(number * step), (number, step))
        form = jax.eval_shape(self._sums, indices[0], ranks[0] < rows)

        def chunk(index: Array, rank: Array) -> Sums:
            sums: Sums = jax.lax.cond(
                rank[0] < observed,
                lambda: self._sums(index, rank < rows),
                lambda: jax.tree.map(lambda part: jnp.zeros(part.shape, part.dtype), form),
            )
            return sums

        recomputed = jax.checkpoint(chunk, prevent_cse=False)
        sums = jax.lax.map(lambda given: recomputed(*given), (indices, ranks))
        if split.rows == 1:
            total, *tally = (jnp.sum(part, axis=0, keepdims=True) for part in sums)
        else:
            back = jnp.argsort(order)
            total, *tally = (jnp.reshape(part, (-1,))[back] for part in sums)
        return split.total(xp, total), Tally(*(split.total(xp, part) for part in tally))

    def _order(self) -> tuple[Array, Array]:
        """Return the indices of all rows, observed rows first, and the number of observed rows."""
        checked = self._checked
        observed = checked.observed(checked.layout)
        rows = self._layer.rows
        if observed is None:
            return jnp.arange(rows), jnp.asarray(rows)
        known = jnp.reshape(jnp.any(observed, axis=-1), (rows,))
        return jnp.argsort(~known, stable=True), jnp.count_nonzero(known)

    def _sums(self, index: Array, is_row: Array) -> Sums:
        """Return the sums over a chunk; `is_row` masks out padding rows."""
        whole = self._checked
        shape = (index.shape[0], self._layer.shape[-1])
        row_axes = (1,) if whole.layout.row_axes else ()
        layout = BoundLayout(shape, row_axes, has_class_indices=whole.layout.has_class_indices)
        labels = self._labels.map(lambda array: array[index])
        mask = jnp.broadcast_to(jnp.expand_dims(is_row, axis=1), layout.rows)
        if labels.mask is not None:
            mask = mask & labels.mask
        checked = whole._replace(
            layout=layout,
            classes=layout,
            settings=self._split.settings(whole.settings, "sums"),
            labels=labels._replace(mask=mask),
            weight=None if self._weight is None else self._weight[index],
            arrays=dict(whole.arrays)
            | {n: a if a.shape[0] == 1 else a[index] for n, a in self._arrays.items()},
        )
        layer = replace(self._layer, features=self._features[index])

        sums: Sums = evaluate_whole_layer(layer, checked, self._formula, Wanted(value=True)).value
        return sums

    def _rows(self, array: Array) -> Array:
        """Reshape an array (..., n) to (rows, n), or to (1, n) if all rows share one."""
        *lead, last = array.shape
        if all(size == 1 for size in lead):
            return jnp.reshape(array, (1, last))
        array = jnp.broadcast_to(array, (*self._layer.shape[:-1], last))
        return jnp.reshape(array, (self._layer.rows, last))
