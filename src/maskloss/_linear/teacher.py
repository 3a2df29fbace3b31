"""A second linear layer, of a teacher, whose logits are the labels of the first.

The features of the teacher stand in the place of the labels, and become logits for a few rows at a
time. Its matrix and its bias are among the arrays of the call.
"""

from __future__ import annotations

from typing import Any

from .._arrays.lookup import unify
from .._arrays.masked import refuse_masked_arrays
from .._arrays.typing import Array
from .._inputs.arguments import check_call
from .._inputs.checked_call import CheckedCall, InputSpec
from .._inputs.dtypes import cast, compute_dtype
from .._inputs.masked_labels import MaskedLabels
from .._inputs.missing import is_missing
from .._inputs.options import Settings
from .layer import Layer, LinearCall, check_shapes

# The names of its matrix and its bias among the arrays of a call.
TEACHER = ("teacher_weight", "teacher_bias")


def has_teacher(call: LinearCall) -> bool:
    """Return whether the labels of a call are the features of a teacher."""
    matrix, bias = map(call.arrays.get, TEACHER)
    if matrix is None and bias is not None:
        msg = (
            "`teacher_bias` goes with `teacher_weight`, which is not given; add the bias to the "
            "logits of the teacher, or pass its features and its matrix"
        )
        raise TypeError(msg)
    return matrix is not None


def check_teacher(
    layer: Layer, call: LinearCall, spec: InputSpec, settings: Settings
) -> CheckedCall:
    """Check the arguments of a call whose labels are features; their mask tells the missing."""
    xp, name = layer.xp, spec.names[1]
    others = {key: array for key, array in call.arrays.items() if key not in TEACHER}
    missing, zeros = settings.missing, layer.zeros()
    checked = check_call(spec, zeros, zeros, others, settings._replace(missing=None), call.layout)
    given = _read(layer, call, name)
    features = given[name]
    mask = checked.labels.mask
    if missing is not None:
        known = xp.all(~is_missing(xp, name, features, missing), axis=-1, keepdims=True)
        mask = known if mask is None else xp.logical_and(mask, known)
    arrays = {key: cast(xp, given[key], layer.dtype) if key in given else None for key in TEACHER}
    return checked._replace(
        labels=MaskedLabels(features, mask), arrays={**checked.arrays, **arrays}
    )


def _read(layer: Layer, call: LinearCall, name: str) -> dict[str, Any]:
    """Return the features, the matrix and maybe the bias, of the library of the student's."""
    xp = layer.xp
    given = {name: call.labels, **{k: call.arrays[k] for k in TEACHER}}
    given = {key: array for key, array in given.items() if array is not None}
    _, unified = unify({"features": layer.features, **given})
    given = {key: unified[key] for key in given}
    refuse_masked_arrays(given)
    for key, array in given.items():
        compute_dtype(xp, key, array)
    shapes = {key: xp.shape_of(array) for key, array in given.items()}
    check_shapes(shapes, (name, *TEACHER))
    own = (*shapes[name][:-1], shapes["teacher_weight"][0])
    if own != layer.shape:
        msg = (
            f"`{name}` and `teacher_weight` must give logits of the shape of the student's, "
            f"{layer.shape}, got {own} from the shapes {shapes[name]} and "
            f"{shapes['teacher_weight']}"
        )
        raise ValueError(msg)
    return given


def label_logits(
    layer: Layer, checked: CheckedCall, labels: Array, observed: Array | None = None
) -> Array:
    """Return some rows of labels: as they are, or the logits of a teacher's features.

    The features of rows that are not `observed` become 0, whatever they hold.
    """
    xp, arrays = layer.xp, checked.arrays
    matrix: Any = arrays.get("teacher_weight")
    bias: Any = arrays.get("teacher_bias")
    if matrix is None:
        return labels
    features: Any = cast(xp, labels, layer.dtype)
    if observed is not None:
        features = xp.where(observed, features, 0.0)
    if xp.is_host:
        logits = xp.empty((len(features), len(matrix)), dtype=layer.dtype)
        layer.products.write(features, matrix.T, logits)
    else:
        logits = xp.matmul(features, xp.permute_dims(matrix, (1, 0)))
    if bias is None:
        return logits
    return logits + xp.reshape(bias, (1,) * (len(features.shape) - 1) + (-1,))
