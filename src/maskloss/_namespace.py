"""The array library behind an array: the only module that names one.

Libraries are recognised among those already imported, so that `import maskloss` loads none.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import array_api_compat

from maskloss._typing import Array, Namespace, Shape

F = TypeVar("F", bound=Callable[..., Any])

_WITHOUT_DEVICE_KEYWORD = frozenset({"jax.numpy", "mlx.core", "maskloss._tensorflow"})


def _is(array: object, module: str, name: str) -> bool:
    cls = getattr(sys.modules.get(module), name, None)
    return cls is not None and isinstance(array, cls)


def _numpy_array() -> type | None:
    return getattr(sys.modules.get("numpy"), "ndarray", None)


def library(array: object) -> str:
    """Name the library of `array` for a reader."""
    module = type(array).__module__.partition(".")[0]
    return type(array).__name__ if module == "builtins" else f"{module}.{type(array).__name__}"


def _is_tensorflow(array: object) -> bool:
    return _is(array, "tensorflow", "Tensor") or _is(array, "tensorflow", "Variable")


def as_written(public: F) -> F:
    """Keep TensorFlow's AutoGraph from rewriting a function, which takes seconds and warns."""
    public.autograph_info__ = {}  # type: ignore[attr-defined]
    return public


def is_array(array: object) -> bool:
    """Whether `array` belongs to a library that follows the array API standard."""
    return (
        _is(array, "torch", "Tensor")
        or array_api_compat.is_array_api_obj(array)
        or _is_tensorflow(array)
    )


def _namespace_of(array: object) -> Namespace:
    if _is_tensorflow(array):
        from maskloss import _tensorflow

        _tensorflow.check_rank(array)
        tensorflow_namespace: Namespace = _tensorflow
        return tensorflow_namespace
    namespace: Namespace = array_api_compat.array_namespace(array)
    return namespace


def array_namespace(arrays: Mapping[str, object]) -> Namespace:
    """Return the namespace common to `arrays`, which are named for the error they may cause."""
    if all(_is(array, "torch", "Tensor") for array in arrays.values()):
        # torch.compile warns once per `lru_cache` that `array_api_compat.array_namespace` calls.
        from array_api_compat import torch

        torch_namespace: Namespace = torch
        return torch_namespace
    if all(type(array) is _numpy_array() for array in arrays.values()):
        from array_api_compat import numpy

        numpy_namespace: Namespace = numpy  # without the time that the compat helper takes
        return numpy_namespace
    for name, array in arrays.items():
        if not is_array(array):
            msg = (
                f"`{name}` must be an array of a library that follows the array API standard "
                f"(NumPy, PyTorch, JAX, ...), got {library(array)}; convert it first, to the "
                f"library of the predictions"
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
    if any(size is None for size in shape):
        from maskloss import _tensorflow

        return _tensorflow.shape_of(array)
    return shape


def held_to(xp: Namespace, array: Array, shape: Shape) -> Array:
    """Return an array that has this shape, as far as that is known; a graph checks the rest."""
    is_known = all(map(is_number, (*shape, *shape_of(array))))
    return array if is_known else xp.held_to(array, shape)


def is_numpy(xp: Namespace) -> bool:
    """Whether `xp` computes at once, in memory that can be written to, and differentiates nothing.

    Such arrays can be taken block by block.
    """
    return xp.__name__.endswith("compat.numpy")


_NUMPY_KINDS = {"bool": "b", "integral": "iu", "real floating": "f"}


def is_kind(xp: Namespace, dtype: Any, *kinds: str) -> bool:
    """Whether a dtype is of one of these kinds of the standard."""
    if is_numpy(xp):  # its own answer takes longer than arithmetic on a small array
        return any(dtype.kind in _NUMPY_KINDS[kind] for kind in kinds)
    is_one: bool = xp.isdtype(dtype, kinds)
    return is_one


def is_jax(xp: Namespace) -> bool:
    """Whether `xp` is that of JAX."""
    return xp.__name__ == "jax.numpy"


def is_plain_tensor(array: object) -> bool:
    """Whether `array` is a tensor of torch in memory, in a call that nothing traces."""
    return _is(array, "torch", "Tensor") and _is_readable_tensor(array)


def is_readable(array: Array) -> bool:
    """Whether values can be looked at: no trace in progress and no accelerator to wait for."""
    if type(array) is _numpy_array():
        return True
    if _is(array, "torch", "Tensor"):
        return _is_readable_tensor(array)
    if _is(array, "jax", "Array"):
        traced = _is(array, "jax.core", "Tracer")
        return not traced and all(device.platform == "cpu" for device in array.devices())
    if _is_tensorflow(array):
        from maskloss import _tensorflow

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
    if _is(array, "torch", "Tensor"):
        return array.detach()
    if _is(array, "jax", "Array"):
        import jax

        return jax.lax.stop_gradient(array)
    if _is(array, "mlx.core", "array"):
        import mlx.core

        return mlx.core.stop_gradient(array)
    if _is_tensorflow(array):
        import tensorflow as tf

        return tf.stop_gradient(array)
    return array


def anew(array: Array) -> Array:
    """Return `array` so that a compiler computes what is made of it again.

    XLA would keep the exponentials of a reduction for what comes after it, and memory is slower.
    """
    if not _is(array, "jax.core", "Tracer"):
        return array
    import jax

    return jax.lax.optimization_barrier(array)


def on_device_of(xp: Namespace, array: Array) -> dict[str, Any]:
    """Return the keywords with which `xp` creates an array beside `array`."""
    if xp.__name__ in _WITHOUT_DEVICE_KEYWORD or not hasattr(array, "device"):
        return {}
    return {"device": array.device}


def quiet(array: Array) -> AbstractContextManager[object]:
    """Return a context in which NumPy computes infinities and NaN as silently as the others."""
    if _is(array, "torch", "Tensor") or "numpy" not in sys.modules:
        return contextlib.nullcontext()
    import numpy as np

    return np.errstate(all="ignore")


def is_index(xp: Namespace, array: Array, index: Array, axis: int) -> Array:
    """Whether each element stands where its row's `index` points along `axis`."""
    places = xp.arange(shape_of(array)[axis], **on_device_of(xp, array))
    shape = tuple(-1 if k == axis else 1 for k in range(len(array.shape)))
    return xp.reshape(places, shape) == index


def take(xp: Namespace, array: Array, index: Array, axis: int) -> Array:
    """Take elements of each row, in the order of `index`, which is not negative."""
    index = stop_gradient(index)  # MLX would differentiate by it
    is_dask = not hasattr(xp, "take_along_axis")
    if index.shape[axis] == 1 and (is_dask or _is_compiled_by_torch(array)):
        # Inductor joins this with what stands around it, the derivative of a gather with nothing.
        taken = xp.where(is_index(xp, array, index, axis), array, 0.0)
        return xp.sum(taken, axis=axis, keepdims=True)
    if _is(array, "torch", "Tensor"):
        import torch

        # `take_along_dim`, under the standard's name, compiles anew for every size of a batch.
        return torch.gather(array, axis, index)
    if is_dask:
        return _take_of_dask(array, index, axis)
    return xp.take_along_axis(array, index, axis=axis)


def _is_compiled_by_torch(array: Array) -> bool:
    if not _is(array, "torch", "Tensor"):
        return False
    import torch

    return bool(torch.compiler.is_compiling())


def _take_of_dask(array: Array, index: Array, axis: int) -> Array:
    import dask.array
    import numpy as np

    def of_block(block: Array, places: Array) -> Array:
        return np.take_along_axis(block, places, axis=-1)

    return dask.array.apply_gufunc(
        of_block,
        "(i),(j)->(j)",
        array,
        index,
        axes=[axis, axis, axis],
        output_dtypes=array.dtype,
        allow_rechunk=True,
    )


def running_total(xp: Namespace, array: Array, axis: int) -> Array:
    """Add up each row from its start, each element included."""
    if _is(array, "torch", "Tensor"):
        import torch

        # The function under the standard's name looks for its namespace, which Dynamo refuses.
        return torch.cumsum(array, axis)
    return xp.cumulative_sum(array, axis=axis)


def pick(xp: Namespace, array: Array, indices: tuple[Array, ...]) -> Array:
    """Return the element at each place, whose indices along every axis are given."""
    if xp.__name__.endswith("dask.array"):
        return array.vindex[tuple(index.compute() for index in indices)]
    if _is(array, "torch", "Tensor"):
        indices = tuple(index.long() for index in indices)  # uint8 would be a mask
    if _is_tensorflow(array):
        return xp.take_at(array, indices)
    return array[indices]


def selected(xp: Namespace, array: Array, mask: Array) -> Array:
    """Return the rows of `array` where a mask of one dimension is True."""
    if xp.__name__.endswith("dask.array") or xp.__name__ == "mlx.core":
        import numpy as np

        # MLX has no boolean indices, and dask would not know how many there are.
        index = xp.asarray(np.flatnonzero(np.asarray(mask)))
        return xp.take(array, index, axis=0)
    return array[mask]


def add_at(xp: Namespace, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
    """Return zeros like an array with values added at places; twice where one occurs twice."""
    if _is_tensorflow(like):
        return xp.add_at(like, indices, values)
    zeros = xp.zeros_like(like)
    if _is(like, "torch", "Tensor"):
        return zeros.index_put(tuple(index.long() for index in indices), values, accumulate=True)
    if hasattr(zeros, "at"):
        return zeros.at[indices].add(values)
    if is_numpy(xp):
        xp.add.at(zeros, indices, values)
        return zeros
    if not is_readable(values):
        msg = f"{library(like)} cannot scatter; ask for an indexed gradient: indexed=True"
        raise TypeError(msg)
    for place in range(values.shape[0]):  # the standard has no scatter
        at = tuple(int(index[place]) for index in indices)
        zeros[at] = zeros[at] + values[place]
    return zeros


def stored_entries(labels: object) -> tuple[tuple[Array, ...], Array, tuple[int, ...]] | None:
    """Return indices, values and shape of a sparse matrix of any library; None for all else."""
    if type(labels) is _numpy_array():
        return None
    matrix: Any = labels
    module = type(labels).__module__.partition(".")[0]
    if module == "scipy" and hasattr(labels, "tocoo"):
        matrix = matrix.tocoo()
        return tuple(matrix.coords), matrix.data, tuple(matrix.shape)
    if module == "sparse" and hasattr(labels, "asformat"):
        matrix = matrix.asformat("coo")
        return tuple(matrix.coords), matrix.data, tuple(matrix.shape)
    if _is(labels, "jax.experimental.sparse", "BCOO"):
        return tuple(matrix.indices.T), matrix.data, tuple(matrix.shape)
    if _is(labels, "torch", "Tensor") and str(matrix.layout) != "torch.strided":
        matrix = matrix.to_sparse_coo()
        # Coalescing would add labels up.
        return tuple(matrix._indices()), matrix._values(), tuple(matrix.shape)  # noqa: SLF001
    if _is(labels, "tensorflow", "SparseTensor"):
        axes = range(len(matrix.shape))
        return tuple(matrix.indices[:, k] for k in axes), matrix.values, tuple(matrix.shape)
    return None


def replace_at(
    xp: Namespace, array: Array, index: Array, values: Array | float, axis: int
) -> Array:
    """Replace one element of each row of an array of one's own; `index` is not negative."""
    if not is_numpy(xp):
        return xp.where(is_index(xp, array, index, axis), values, array)
    import numpy as np

    np.put_along_axis(array, index, values, axis)
    return array


def total_without(xp: Namespace, array: Array, index: Array, axis: int) -> Array:
    """Sum each row but for one element, keeping the axis; `index` is not negative."""
    if not is_numpy(xp):
        return total(xp, replace_at(xp, array, index, 0.0, axis), (axis,))
    # A copy would take as long as the sum.
    left_out = take(xp, array, index, axis)
    rest = total(xp, replace_at(xp, array, index, 0.0, axis), (axis,))
    replace_at(xp, array, index, left_out, axis)
    return rest


def occurrences(xp: Namespace, index: Array, size: int) -> Array:
    """Count how often each of 0, ..., size - 1 stands in `index`; other numbers count nowhere."""
    index, device = xp.reshape(index, (-1,)), on_device_of(xp, index)
    # One place more, for what is nowhere.
    place = xp.where((index >= 0) & (index < size), index, size)
    if _is(index, "torch", "Tensor"):
        counts = xp.zeros(size + 1, dtype=index.dtype, **device)
        counts = counts.scatter_add(0, place, xp.ones_like(index))
    elif _is(index, "jax", "Array") or _is(index, "mlx.core", "array"):
        counts = xp.zeros(size + 1, dtype=index.dtype).at[place].add(1)
    elif _is_tensorflow(index):
        counts = xp.count_each(place, size + 1)
    else:
        # The standard has no scatter.
        edges = xp.arange(size + 2, dtype=index.dtype, **device)
        ends = xp.searchsorted(xp.sort(place), edges)
        counts = ends[1:] - ends[:-1]
    return counts[:size]


def is_among(xp: Namespace, index: Array, size: int) -> Array:
    """Whether each of 0, ..., size - 1 stands in each row of `index`; other numbers are nowhere.

    Where the library has no scatter of its own, one comparison of the size of the result for each
    index of a row.
    """
    rows, device = tuple(index.shape[:-1]), on_device_of(xp, index)
    found = xp.zeros((*rows, size + 1), dtype=(index < 0).dtype, **device)
    place = xp.where((index >= 0) & (index < size), index, size)
    true = place >= 0
    if _is(index, "torch", "Tensor"):
        found = found.scatter(-1, place, true)
    elif _is(index, "jax", "Array"):
        found = xp.put_along_axis(found, place, true, axis=-1, inplace=False)
    elif hasattr(xp, "put_along_axis"):
        put = xp.put_along_axis(found, place, true, axis=-1)
        found = found if put is None else put  # NumPy writes where it stands
    else:
        places = xp.arange(size + 1, dtype=index.dtype, **device)
        for k in range(index.shape[-1]):
            found = found | (place[..., k : k + 1] == places)
    return found[..., :size]


def total(xp: Namespace, array: Array, axes: tuple[int, ...]) -> Array:
    """Sum along `axes`, keeping them, with an error that does not grow with their size.

    NumPy adds pairwise along the last axis only: 2**25 float32 ones along the first of two axes
    make 2**24.
    """
    kept = tuple(axis for axis in range(len(array.shape)) if axis not in axes)
    if not kept or not (is_numpy(xp) or xp.__name__.endswith("array_api_strict")):
        return xp.sum(array, axis=axes, keepdims=True)
    shape = tuple(array.shape[axis] for axis in kept)
    size = math.prod(array.shape[axis] for axis in axes)
    in_order = xp.reshape(xp.permute_dims(array, kept + axes), (-1,))
    sums = xp.sum(xp.reshape(in_order, (*shape, size)), axis=-1)
    return xp.reshape(sums, tuple(1 if k in axes else n for k, n in enumerate(array.shape)))


def _is_masked(array: object) -> bool:
    return _is(array, "numpy.ma", "MaskedArray")


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
    return isinstance(value, int | float) or _is(value, "torch", "SymInt")


def scalar(value: object) -> float | None:
    """Return a Python or NumPy scalar as a number, or None for anything else."""
    if type(value) is _numpy_array():
        return None
    if _is(value, "numpy", "generic"):
        value = value.item()  # type: ignore[attr-defined]
    return value if isinstance(value, bool | int | float) else None


def integer(value: object) -> int | None:
    """Return a Python or NumPy integer as Python's, or None for anything else, bools included."""
    number: Any = scalar(value)
    return number if isinstance(number, int) and not isinstance(number, bool) else None
