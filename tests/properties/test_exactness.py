"""Options at 0, as usual and at their ends: within a few epsilons of the largest term."""

import numpy as np
import pytest

from helpers.problems import Problem
from tables.exactness.rows import ROWS


def _name(row):
    options = [f"{k}={v}" for k, v in row.case.options.items()]
    return ", ".join(filter(None, [row.case.name, row.name, *options]))


def _sizes(row, exact, x, y):
    """Return the sizes of the largest terms of the three parts."""
    value, slope, curvature = (np.abs(part) for part in exact)
    sizes = (0.0, 0.0, 0.0) if row.terms is None else row.terms(x, y)
    parts = value, slope, np.maximum(slope, curvature)
    return [np.maximum(*pair) for pair in zip(parts, sizes, strict=True)]


@pytest.mark.needs("numpy")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_few_epsilons_of_the_largest_term(backend, row, dtype):
    info = np.finfo(dtype)
    x, y, *options = row.points(info)
    case = row.case.with_options(dict(*options))
    exact = _laid_out(case, x, y)
    got = Problem.of(backend, case, x, y, dtype=dtype).parts(reduction="none")
    wide = [np.asarray(array, float) for array in (x, y)]
    sizes = _sizes(row, exact, *wide)
    for name, ours, want, size, bound in zip(
        ("value", "slope", "curvature"), got, exact, sizes, row.epsilons, strict=True
    ):
        allowed = bound * float(info.eps) * size + float(info.smallest_normal)
        error = np.abs(ours - want)
        worst = np.unravel_index(np.argmax(error / allowed), error.shape)
        off = error[worst] / allowed[worst] * bound
        text = f"{name} off by {off} epsilons at {worst}: {ours[worst]!r}, not {want[worst]!r}"
        assert (error <= allowed).all(), text


def _laid_out(case, x, y):
    """Return the exact value, slope and curvature; in float64, whose rounding counts as 1/2."""
    exact = case.exact(x, y)
    value = np.asarray([float(term.value) for term in exact.values()])
    shape = case.entry_shape(x)
    derivatives = [case.derivative(exact, part, x.shape) for part in ("slope", "curvature")]
    return value.reshape(shape), *derivatives
