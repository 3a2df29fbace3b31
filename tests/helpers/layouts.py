"""The same problem with its arrays in another dtype or laid out otherwise in memory."""

import numpy as np

from helpers.frameworks import asnumpy, dtype_of


def convert(problem, transform):
    """Return `problem` with `transform` applied to every array, those in keywords too."""

    def one(array):
        return transform(array) if hasattr(array, "dtype") else array

    options = {name: one(value) for name, value in problem.options.items()}
    arrays = {name: one(getattr(problem, name)) for name in ("x", "y", "mask", "weight")}
    return problem.replace(options=options, **arrays)


def cast(backend, array, dtype):
    """Return a NumPy or native array as one of the backend's, of the dtype of that name."""
    xp = backend.namespace
    array = backend.asarray(array) if isinstance(array, np.ndarray) else array
    name = "bool_" if dtype == "bool" and not hasattr(xp, "bool") else dtype
    return xp.astype(array, getattr(xp, name, dtype))


def in_dtype(problem, dtype):
    """Return `problem` with all floating arrays of `dtype`."""

    xp = problem.xp

    def one(array):
        is_floating = hasattr(array, "dtype") and xp.isdtype(array.dtype, "real floating")
        return cast(problem.backend, array, dtype) if is_floating else array

    arrays = {name: one(getattr(problem, name)) for name in ("x", "y", "weight")}
    options = {name: one(value) for name, value in problem.options.items()}
    return problem.replace(options=options, **arrays)


def transposed(xp, array):
    """Return the same numbers, laid out in memory from the last axis to the first."""
    if array.ndim == 0:
        return array
    axes = tuple(reversed(range(array.ndim)))
    laid_out = xp.asarray(np.ascontiguousarray(asnumpy_exact(array).transpose(axes)))
    return xp.permute_dims(laid_out, axes)


def strided(xp, array):
    """Return the same numbers as every second of twice as many."""
    if array.ndim == 0:
        return array
    return xp.asarray(np.repeat(asnumpy_exact(array), 2, axis=-1))[..., ::2]


def reversed_(xp, array):
    """Return the same numbers, laid out in memory back to front, where strides may be negative."""
    if array.ndim == 0:
        return array
    return xp.flip(xp.asarray(np.flip(asnumpy_exact(array)).copy()))


def asnumpy_exact(array):
    """Return an array as NumPy's, of its own dtype."""
    return asnumpy(array).astype(dtype_of(array))


LAYOUTS = [transposed, strided, reversed_]
