"""One argument of a valid call made wrong."""

import math

import numpy as np

from fuzz.call import native
from helpers.frameworks import dtype_of
from helpers.wrong_calls import ForeignArray

NO_NUMBERS = ["wrong", 1j, object(), {}, ForeignArray()]
NOT = {
    "reduction": ["median", 3, None, ["mean"], math.nan],
    "axis": [7, -9, 0.5, "0", [0], (0, 0), 1j],
    "empty": ["wrong", True, None, 1j, [0.0]],
    "missing": ["wrong", (), (None,), {math.nan}, 1j, True],
    "divisor": [-1.0, "wrong", 1j, ForeignArray()],
    "mask": [2, 0.5, "wrong", 1j, ["yes"], ForeignArray()],
    "weight": [-1.0, "wrong", 1j, ["1"], {}, ForeignArray()],
}


FORMS = ["shape", "dtype", "values", "keyword", "option", "divisor"]


def spoil(rng, call):
    """Return the names, one of which an error must have, and the arguments of a wrong call."""
    kinds = [*NOT, *call.input_names, *FORMS, *FORMS]
    while True:
        kind = _one_of(rng, kinds)
        wrong = _MAKE[kind](rng, call) if kind in _MAKE else _no_such(rng, call, kind)
        if wrong is not None:
            names, changes = wrong
            return names, call.arguments | changes


def _one_of(rng, values):
    return values[rng.integers(len(values))]


def _no_such(rng, call, name):
    if name in call.input_names:
        is_optional = call.loss.record.parameters[name].default is None
        nothing = [] if is_optional else [None]
        return call.input_names, {name: _one_of(rng, [*nothing, 1.0, [0.0], *NO_NUMBERS])}
    return [name], {name: _one_of(rng, NOT[name])}


def _keyword(rng, call):
    name = _one_of(rng, ["foo", "masks", "ignore_index", "dim"])
    return [name], {name: 1}


def _option(rng, call):
    options = [name for name in call.loss.record.parameters if name not in call.input_names]
    name = _one_of(rng, options) if options else "weight"
    return [name], {name: _one_of(rng, NO_NUMBERS)}


def _divisor(rng, call):
    if _takes_divisor(call):
        return ["divisor"], {"divisor": _one_of(rng, NOT["divisor"])}
    return ["divisor"], {"divisor": 2.0}


def _takes_divisor(call):
    return call.way["reduction"] not in {"none", "sum", "sums"}


def _dtype(rng, call):
    x_name, y_name = call.input_names
    name = _one_of(rng, [x_name, y_name, "mask", "weight"])
    ndim = call.weight.ndim if name == "weight" else call.hidden.ndim
    is_input = name in call.input_names
    shape = tuple(call.arguments[name].shape) if is_input else (1,) * ndim
    dtype = "int32" if name == x_name else "complex64"
    return [name], {name: native(call.backend, np.ones(shape), dtype)}


def _shape(rng, call):
    x_name, y_name = call.input_names
    name = _one_of(rng, [y_name, "mask", "weight", "class_weight", "divisor"])
    if name == y_name:
        y = call.arguments[y_name]
        shape = _one_of(rng, [(*y.shape, 9), (9, *y.shape[1:], 1)])  # no axis has size 9
        return [x_name, y_name], {y_name: native(call.backend, np.ones(shape), dtype_of(y))}
    if name == "class_weight":
        if name not in call.loss.record.parameters:
            return None
        return [name, "class_axis"], {name: native(call.backend, np.ones(9), "float32")}
    if name == "divisor" and not _takes_divisor(call):
        return None
    ones = np.ones((1,) * (call.hidden.ndim + 1))
    return [name], {name: native(call.backend, ones, "float32")}


def _values(rng, call):
    """Return labels, a mask or a weight with numbers that none may be, where some are observed."""
    _, y_name = call.input_names
    name = _one_of(rng, [y_name, "mask", "weight"])
    y = call.arguments[y_name]
    if not call.counted.any():
        return None
    if name != y_name:
        shape = call.hidden.shape if name == "mask" and call.case.coupled else call.weight.shape
        return [name], {name: native(call.backend, np.full(shape, -1.0), "float32")}
    if call.has_class_indices:
        return [name], {name: native(call.backend, np.full(y.shape, 55), dtype_of(y))}
    if "float" not in dtype_of(y) or "missing" in call.arguments:
        return None
    return [name], {name: native(call.backend, np.full(y.shape, np.nan), dtype_of(y))}


_MAKE = {
    "shape": _shape,
    "dtype": _dtype,
    "values": _values,
    "keyword": _keyword,
    "option": _option,
    "divisor": _divisor,
}
