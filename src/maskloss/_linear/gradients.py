"""The matrix products of a linear layer in NumPy, for a chunk of its rows at a time."""

from __future__ import annotations

from collections.abc import Sequence

from .._arrays.typing import Array
from .._inputs.dtypes import cast
from .layer import Layer


class Gradients:
    """The gradients by the parameters of a layer, accumulated over chunks of rows.

    Parameters
    ----------
    layer : Layer
        A layer of NumPy arrays.
    wanted : sequence of bool
        True for each parameter whose gradient to compute.

    Attributes
    ----------
    results : list of array or None
        The gradients, each in the shape of its parameter and in the dtype of the computation.
    """

    def __init__(self, layer: Layer, wanted: Sequence[bool]) -> None:
        xp = layer.xp
        features, self._weight, *bias = (cast(xp, a, layer.dtype) for a in layer.parameters)
        self._xp, self._bias = xp, bias[0] if bias else None
        self._products = layer.products
        self._features = xp.reshape(features, (layer.rows, features.shape[-1]))
        self.results = [
            xp.zeros(tuple(array.shape), dtype=layer.dtype) if is_wanted else None
            for array, is_wanted in zip(layer.parameters, wanted, strict=True)
        ]
        self._by_features, self._by_weight, *by_bias = self.results
        self._by_bias = by_bias[0] if by_bias else None
        # The first product overwrites the zeros, which saves reading them.
        self._accumulate = layer.products.write
        if self._by_features is not None:
            self._by_features = self._by_features.reshape(self._features.shape)

    def logits(self, index: Array, out: Array) -> tuple[Array, Array]:
        """Return the features and the logits of a chunk of rows; `out` holds the logits."""
        features = self._features[index]
        self._products.write(features, self._weight.T, out)
        if self._bias is not None:
            out += self._bias
        return features, out

    def add(self, index: Array, features: Array, slope: Array) -> None:
        """Add the gradients that follow from the derivatives by the logits of a chunk of rows."""
        if self._by_features is not None:
            by_rows = self._xp.empty(features.shape, dtype=slope.dtype)
            self._products.write(slope, self._weight, by_rows)
            self._by_features[index] = by_rows
        if self._by_weight is not None:
            self._accumulate(slope.T, features, self._by_weight)
        if self._by_bias is not None:
            # A matrix product is more exact than `sum`: NumPy adds up a first axis one by one.
            ones = self._xp.ones((len(slope), 1), dtype=slope.dtype)
            self._accumulate(slope.T, ones, self._by_bias.reshape((-1, 1)))
        self._accumulate = self._products.add
