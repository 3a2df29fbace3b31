"""The array library behind an array: the only module that names one.

Libraries are recognised among those already imported, so that `import maskloss` loads none.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import array_api_compat

from maskloss._arrays.typing import Array, Namespace, Shape

F = TypeVar("F", bound=Callable[..., Any])

_CONVERT = "convert it first, to the library of the predictions"
_READ_TABLE = f"{_CONVERT}; `maskloss.from_table` makes labels and mask of a table"
# Of tables, and of data sets, which are given to an objective of a user's in place of labels.
_ADVICE = {
    "lightgbm": "take maskloss.boosting.LightGBMObjective of the loss",
    "pandas": _READ_TABLE,
    "polars": _READ_TABLE,
    "xgboost": "take maskloss.boosting.XGBoostObjective of the loss",
}
_WITHOUT_DEVICE_KEYWORD = frozenset({"jax.numpy", "mlx.core", "maskloss._arrays.tensorflow"})


def is_instance(array: object, module: str, name: str) -> bool:
    """Whether `array` is of a class of a module, which is not imported for it."""
    cls = getattr(sys.modules.get(module), name, None)
    return cls is not None and isinstance(array, cls)


def numpy_array() -> type | None:
    """Return the class of NumPy's arrays, if NumPy is there."""
    return getattr(sys.modules.get("numpy"), "ndarray", None)


def library(array: object) -> str:
    """Name the library of `array` for a reader."""
    module = type(array).__module__.partition(".")[0]
    return type(array).__name__ if module == "builtins" else f"{module}.{type(array).__name__}"


def is_tensorflow(array: object) -> bool:
    """Whether `array` is a tensor or variable of TensorFlow."""
    return is_instance(array, "tensorflow", "Tensor") or is_instance(
        array, "tensorflow", "Variable"
    )


def no_autograph(public: F) -> F:
    """Keep TensorFlow's AutoGraph from rewriting a function, which takes seconds and warns."""
    public.autograph_info__ = {}  # type: ignore[attr-defined]
    return public


def is_array(array: object) -> bool:
    """Whether `array` belongs to a library that follows the array API standard."""
    return (
        is_instance(array, "torch", "Tensor")
        or array_api_compat.is_array_api_obj(array)
        or is_tensorflow(array)
    )


def _namespace_of(array: object) -> Namespace:
    if is_tensorflow(array):
        from maskloss._arrays import tensorflow as _tensorflow

        _tensorflow.check_rank(array)
        tensorflow_namespace: Namespace = _tensorflow
        return tensorflow_namespace
    namespace: Namespace = array_api_compat.array_namespace(array)
    return _numpy_namespace() if array_api_compat.is_numpy_namespace(namespace) else namespace


def _numpy_namespace() -> Namespace:
    from maskloss._arrays import numpy as _numpy

    numpy_namespace: Namespace = _numpy
    return numpy_namespace


def array_namespace(arrays: Mapping[str, object]) -> Namespace:
    """Return the namespace common to `arrays`, which are named for the error they may cause."""
    if all(is_instance(array, "torch", "Tensor") for array in arrays.values()):
        # torch.compile warns once per `lru_cache` that `array_api_compat.array_namespace` calls.
        from array_api_compat import torch

        torch_namespace: Namespace = torch
        return torch_namespace
    if all(type(array) is numpy_array() for array in arrays.values()):
        return _numpy_namespace()  # without the time that the compat helper takes
    for name, array in arrays.items():
        if not is_array(array):
            advice = _ADVICE.get(library(array).partition(".")[0], _CONVERT)
            msg = (
                f"`{name}` must be an array of a library that follows the array API standard "
                f"(NumPy, PyTorch, JAX, ...), got {library(array)}; {advice}"
            )
            raise TypeError(msg)
    namespaces = {name: _namespace_of(array) for name, array in arrays.items()}
    (first, xp), *others = namespaces.items()
    for name, other in others:
        if other is not xp:
            msg = (
                f"all arrays must belong to one library, got `{first}` of "
                f"{library(arrays[first])} and `{name}` of {library(arrays[name])}; convert "
                f"`{name}` to the library of `{first}`"
            )
            if _is_masked(arrays[name]):
                msg += ", and give its mask as `mask`: ~numpy.ma.getmaskarray"
            raise TypeError(msg)
    return xp


def shape_of(array: Array) -> Shape:
    """Return the shape of an array, in which TensorFlow's graphs know some sizes when they run."""
    shape = tuple(array.shape)
    if type(array) is numpy_array():
        return shape
    if any(size is None for size in shape):
        from maskloss._arrays import tensorflow as _tensorflow

        return _tensorflow.shape_of(array)
    return shape


def ensure_shape(xp: Namespace, array: Array, shape: Shape) -> Array:
    """Return an array that has this shape, as far as that is known; a graph checks the rest."""
    is_known = all(map(is_number, (*shape, *shape_of(array))))
    return array if is_known else xp.ensure_shape(array, shape)


def is_numpy(xp: Namespace) -> bool:
    """Whether `xp` computes at once, in memory that can be written to, and differentiates nothing.

    Such arrays can be taken block by block.
    """
    return xp.__name__ == "maskloss._arrays.numpy"


_NUMPY_KINDS = {"b": "bool", "i": "integral", "u": "integral", "f": "real floating"}


def is_kind(xp: Namespace, dtype: Any, *kinds: str) -> bool:
    """Whether a dtype is of one of these kinds of the standard."""
    if is_numpy(xp):  # its own answer takes longer than arithmetic on a small array
        # The kinds of others' dtypes, such as those of ml_dtypes, are as they please.
        return dtype.isbuiltin != 2 and _NUMPY_KINDS.get(dtype.kind) in kinds
    is_one: bool = xp.isdtype(dtype, kinds)
    return is_one


def is_jax(xp: Namespace) -> bool:
    """Whether `xp` is that of JAX."""
    return xp.__name__ == "jax.numpy"


def is_dask(xp: Namespace) -> bool:
    """Whether `xp` is that of dask, whose arrays are graphs of what is not yet computed."""
    return xp.__name__.endswith("dask.array")


def is_plain_tensor(array: object) -> bool:
    """Whether `array` is a tensor of torch in memory, in a call that nothing traces."""
    return is_instance(array, "torch", "Tensor") and _is_readable_tensor(array)


def is_compiled_by_torch(array: object) -> bool:
    """Whether Dynamo traces what happens to an array."""
    if not is_instance(array, "torch", "Tensor"):
        return False
    import torch

    return bool(torch.compiler.is_compiling())


def is_traced_by_jax(array: object) -> bool:
    """Whether JAX compiles or differentiates what happens to an array."""
    return is_instance(array, "jax.core", "Tracer")


def is_readable(array: Array) -> bool:
    """Whether values can be looked at: no trace in progress and no accelerator to wait for."""
    if type(array) is numpy_array():
        return True
    if is_instance(array, "torch", "Tensor"):
        return _is_readable_tensor(array)
    if is_instance(array, "jax", "Array"):
        return not is_traced_by_jax(array) and all(
            device.platform == "cpu" for device in array.devices()
        )
    if is_tensorflow(array):
        from maskloss._arrays import tensorflow as _tensorflow

        return bool(_tensorflow.is_readable(array))
    module = type(array).__module__.partition(".")[0]
    return module in {"numpy", "array_api_strict"}


def _is_readable_tensor(tensor: Array) -> bool:
    import torch

    return (
        not torch.compiler.is_compiling()
        and type(tensor) in (torch.Tensor, torch.nn.Parameter)
        and tensor.device.type == "cpu"
        and not torch._C._functorch.is_functorch_wrapped_tensor(tensor)  # noqa: SLF001
        and torch._C._len_torch_dispatch_stack() == 0  # noqa: SLF001
        and not torch.jit.is_tracing()
    )


def stop_gradient(array: Array) -> Array:
    """Return `array` as a constant for automatic differentiation."""
    if is_instance(array, "torch", "Tensor"):
        return array.detach()
    if is_instance(array, "jax", "Array"):
        import jax

        return jax.lax.stop_gradient(array)
    if is_instance(array, "mlx.core", "array"):
        import mlx.core

        return mlx.core.stop_gradient(array)
    if is_tensorflow(array):
        import tensorflow as tf

        return tf.stop_gradient(array)
    return array


def recompute(array: Array) -> Array:
    """Return `array` so that a compiler computes what is made of it again.

    XLA would keep the exponentials of a reduction for what comes after it, and memory is slower.
    """
    if not is_traced_by_jax(array):
        return array
    import jax

    return jax.lax.optimization_barrier(array)


def on_device_of(xp: Namespace, array: Array) -> dict[str, Any]:
    """Return the keywords with which `xp` creates an array beside `array`."""
    if xp.__name__ in _WITHOUT_DEVICE_KEYWORD or not hasattr(array, "device"):
        return {}
    return {"device": array.device}


def ignore_fp_errors(array: Array) -> AbstractContextManager[object]:
    """Return a context in which NumPy computes infinities and NaN as silently as the others."""
    if is_instance(array, "torch", "Tensor") or "numpy" not in sys.modules:
        return contextlib.nullcontext()
    import numpy as np

    return np.errstate(all="ignore")


def _is_masked(array: object) -> bool:
    return is_instance(array, "numpy.ma", "MaskedArray")


def refuse_masked_array(name: str, array: object) -> None:
    """Refuse a `numpy.ma` array where its mask would be lost."""
    if _is_masked(array):
        msg = f"`{name}` is a numpy.ma array, but only the mask of the labels counts; pass its data"
        raise TypeError(msg)


def split_masked_array(labels: Array) -> tuple[Array, Array | None]:
    """Split a `numpy.ma` array into its data and a mask that is True where observed."""
    if not _is_masked(labels):
        return labels, None
    import numpy as np

    return labels.data, ~np.ma.getmaskarray(labels)


def index_dtype(xp: Namespace) -> object:
    """Return the dtype of indices."""
    if not hasattr(xp, "__array_namespace_info__"):
        return xp.int32  # MLX
    return xp.__array_namespace_info__().default_dtypes()["indexing"]


def floating_dtype(xp: Namespace) -> object:
    """Return the dtype of real numbers that come from no array."""
    if not hasattr(xp, "__array_namespace_info__"):
        return xp.float32  # MLX
    return xp.__array_namespace_info__().default_dtypes()["real floating"]


def is_number(value: object) -> bool:
    """Whether `value` is a number that shapes tell, perhaps as a symbol of torch.export."""
    return isinstance(value, (int, float)) or is_instance(value, "torch", "SymInt")


def scalar(value: object) -> float | None:
    """Return a Python or NumPy scalar as a number, or None for anything else."""
    if type(value) is numpy_array():
        return None
    if is_instance(value, "numpy", "generic"):
        value = value.item()  # type: ignore[attr-defined]
    return value if isinstance(value, bool | int | float) else None


def if_traced(name: str, value: object) -> str:
    """Say of a keyword that JAX traces how it stays a number; say nothing of another."""
    values = value if isinstance(value, tuple) else (value,)
    if not any(is_instance(one, "jax.core", "Tracer") for one in values):
        return ""
    return (
        f"; JAX traces it as an array: keep it a number, by functools.partial(loss, {name}=...) "
        f'before jax.jit or by static_argnames="{name}"'
    )


def integer(value: object) -> int | None:
    """Return a Python or NumPy integer as Python's, or None for anything else, bools included."""
    number: Any = scalar(value)
    return number if isinstance(number, int) and not isinstance(number, bool) else None
