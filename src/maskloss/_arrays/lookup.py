"""From arrays to the namespace of their common library.

Libraries are recognised among those already imported, so that `import maskloss` loads none.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import array_api_compat

from .eager import EagerNamespace
from .kinds import is_instance, quoted, shown, type_name
from .masked import is_masked_array
from .namespace import Namespace
from .support import BACKENDS, UNTESTED
from .unknown import UnknownNamespace

_ADVICE_TO_CONVERT = "convert it first, to the library of the predictions"
_READ_TABLE = f"{_ADVICE_TO_CONVERT}; `maskloss.from_table` makes labels and mask of a table"
# For tables, and for the data sets that boosting libraries pass to an objective as labels.
_ADVICE = {
    "lightgbm": "take maskloss.boosting.LightGBMObjective of the loss",
    "pandas": _READ_TABLE,
    "polars": _READ_TABLE,
    "pyarrow": _READ_TABLE,
    "xgboost": "take maskloss.boosting.XGBoostObjective of the loss",
}
_BACKENDS = {root: backend for backend in BACKENDS for root in backend.roots}
# By the class of the array; for unknown libraries, by the name of their namespace.
_NAMESPACE_BY_CLASS: dict[type, Namespace] = {}
_NAMESPACE_BY_NAME: dict[str, Namespace] = {}


def is_array(array: object) -> bool:
    """Return whether `array` belongs to a library that follows the array API standard."""
    return not isinstance(array, type) and (
        is_instance(array, "torch", "Tensor")
        or array_api_compat.is_array_api_obj(array)
        or is_instance(array, "tensorflow", "Tensor")
        or is_instance(array, "tensorflow", "Variable")
    )


def array_namespace(arrays: Mapping[str, object]) -> Namespace:
    """Return the namespace common to `arrays`; error messages use their names."""
    xp, converted = unify(arrays)
    for name, array in arrays.items():
        if converted[name] is not array:
            raise TypeError(_mixed(arrays, name))
    return xp


def unify(
    arrays: Mapping[str, Any], *, lists: Container[str] = ()
) -> tuple[Namespace, Mapping[str, Any]]:
    """Return the namespace of the first array, and all arrays in it.

    NumPy arrays are converted where the library's own functions take them, and lists of numbers
    where their names are in `lists`. Error messages use the names.
    """
    common: Namespace | None = None
    others: list[str] = []
    for name, array in arrays.items():
        namespace = _NAMESPACE_BY_CLASS.get(type(array))
        if namespace is None and name in lists and isinstance(array, list | tuple):
            others.append(name)
            continue
        if namespace is None:
            namespace = _namespace_of(name, array)
        if common is None:
            common = namespace
        elif namespace is not common:
            if not common.takes(namespace):
                raise TypeError(_mixed(arrays, name))
            others.append(name)
    assert common is not None
    if not others:
        return common, arrays
    like = next(iter(arrays.values()))
    converted = {name: _convert(common, name, arrays[name], like) for name in others}
    return common, {**arrays, **converted}


def unify_on_host(arrays: Mapping[str, Any]) -> tuple[Namespace, Mapping[str, Any]]:
    """Return the namespace common to `arrays`, and the arrays.

    If some are NumPy arrays beside those of a library that takes NumPy arrays, all become NumPy
    arrays, as for a metric that runs on the host anyway.
    """
    spaces = {name: array_namespace({name: array}) for name, array in arrays.items()}
    host = next((xp for xp in spaces.values() if xp.is_host), None)
    others = {name: xp for name, xp in spaces.items() if xp is not host}
    if host is None or not others or not all(xp.takes(host) for xp in others.values()):
        return array_namespace(arrays), arrays
    return host, {**arrays, **{name: host.asarray(arrays[name]) for name in others}}


def _convert(xp: Namespace, name: str, array: Any, like: Any) -> Any:
    """Convert an array or a list to another library; raise if integers would not fit.

    A masked array stays as it is: its caller splits it first.
    """
    if isinstance(array, list | tuple):
        return _convert_list(xp, name, array, like)
    if is_masked_array(array):
        return array
    try:
        converted = xp.convert(array, like)
    except (TypeError, ValueError) as error:  # of objects, strings, big-endian or long numbers
        raise TypeError(_not_converted(name, array, like)) from error
    if xp.takes_numpy and array.dtype.kind in "iu" and array.size:
        limits = xp.iinfo(converted.dtype)
        if array.max() > limits.max or array.min() < limits.min:
            msg = (
                f"`{name}` of dtype {array.dtype} becomes {converted.dtype}, which cannot hold "
                f"{array.max() if array.max() > limits.max else array.min()}; enable 64-bit "
                f"numbers of the library, or use smaller ones"
            )
            raise ValueError(msg)
    return converted


def _not_converted(name: str, array: Any, like: Any) -> str:
    """Return the error of a NumPy array of a dtype that the library of `like` lacks."""
    advice = f"cast it to a dtype of the library of {type_name(like)}"
    if not array.dtype.isnative:
        advice = "cast it to the byte order of the machine"
    if array.dtype.kind == "O":
        advice = "`maskloss.from_table` makes labels and mask of objects with gaps"
    return f"`{name}` must be bool, integer or floating, got {array.dtype}; {advice}"


def _convert_list(xp: Namespace, name: str, numbers: Any, like: Any) -> Any:
    """Convert a list of numbers to an array beside `like`."""
    try:
        return xp.asarray_like(numbers, like)
    except (TypeError, ValueError, RuntimeError) as error:
        msg = f"`{name}` must be an array or a list of numbers, got {shown(numbers)}"
        raise TypeError(msg) from error


def _namespace_of(name: str, array: object) -> Namespace:
    """Return the namespace of one array, and remember it for its class."""
    if is_instance(array, "torch", "Tensor"):
        # A separate branch: Dynamo (torch 2.13) cannot trace `importlib.import_module`.
        from .torch import xp

        namespace: Namespace = xp
        if _is_dtensor(array):
            from . import torch_dtensor

            namespace = torch_dtensor.xp
        _NAMESPACE_BY_CLASS[type(array)] = namespace
        return namespace
    if not is_array(array):
        advice = _ADVICE.get(type_name(array).partition(".")[0], _ADVICE_TO_CONVERT)
        msg = (
            f"{quoted(name)} must be an array of a library that follows the array API standard "
            f"(NumPy, PyTorch, JAX, ...), got {type_name(array)}; {advice}"
        )
        raise TypeError(msg)
    for cls in type(array).__mro__:
        backend = _BACKENDS.get(cls.__module__.partition(".")[0])
        if backend is not None:
            _NAMESPACE_BY_CLASS[type(array)] = namespace = backend.namespace
            return namespace
    module: Any = array_api_compat.array_namespace(array)
    library = module.__name__
    if library not in _NAMESPACE_BY_NAME:
        is_eager = library.rpartition(".")[2] in UNTESTED
        kind = EagerNamespace if is_eager else UnknownNamespace
        _NAMESPACE_BY_NAME.setdefault(library, kind(module))  # the same for all threads
    return _NAMESPACE_BY_NAME[library]


def _is_dtensor(array: object) -> bool:
    return is_instance(array, "torch.distributed.tensor", "DTensor")


def _mixed(arrays: Mapping[str, object], name: str) -> str:
    first = next(iter(arrays))
    reference = quoted(first)
    msg = (
        f"all arrays must belong to one library, got {reference} of {type_name(arrays[first])} and "
        f"`{name}` of {type_name(arrays[name])}; "
    )
    if _is_dtensor(arrays[first]):
        msg += f"make `{name}` a DTensor on the mesh of {reference} by `distribute_tensor`"
    elif _is_dtensor(arrays[name]):
        msg += f"make {reference} a DTensor by `distribute_tensor`, or pass {name}.full_tensor()"
    else:
        msg += f"convert `{name}` to the library of {reference}"
    if is_masked_array(arrays[name]):
        msg += ", and give its mask as `mask`: ~numpy.ma.getmaskarray"
    return msg
