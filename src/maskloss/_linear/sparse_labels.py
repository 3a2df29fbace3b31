"""The loss of a linear layer for labels stored with their positions: only their logits."""

from __future__ import annotations

from collections.abc import Iterator

from .._arrays.typing import Array
from .._evaluation.sparse_labels import Observed, Positions, reduce_labels
from .._evaluation.whole import evaluate_whole
from .._formula import Results, Wanted
from .._inputs.arguments import check_call
from .._inputs.checked_call import InputSpec
from .._inputs.dtypes import cast
from .._inputs.layout import ELEMENTS
from .._inputs.options import Settings
from .layer import CHUNK_LOGITS, Layer, LinearCall


def evaluate_sparse_labels(
    layer: Layer,
    call: LinearCall,
    labels: Observed,
    spec: InputSpec,
    settings: Settings,
    wanted: Wanted,
) -> Results:
    """Return the results as `evaluate_whole_layer` does."""
    name = spec.names[1]
    if call.layout.row_axes is not None:
        msg = (
            f"`{name}` may be Observed only for a loss whose entries are elements; a row needs all "
            f"of its logits"
        )
        raise TypeError(msg)
    positions = Positions(name, layer.zeros(), labels, call.layout)
    with layer.xp.ignore_fp_errors():
        pairs = _Pairs(layer, positions)
        zeros = cast(layer.xp, positions.indices[0] * 0, layer.dtype)
        checked = check_call(
            spec, zeros, positions.values, call.arrays, settings, ELEMENTS, positions
        )
        observed = checked.observed(checked.layout)
        checked = checked._replace(prediction=pairs.logits(observed))

        def at_each(settings: Settings, wanted: Wanted) -> Results:
            return evaluate_whole(checked._replace(settings=settings), call.formula, wanted)

        results = reduce_labels(at_each, positions, settings, wanted)
        if not wanted.slope:
            return results
        return results._replace(slope=pairs.gradients(results.slope, observed))


class _Pairs:
    """The pairs of a row of features and a row of the matrix, whose inner product is a logit."""

    def __init__(self, layer: Layer, positions: Positions) -> None:
        xp, shape = layer.xp, layer.shape
        *lead, self._classes = positions.indices
        self._rows = self._classes * 0
        for index, size in zip(lead, shape, strict=False):
            self._rows = self._rows * size + index
        self._layer = layer
        self._features = xp.reshape(layer.features, (layer.rows, layer.weight.shape[-1]))

    def logits(self, observed: Array | None) -> Array:
        """Return the logits; a missing label has features of 0."""
        xp, layer = self._layer.xp, self._layer
        sums = [
            xp.sum(features * matrix, axis=-1) for _, features, matrix in self._blocks(observed)
        ]
        logits = xp.concat(sums) if len(sums) > 1 else sums[0]
        if layer.bias is None:
            return logits
        return logits + cast(xp, xp.take_rows(layer.bias, self._classes), layer.dtype)

    def gradients(self, slope: Array, observed: Array | None) -> tuple[Array, ...]:
        """Return the derivatives by the parameters; `slope` is the derivatives by the logits."""
        xp, layer = self._layer.xp, self._layer
        by_features, by_matrix = (
            xp.zeros_like(cast(xp, array, layer.dtype)) for array in (self._features, layer.weight)
        )
        for block, features, matrix in self._blocks(observed):
            by_logits = xp.expand_dims(slope[block], axis=-1)
            by_features = xp.index_add(by_features, self._rows[block], by_logits * matrix)
            by_matrix = xp.index_add(by_matrix, self._classes[block], by_logits * features)
        parts = [xp.reshape(by_features, tuple(layer.features.shape)), by_matrix]
        if layer.bias is not None:
            by_bias = xp.zeros_like(cast(xp, layer.bias, layer.dtype))
            parts.append(xp.index_add(by_bias, self._classes, slope))
        return layer.rounded(parts)

    def _blocks(self, observed: Array | None) -> Iterator[tuple[slice, Array, Array]]:
        """Yield blocks of pairs: several in NumPy, to bound the memory, and one elsewhere."""
        xp, layer, number = self._layer.xp, self._layer, self._classes.shape[0]
        step = max(1, CHUNK_LOGITS // max(self._features.shape[-1], 1)) if xp.is_host else number
        for start in range(0, max(number, 1), max(step, 1)):
            block = slice(start, start + step)
            features = xp.take_rows(self._features, self._rows[block])
            if observed is not None:
                features = xp.where(xp.expand_dims(observed[block], axis=-1), features, 0.0)
            matrix = xp.take_rows(layer.weight, self._classes[block])
            yield block, cast(xp, features, layer.dtype), cast(xp, matrix, layer.dtype)
