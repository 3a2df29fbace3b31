"""A small call takes few function calls of the package: they are most of its time."""

import contextlib
import sys
from pathlib import Path

import numpy as np
import pytest

import maskloss as ml

PACKAGE = str(Path(ml.__file__).parent)
each_dtype = pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])


@contextlib.contextmanager
def own_calls():
    """Yield a list that gets the name of each function of the package that is called."""
    names = []

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            names.append(frame.f_code.co_qualname)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(before)


def calls_of_a_small_loss(backend, dtype, *, has_grad):
    draw = np.random.default_rng(5)
    labels, mask = draw.random((32, 10)) < 0.5, draw.random((32, 10)) < 0.7
    x, y, m = map(backend.asarray, (np.ones((32, 10), "float32"), labels.astype(dtype), mask))
    if has_grad:
        x = x.requires_grad_()
    ml.binary_cross_entropy_with_logits(x, y, mask=m)  # namespaces are looked up once
    with own_calls() as names:
        ml.binary_cross_entropy_with_logits(x, y, mask=m)
    assert "evaluate" in names
    return names


# The numbers are for Python 3.11, which also counts comprehensions; later versions inline them.


@each_dtype
@pytest.mark.needs("numpy")
def test_a_small_call_on_numpy(backend, dtype):
    assert len(calls_of_a_small_loss(backend, dtype, has_grad=False)) <= 130


@each_dtype
@pytest.mark.needs("torch")
def test_a_small_call_on_torch(backend, dtype):
    assert len(calls_of_a_small_loss(backend, dtype, has_grad=True)) <= 185
