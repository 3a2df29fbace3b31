"""A pytest plugin that keeps results of 60-digit arithmetic for all workers, and for the next run.

A result is found by the numbers that it is computed from, and computed again where the code that
computes it has changed: a file of the tables or of the helpers.
"""

import dataclasses
import hashlib
import os
import pickle
import shutil
from pathlib import Path

import mpmath
import numpy as np
import pytest

TESTS = Path(__file__).parents[1]


def _version():
    """Return a name that changes with the code that computes the results."""
    code = hashlib.sha256(mpmath.__version__.encode())
    for folder in ("helpers", "tables"):
        for path in sorted((TESTS / folder).rglob("*.py")):
            code.update(path.read_bytes())
    return code.hexdigest()[:16]


VERSION = _version()  # of the code that this process imports


def _key(case, *arrays):
    """Return a name of all that a result is computed from."""
    fields = {field.name: getattr(case, field.name) for field in dataclasses.fields(case)}
    values = {name: value for name, value in fields.items() if not callable(value)}
    functions = case.loss.__name__, case.oracle.__module__, case.oracle.__qualname__
    return hashlib.sha256(pickle.dumps((values, functions, arrays))).hexdigest()[:32]


@pytest.fixture(scope="session")
def exact_parts(pytestconfig):
    """A function that returns the exact value, slope and curvature of a case, in float64."""
    folder, known = None, {}
    if hasattr(pytestconfig, "cache"):
        folder = pytestconfig.cache.mkdir("exact") / VERSION
        for old in folder.parent.iterdir():
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)

    def compute(case, x, y, mask):
        return case.laid_out(case.exact(x, y, mask), np.shape(x))

    def get(case, x, y, mask=None):
        key = _key(case, x, y, mask)
        if key not in known:
            path = None if folder is None else folder / key
            known[key] = _kept(path, lambda: compute(case, x, y, mask))
        return known[key]

    return get


def _kept(path, compute):
    """Return the result that a file holds; without a file, compute it and write the file."""
    if path is None:
        return compute()
    if path.exists():
        return pickle.loads(path.read_bytes())
    result = compute()
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(f".{os.getpid()}")
    written.write_bytes(pickle.dumps(result))
    written.replace(path)
    return result


@pytest.fixture(scope="session")
def whole_range(exact_parts):
    """A function that returns a case, its arrays over the finite range, and its exact parts."""

    def get(case, dtype):
        extreme, x, y = case.at_extremes(dtype)
        return extreme, x, y, exact_parts(extreme, x, y)

    return get
