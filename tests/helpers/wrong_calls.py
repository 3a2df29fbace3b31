"""Calls of the table of mistakes on a backend, and arrays of a library that none knows."""

import types
from functools import partial

import numpy as np
import pytest

import maskloss as ml

CANNOT_READ = r'(?s)(?=.*empty="raise")(?=.*read)(?=.*traced)(?=.*empty=float\(\W*nan)'


def is_plain(value):
    return type(value) is np.ndarray


def on(backend, call):
    """Return `call` with arrays of the backend's library; lists and the like stay."""

    def array(value):
        return backend.asarray(value) if is_plain(value) else value

    keywords = {name: array(value) for name, value in call.keywords.items()}
    return partial(call.func, *map(array, call.args), **keywords)


def in_every_way(backend, call):
    """Yield `call` on the backend as it is and with derivatives in closed form."""
    call = on(backend, call)
    yield call
    for transform in (ml.value_and_grad, ml.grad_and_hessian):
        yield partial(transform(call.func), *call.args, **call.keywords)


def opened(call):
    """Split `call` into a function of its arrays alone, and those arrays."""
    arguments = [*enumerate(call.args), *call.keywords.items()]
    names = [name for name, value in arguments if is_plain(value)]

    def function(*arrays):
        given = dict(arguments) | dict(zip(names, arrays, strict=True))
        args = [given.pop(k) for k in range(len(call.args))]
        return call.func(*args, **given)

    return function, [value for _, value in arguments if is_plain(value)]


def table(mistakes):
    return pytest.mark.parametrize("wrong", mistakes, ids=lambda wrong: wrong.name)


class ForeignArray:
    """An array of a library that no other knows."""

    shape = (3,)
    dtype = np.dtype("float32")

    def __array_namespace__(self, api_version=None):
        return FOREIGN


FOREIGN = types.ModuleType("foreign")
ForeignArray.__module__ = "foreign"
