"""How arrays may lie in memory."""

import itertools

import numpy as np
import pytest

from helpers.comparison import assert_all_close
from helpers.frameworks import asnumpy
from helpers.layouts import LAYOUTS, asnumpy_exact, convert
from helpers.problems import Problem
from tables.cases import RICH, by_case


@by_case(RICH)
def test_inputs_are_never_written_to(backend, case):
    problem = Problem.make(backend, case)

    def contents():
        arrays = [*problem.arrays, *problem.options.values()]
        return [asnumpy(array).copy() for array in arrays if hasattr(array, "dtype")]

    before = contents()
    for reduction in ("none", "macro"):
        assert len(problem.parts(reduction=reduction)) == 3
    for now, then in zip(contents(), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.needs("numpy")
@by_case()
def test_read_only_arrays_of_numpy(backend, case):
    def frozen(array):
        array = array.copy()
        array.setflags(write=False)
        return array

    problem = Problem.make(backend, case)
    for reduction in ("mean", "none"):
        got = convert(problem, frozen).parts(reduction=reduction)
        for part, want in zip(got, problem.parts(reduction=reduction), strict=True):
            np.testing.assert_array_equal(part, want)


@pytest.mark.needs("numpy")
@by_case()
def test_results_share_no_memory_with_inputs(backend, case):
    problem = Problem.make(backend, case).replace(mask=None)
    inputs = [*problem.arrays, *problem.options.values()]
    inputs = [array for array in inputs if isinstance(array, np.ndarray)]
    results = [*problem.everything(reduction="none")(*problem.arrays)]
    if case.is_split:
        results += problem.call(reduction="sums", axis=())
    for result in map(np.asarray, results):
        assert not any(np.shares_memory(result, array) for array in inputs)
        assert result.flags.writeable


@pytest.mark.needs("layouts")
@by_case(RICH)
@pytest.mark.parametrize("turn", range(len(LAYOUTS)))
def test_any_layout_gives_the_same(backend, case, turn):
    """Each array lies in another way than its neighbours, and in each way in turn."""
    problem = Problem.make(backend, case)
    ways = itertools.cycle(LAYOUTS[turn:] + LAYOUTS[:turn])
    odd = convert(problem, lambda array: next(ways)(backend.namespace, array))
    got, want = (p.parts(reduction="weighted_mean") for p in (odd, problem))
    assert_all_close(got, want)


@pytest.mark.needs("layouts")
@by_case(RICH)
def test_repeated_rows_need_not_be_copied(backend, case):
    """Strides of 0."""
    xp = backend.namespace
    problem = Problem.make(backend, case)

    def repeat(array):
        return xp.broadcast_to(array[:1, ...], array.shape) if array.ndim else array

    arrays = {name: repeat(getattr(problem, name)) for name in ("x", "y", "mask", "weight")}
    flat = problem.replace(**arrays)
    plain = {name: backend.asarray(asnumpy_exact(array)) for name, array in arrays.items()}
    got = flat.parts()
    assert_all_close(got, problem.replace(**plain).parts())
    assert got[1].shape == tuple(problem.x.shape)
