"""Elements taken from places of arrays, written to them, and counted."""

from __future__ import annotations

from typing import Any

from maskloss._arrays.namespace import (
    index_dtype,
    is_compiled_by_torch,
    is_dask,
    is_instance,
    is_numpy,
    is_readable,
    is_tensorflow,
    library,
    on_device_of,
    shape_of,
    stop_gradient,
)
from maskloss._arrays.typing import Array, Namespace


def one_hot_mask(xp: Namespace, array: Array, index: Array, axis: int) -> Array:
    """Whether each element stands where its row's `index` points along `axis`."""
    places = xp.arange(shape_of(array)[axis], **on_device_of(xp, array))
    shape = tuple(-1 if k == axis else 1 for k in range(len(array.shape)))
    return xp.reshape(places, shape) == index


def take(xp: Namespace, array: Array, index: Array, axis: int) -> Array:
    """Take elements of each row, in the order of `index`, which is not negative."""
    index = stop_gradient(index)  # MLX would differentiate by it
    if index.shape[axis] == 1 and (is_dask(xp) or is_compiled_by_torch(array)):
        # Inductor joins this with what stands around it, the derivative of a gather with nothing.
        taken = xp.where(one_hot_mask(xp, array, index, axis), array, 0.0)
        return xp.sum(taken, axis=axis, keepdims=True)
    if is_instance(array, "torch", "Tensor"):
        import torch

        # `take_along_dim`, under the standard's name, compiles anew for every size of a batch.
        return torch.gather(array, axis, index)
    if is_dask(xp):
        from maskloss._arrays import dask as _dask

        return _dask.take_of_row(array, index, axis)
    return xp.take_along_axis(array, index, axis=axis)


def pick(xp: Namespace, array: Array, indices: tuple[Array, ...]) -> Array:
    """Return the element at each place, whose indices along every axis are given."""
    if is_dask(xp):
        from maskloss._arrays import dask as _dask

        return _dask.pick(array, indices)
    if is_instance(array, "torch", "Tensor"):
        indices = tuple(index.long() for index in indices)  # uint8 would be a mask
    if is_tensorflow(array):
        return xp.take_at(array, indices)
    return array[indices]


def take_rows(xp: Namespace, array: Array, index: Array) -> Array:
    """Return the rows along the first axis that `index` names, in its order."""
    return xp.take(array, xp.astype(index, index_dtype(xp)), axis=0)


def index_add(xp: Namespace, into: Array, index: Array, rows: Array) -> Array:
    """Add rows to those that `index` names of an array of one's own, each as often as named."""
    if not is_numpy(xp):
        return into + add_at(xp, into, (index,), rows)
    # Sorted, as one `add.at` takes fifty times as long.
    order = xp.argsort(index, stable=True)
    index = index[order]
    starts = xp.nonzero(xp.concat([xp.asarray([True]), index[1:] != index[:-1]])[: len(index)])[0]
    if len(starts):
        into[index[starts]] += xp.add.reduceat(rows[order], starts, axis=0)
    return into


def selected(xp: Namespace, array: Array, mask: Array) -> Array:
    """Return the rows of `array` where a mask of one dimension is True."""
    if is_dask(xp) or xp.__name__ == "mlx.core":
        import numpy as np

        # MLX has no boolean indices, and dask would not know how many there are.
        index = xp.asarray(np.flatnonzero(np.asarray(mask)))
        return xp.take(array, index, axis=0)
    return array[mask]


def put_along_axis_of_row(
    xp: Namespace, array: Array, index: Array, values: Array | float, axis: int
) -> Array:
    """Replace one element of each row of an array of one's own; `index` is not negative."""
    if not is_numpy(xp):
        return xp.where(one_hot_mask(xp, array, index, axis), values, array)
    import numpy as np

    np.put_along_axis(array, index, values, axis)
    return array


def add_at(xp: Namespace, like: Array, indices: tuple[Array, ...], values: Array) -> Array:
    """Return zeros like an array with values added at places; twice where one occurs twice."""
    if is_tensorflow(like):
        return xp.add_at(like, indices, values)
    if is_dask(xp):
        from maskloss._arrays import dask as _dask

        return _dask.add_at(like, indices, values)
    zeros = xp.zeros_like(like)
    if is_instance(like, "torch", "Tensor"):
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
        at = (*(int(index[place]) for index in indices), ...)
        zeros[at] = zeros[at] + values[place, ...]
    return zeros


def stored_entries(labels: object) -> tuple[tuple[Array, ...], Array, tuple[int, ...]] | None:
    """Return indices, values and shape of a sparse matrix of any library; None for all else."""
    matrix: Any = labels
    module = type(labels).__module__.partition(".")[0]
    if module == "scipy" and hasattr(labels, "tocoo"):
        matrix = matrix.tocoo()
        return tuple(matrix.coords), matrix.data, tuple(matrix.shape)
    if module == "sparse" and hasattr(labels, "asformat"):
        matrix = matrix.asformat("coo")
        return tuple(matrix.coords), matrix.data, tuple(matrix.shape)
    if is_instance(labels, "jax.experimental.sparse", "BCOO"):
        return tuple(matrix.indices.T), matrix.data, tuple(matrix.shape)
    if is_instance(labels, "torch", "Tensor") and str(matrix.layout) != "torch.strided":
        matrix = matrix.to_sparse_coo()
        # Coalescing would add labels up.
        return tuple(matrix._indices()), matrix._values(), tuple(matrix.shape)  # noqa: SLF001
    if is_instance(labels, "tensorflow", "SparseTensor"):
        axes = range(len(matrix.shape))
        return tuple(matrix.indices[:, k] for k in axes), matrix.values, tuple(matrix.shape)
    return None


def bincount(xp: Namespace, index: Array, size: int) -> Array:
    """Count how often each of 0, ..., size - 1 stands in `index`; other numbers count nowhere."""
    index, device = xp.reshape(index, (-1,)), on_device_of(xp, index)
    # One place more, for what is nowhere.
    place = xp.where((index >= 0) & (index < size), index, size)
    if is_instance(index, "torch", "Tensor"):
        counts = xp.zeros(size + 1, dtype=index.dtype, **device)
        counts = counts.scatter_add(0, place, xp.ones_like(index))
    elif is_instance(index, "jax", "Array") or is_instance(index, "mlx.core", "array"):
        counts = xp.zeros(size + 1, dtype=index.dtype).at[place].add(1)
    elif is_tensorflow(index):
        counts = xp.count_each(place, size + 1)
    else:
        # The standard has no scatter.
        edges = xp.arange(size + 2, dtype=index.dtype, **device)
        ends = xp.searchsorted(xp.sort(place), edges)
        counts = ends[1:] - ends[:-1]
    return counts[:size]


def multi_hot(xp: Namespace, index: Array, size: int) -> Array:
    """Whether each of 0, ..., size - 1 stands in each row of `index`; other numbers are nowhere.

    Where the library has no scatter of its own, one comparison of the size of the result for each
    index of a row.
    """
    rows, device = tuple(index.shape[:-1]), on_device_of(xp, index)
    found = xp.zeros((*rows, size + 1), dtype=(index < 0).dtype, **device)
    place = xp.where((index >= 0) & (index < size), index, size)
    true = place >= 0
    if is_instance(index, "torch", "Tensor"):
        found = found.scatter(-1, place, true)
    elif is_instance(index, "jax", "Array"):
        found = xp.put_along_axis(found, place, true, axis=-1, inplace=False)
    elif hasattr(xp, "put_along_axis"):
        put = xp.put_along_axis(found, place, true, axis=-1)
        found = found if put is None else put  # NumPy writes where it stands
    else:
        places = xp.arange(size + 1, dtype=index.dtype, **device)
        for k in range(index.shape[-1]):
            found = found | (place[..., k : k + 1] == places)
    return found[..., :size]
