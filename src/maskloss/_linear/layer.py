"""A linear layer whose outputs are the logits of a loss, and the loss of all its logits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .._arrays.lookup import unify
from .._arrays.masked import refuse_masked_arrays
from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape
from .._evaluation.axes import size_along
from .._formula import LITTLE, Formula, Held
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import cast, compute_dtype
from .._inputs.layout import EntryLayout
from .._inputs.masked_labels import is_array_like
from .._inputs.options import Options, Settings
from .products import NUMPY_PRODUCTS, Products

# The number of logits in memory at a time: enough rows for a matrix product at full speed.
CHUNK_LOGITS = 4_194_304
_LEAST_ROWS = 16


def rows_at_a_time(classes: int, chunks: float = 1) -> int:
    """Return how many rows of logits make up `chunks` times `CHUNK_LOGITS`."""
    return max(_LEAST_ROWS, int(chunks * CHUNK_LOGITS) // max(classes, 1))


# The classes of a layer's logits are on their last axis.
ELEMENTS_OF_LAYER = EntryLayout(class_axis=-1)


@dataclass(frozen=True, slots=True)
class LinearCall:
    """One call of the loss of a linear layer: a `Call` with a layer in place of a prediction."""

    features: Array
    linear_weight: Array
    linear_bias: Array | None
    labels: Array
    formula: Formula
    options: Options
    layout: EntryLayout = ELEMENTS_OF_LAYER
    arrays: Mapping[str, object] = field(default_factory=dict)
    held: Held = LITTLE


@dataclass(frozen=True, slots=True)
class Layer:
    """Features (..., D), a matrix (C, D) and an optional bias (C,), with logits (..., C).

    `dtype` is the dtype of the computation. `products` multiplies matrices in memory.
    """

    xp: Namespace
    features: Array
    weight: Array
    bias: Array | None
    dtype: object
    products: Products = NUMPY_PRODUCTS

    @property
    def parameters(self) -> list[Array]:
        """The arrays of the layer, by which the loss is differentiated."""
        return [self.features, self.weight, *([] if self.bias is None else [self.bias])]

    def of(self, parameters: list[Array]) -> Layer:
        """Return the layer with other parameters."""
        features, weight, *bias = parameters
        return replace(self, features=features, weight=weight, bias=bias[0] if bias else None)

    @property
    def shape(self) -> Shape:
        """The shape of the logits."""
        return (*self.xp.shape_of(self.features)[:-1], self.weight.shape[0])

    @property
    def rows(self) -> int:
        """The number of rows of logits."""
        lead = self.xp.shape_of(self.features)[:-1]
        return size_along(lead, tuple(range(len(lead))))

    def zeros(self) -> Array:
        """Return zeros in the shape of the logits; they take no memory if the library has views."""
        xp = self.xp
        zero = xp.number_like(0.0, self.dtype, self.features)
        return xp.broadcast_to(xp.reshape(zero, (1,) * len(self.shape)), self.shape)

    def logits(self, observed: Array | None) -> Array:
        """Return the logits; rows without an observed entry have features of 0."""
        xp, matrix = self.xp, cast(self.xp, self.weight, self.dtype)
        logits = xp.matmul(self._known_features(observed), xp.permute_dims(matrix, (1, 0)))
        if self.bias is None:
            return logits
        shape = (1,) * (len(self.shape) - 1) + (-1,)
        return logits + xp.reshape(cast(xp, self.bias, self.dtype), shape)

    def gradients(self, slope: Array, observed: Array | None) -> tuple[Array, ...]:
        """Return the derivatives by the parameters; `slope` is the derivatives by the logits."""
        xp, (width, depth) = self.xp, tuple(self.weight.shape)
        features = xp.reshape(self._known_features(observed), (self.rows, depth))
        rows = xp.reshape(slope, (self.rows, width))
        by_features = xp.matmul(slope, cast(xp, self.weight, self.dtype))
        parts = [by_features, xp.matmul(xp.permute_dims(rows, (1, 0)), features)]
        if self.bias is not None:
            parts.append(xp.reshape(xp.sum_along(rows, (0,)), (width,)))
        return self.rounded(parts)

    def rounded(self, gradients: list[Array]) -> tuple[Array, ...]:
        """Round each gradient to the dtype of its parameter."""
        pairs = zip(gradients, self.parameters, strict=True)
        return tuple(cast(self.xp, gradient, array.dtype) for gradient, array in pairs)

    def _known_features(self, observed: Array | None) -> Array:
        xp, features = self.xp, self.features
        if observed is not None:
            rows = xp.any(observed, axis=-1, keepdims=True)
            # Select before the cast: NumPy warns if a cast of a missing feature overflows.
            features = xp.where(rows, features, 0.0)
        return cast(xp, features, self.dtype)


def line_up_classes(checked: CheckedCall, name: str, array: Array) -> Array:
    """Line up an array with numbers per class; a mask of classes may have one row per entry."""
    of_each_row = name == "class_mask"
    return checked.layout.line_up_classes(checked.xp, name, array, of_each_row=of_each_row)


def read_layer(call: LinearCall, name: str, labels: Array, settings: Settings) -> Layer:
    """Check the libraries, dtypes and shapes of the arrays of a layer; `name` is the labels'."""
    layer = {"features": call.features, "linear_weight": call.linear_weight}
    if call.linear_bias is not None:
        layer["linear_bias"] = call.linear_bias
    keywords = {name: getattr(settings, name) for name in ("mask", "weight", "divisor", "groups")}
    others = {name: a for name, a in {**call.arrays, **keywords}.items() if is_array_like(a)}
    xp, unified = unify({**layer, **others, name: labels}, lists=others)
    layer = {name: unified[name] for name in layer}
    xp.check_arrays(layer)
    dtype = None
    refuse_masked_arrays(layer)
    for key, array in layer.items():
        own = compute_dtype(xp, key, array)
        dtype = own if dtype is None or own == xp.float64 else dtype
    names = ("features", "linear_weight", "linear_bias")
    check_shapes({name: xp.shape_of(array) for name, array in layer.items()}, names)
    features, matrix, bias = map(layer.get, names)
    return Layer(xp, features, matrix, bias, dtype)


def check_shapes(shapes: Mapping[str, Shape], names: tuple[str, str, str]) -> None:
    """Check the shapes of features, matrix and bias, given their names."""
    first, second, third = names
    features, weight = shapes[first], shapes[second]
    if len(features) < 1:
        msg = f"`{first}` must have shape (..., D), got {features}"
        raise ValueError(msg)
    if len(weight) != 2 or weight[1] != features[-1]:
        msg = (
            f"`{second}` must have shape (C, {features[-1]}), a row for each class and a "
            f"column for each of the `{first}` of shape {features}, got {weight}; it is the "
            f"transpose of the matrix in {first} @ matrix"
        )
        raise ValueError(msg)
    if shapes.get(third, weight[:1]) != weight[:1]:
        msg = (
            f"`{third}` must have shape {weight[:1]}, one number for each row of "
            f"`{second}` of shape {weight}, got {shapes[third]}"
        )
        raise ValueError(msg)
