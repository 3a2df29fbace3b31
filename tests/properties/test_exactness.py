"""Options at 0, as usual and at their ends: within a few epsilons of the largest term."""

import numpy as np
import pytest

from helpers.problems import Problem
from tables.exactness.rows import ROWS


def _name(row):
    options = [f"{k}={v}" for k, v in row.case.options.items()]
    return ", ".join(filter(None, [row.case.name, row.name, *options]))


def _sizes(row, exact, x, y, keywords):
    """Return the sizes of the largest terms of the three parts."""
    value, slope, curvature = (np.abs(part) for part in exact)
    sizes = (0.0, 0.0, 0.0) if row.terms is None else row.terms(x, y, **keywords)
    parts = value, slope, np.maximum(slope, curvature)
    return [np.maximum(*pair) for pair in zip(parts, sizes, strict=True)]


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_few_epsilons_of_the_largest_term(backend, row, dtype, exact_parts):
    case, arrays, exact, sizes = _parts_of(row, dtype, exact_parts)
    got = Problem.of(backend, case, *arrays, dtype=dtype).parts(reduction="none")
    for part in zip(("value", "slope", "curvature"), got, exact, sizes, row.epsilons, strict=True):
        _assert_few_epsilons(*part, dtype)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("row", [row for row in ROWS if not row.case.coupled], ids=_name)
def test_second_derivatives_by_autograd(backend, row, dtype, exact_parts):
    case, arrays, exact, sizes = _parts_of(row, dtype, exact_parts)
    for got in Problem.of(backend, case, *arrays, dtype=dtype).hessians_by_autodiff():
        _assert_few_epsilons("Hessian", got, exact[2], sizes[2], row.epsilons[2], dtype)


def _assert_few_epsilons(name, got, want, size, bound, dtype):
    info = np.finfo(dtype)
    allowed = bound * float(info.eps) * size + float(info.smallest_normal)
    error = np.abs(got - want)
    worst = np.unravel_index(np.argmax(error / allowed), error.shape)
    off = error[worst] / allowed[worst] * bound
    text = f"{name} off by {off} epsilons at {worst}: {got[worst]!r}, not {want[worst]!r}"
    assert (error <= allowed).all(), text


def _parts_of(row, dtype, exact_parts):
    """Return the case of a row, its arrays, and its three exact parts with their sizes.

    The exact parts are in float64, whose rounding counts as 1/2.
    """
    x, y, *options = row.points(np.finfo(dtype))
    keywords = dict(*options)
    case = row.case.with_options({k: v for k, v in keywords.items() if k != "mask"})
    arrays = x, y, keywords.get("mask")
    exact = exact_parts(case, *arrays)
    x64, y64 = (np.asarray(array, float) for array in (x, y))
    return case, arrays, exact, _sizes(row, exact, x64, y64, keywords)
