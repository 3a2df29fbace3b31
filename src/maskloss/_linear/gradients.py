"""The products of a linear layer in NumPy, of a few of its rows at a time."""

from __future__ import annotations

from collections.abc import Sequence

from maskloss._arrays.typing import Array
from maskloss._inputs.dtypes import cast
from maskloss._linear.layer import Layer


class Gradients:
    """The gradients by the parameters of a layer, as they add up.

    Parameters
    ----------
    layer : Layer
        Whose arrays are NumPy's.
    wanted : sequence of bool
        By which of its parameters.

    Attributes
    ----------
    results : list of array or None
        The gradients, each in the shape of its parameter and in the dtype to compute in.
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
        self._of_features, self._of_weight, *of_bias = self.results
        self._of_bias = of_bias[0] if of_bias else None
        # The first product need not read the zeros that it is added to.
        self._accumulate = layer.products.write
        if self._of_features is not None:
            self._of_features = self._of_features.reshape(self._features.shape)

    def logits(self, index: Array, out: Array) -> tuple[Array, Array]:
        """Return the features of some rows, and their logits."""
        features = self._features[index]
        self._products.write(features, self._weight.T, out)
        if self._bias is not None:
            out += self._bias
        return features, out

    def add(self, index: Array, features: Array, slope: Array) -> None:
        """Add what the derivatives by the logits of some rows give."""
        if self._of_features is not None:
            of_rows = self._xp.empty(features.shape, dtype=slope.dtype)
            self._products.write(slope, self._weight, of_rows)
            self._of_features[index] = of_rows
        if self._of_weight is not None:
            self._accumulate(slope.T, features, self._of_weight)
        if self._of_bias is not None:
            # A product: NumPy adds along a first axis one after the other.
            ones = self._xp.ones((len(slope), 1), dtype=slope.dtype)
            self._accumulate(slope.T, ones, self._of_bias.reshape((-1, 1)))
        self._accumulate = self._products.add
