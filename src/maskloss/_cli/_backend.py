"""The array library with which a command computes its losses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from ._errors import UserError

__all__ = ["AsArray", "backend_arrays"]

AsArray = Callable[[Any], Any]


@contextmanager
def backend_arrays(backend: str) -> Iterator[AsArray]:
    """Yield the function that converts NumPy arrays to arrays of a backend, and keeps float64.

    Parameters
    ----------
    backend : {"numpy", "torch", "jax"}
        The library.

    Yields
    ------
    callable
        A function from a NumPy array to an array of the library.

    Raises
    ------
    UserError
        If the library is not installed.
    """
    if backend == "numpy":
        yield np.asarray
        return
    library = _import(backend)
    if backend == "torch":
        yield library.from_numpy
        return
    before = library.config.jax_enable_x64
    library.config.update("jax_enable_x64", True)
    try:
        yield library.numpy.asarray
    finally:
        library.config.update("jax_enable_x64", before)


def _import(backend: str) -> Any:
    try:
        return import_module(backend)
    except ModuleNotFoundError as error:
        if error.name != backend:
            raise
        msg = f'--backend {backend}: {backend} is not installed: pip install "maskloss[{backend}]"'
        raise UserError(msg) from None
