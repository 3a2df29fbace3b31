"""`Sums` as a value: what it is made of, adds to and survives."""

import copy
import json
import math
import operator
import pickle

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import EPSILON, assert_all_close
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import Problem
from tables.cases import CASES, KINDS, by_case

# The libraries without float64 in the tests.
NARROW = {"mlx"}


def sums_of(backend, way=None, seed=0, case=CASES[0]):
    way = {} if way is None else way
    return Problem.make(backend, case, seed=seed).call(reduction="sums", **way)


def assert_same_sums(got, want):
    assert type(got) is ml.Sums
    for part, wanted in zip(got, want, strict=True):
        assert type(part) is type(wanted)
        assert part.dtype == wanted.dtype
        np.testing.assert_array_equal(asnumpy(part), asnumpy(wanted))


@pytest.mark.parametrize("way", [{}, {"axis": 0}], ids=str)
def test_sums_survive_pickling_and_copying(backend, way):
    sums = sums_of(backend, way)
    assert_same_sums(pickle.loads(pickle.dumps(sums)), sums)
    assert_same_sums(copy.copy(sums), sums)
    assert_same_sums(copy.deepcopy(sums), sums)


def test_sums_have_named_parts(backend):
    sums = sums_of(backend)
    assert sums._fields == ("total", "count", "weight")
    total, count, weight = sums
    assert (total is sums.total, count is sums.count, weight is sums.weight) == (True,) * 3


@by_case(KINDS)
@pytest.mark.parametrize("way", [{}, {"axis": 0}], ids=str)
def test_the_mean_of_sums_is_the_mean(backend, case, way):
    problem = Problem.make(backend, case)
    for changes in ({}, {"mask": None, "weight": None}):
        some = problem.replace(**changes)
        sums = some.call(reduction="sums", **way)
        want = some.call(reduction="mean", **way), some.call(reduction="weighted_mean", **way)
        for got, wanted in zip((sums.mean(), sums.weighted_mean()), want, strict=True):
            assert got.dtype == wanted.dtype
            assert tuple(got.shape) == tuple(wanted.shape)
            assert_all_close([got], [wanted], epsilons=1)


def test_sums_over_the_first_axis_are_those_of_each_class(backend):
    problem = Problem.make(backend, CASES[0])
    sums = problem.call(reduction="sums", axis=0)
    assert [tuple(part.shape) for part in sums] == [(problem.x.shape[1],)] * 3
    np.testing.assert_array_equal(asnumpy(sums.count), asnumpy(problem.mask).sum(0))
    weight = np.where(asnumpy(problem.mask), asnumpy(problem.weight), 0).sum(0)
    np.testing.assert_allclose(asnumpy(sums.weight), weight, rtol=4 * EPSILON)
    for k in range(problem.x.shape[1]):
        column = problem.replace(
            **{name: getattr(problem, name)[:, k] for name in ("x", "y", "mask", "weight")}
        )
        assert_all_close([part[k] for part in sums], column.call(reduction="sums"), epsilons=4)


@pytest.mark.parametrize("way", [{}, {"axis": 0}], ids=str)
def test_sums_add_part_by_part(backend, way):
    several = [sums_of(backend, way, seed) for seed in range(3)]
    merged = sum(several)
    assert type(merged) is ml.Sums
    for part, parts in zip(merged, zip(*several, strict=True), strict=True):
        want = sum(asnumpy(array).astype(float) for array in parts)
        np.testing.assert_allclose(asnumpy(part), want, rtol=4 * EPSILON)
        assert "64" in str(part.dtype) or backend.name in NARROW
    assert_same_sums(sum(several[:1]), several[0])
    assert_same_sums(several[0] + several[1] + several[2], merged)


def test_many_small_sums_do_not_stand_still(backend):
    """In float32, 2**24 + 1 is 2**24."""
    if backend.name in NARROW:
        pytest.skip("has no float64 here")
    x, y = (backend.asarray(np.asarray([number], np.float32)) for number in (4096.0, 0.0))
    big = ml.mse_loss(x, y, reduction="sums")
    one = ml.mse_loss(y + 1.0, y, reduction="sums")
    assert float(sum([big, one, one, one]).total) == 2**24 + 3


def test_numbers_read_back_from_a_file(backend):
    sums = sums_of(backend)
    parts = [float(sums.total), int(sums.count), float(sums.weight)]
    read = ml.Sums(*json.loads(json.dumps(parts)))
    np.testing.assert_allclose(read.mean(), asnumpy(sums.mean()), rtol=2 * EPSILON)
    np.testing.assert_allclose(read.weighted_mean(), asnumpy(sums.weighted_mean()), rtol=1e-6)
    np.testing.assert_allclose(float((read + sums).mean()), read.mean(), rtol=2 * EPSILON)
    assert math.isnan(ml.Sums(0.0, 0, 0.0).mean(empty=math.nan))
    with pytest.raises(ValueError, match='empty="raise"'):
        ml.Sums(0, 0, 0).mean(empty="raise")


def test_the_sums_of_means(backend):
    problem = Problem.make(backend, CASES[0])
    for axis, reduction in ((0, "macro"), (1, "samples")):
        sums = problem.call(reduction="sums", axis=axis).means()
        assert isinstance(sums, ml.Sums)
        assert int(sums.count) == float(sums.weight)
        assert_all_close([sums.mean()], [problem.call(reduction=reduction)], epsilons=4)
    assert ml.Sums(6.0, 3, 1.5).means() == ml.Sums(2.0, 1, 1.0)
    assert ml.Sums(0.0, 0, 0.0).means() == ml.Sums(0.0, 0, 0.0)


@pytest.mark.needs("jax")
def test_a_count_beyond_32_bits_is_no_number(backend):
    import jax
    import jax.numpy as jnp

    with jax.enable_x64(False):
        big = ml.Sums(jnp.float32(1), jnp.int32(2**30), jnp.float32(2**30))
        assert float((big + big._replace(count=big.count - 1)).mean()) == 2**-30
        for wrapped in (big + big, big + big + big + big + big):
            with pytest.raises(OverflowError, match="jax_enable_x64"):
                wrapped.mean()
        assert jnp.isnan(jax.jit(lambda sums: (sums + sums + sums).mean())(big))


@pytest.mark.parametrize("other", [1, 2.0, None], ids=str)
def test_sums_add_to_nothing_else(backend, other):
    sums = sums_of(backend)
    with pytest.raises(TypeError):
        sums + other
    with pytest.raises(TypeError):
        other + sums


def test_sums_extend_a_list_as_every_tuple_does(backend):
    sums = sums_of(backend)
    with pytest.raises(TypeError):
        operator.add(sums, (1, 2, 3))
    parts = []
    parts += sums
    assert [part is own for part, own in zip(parts, sums, strict=True)] == [True] * 3


def test_the_parts_of_sums_have_the_same_dtypes_whatever_is_observed(backend):
    """What is carried through a loop must not change its dtype."""
    problem = Problem.make(backend, CASES[0])
    want = [part.dtype for part in problem.call(reduction="sums")]
    for changes in ({"mask": None}, {"weight": None}, {"mask": None, "weight": None}):
        for way in ({}, {"axis": 0}, {"axis": ()}):
            sums = problem.replace(**changes).call(reduction="sums", **way)
            assert [part.dtype for part in sums] == want


def test_the_mean_of_empty_sums(backend):
    sums = Problem.make(backend, CASES[0]).replace(mask=False).call(reduction="sums", axis=0)
    assert not any(asnumpy(part).any() for part in sums)
    for mean in (sums.mean, sums.weighted_mean):
        np.testing.assert_array_equal(asnumpy(mean()), 0.0)
        np.testing.assert_array_equal(asnumpy(mean(empty=2.0)), 2.0)
        assert np.isnan(asnumpy(mean(empty=math.nan))).all()
        with pytest.raises(ValueError, match='empty="raise"'):
            mean(empty="raise")


@pytest.mark.needs("jax")
def test_sums_are_a_pytree_in_jax(backend):
    import jax

    problem = Problem.make(backend, CASES[0])
    loss = problem.bind(problem.case.loss, reduction="sums")
    want = loss(*problem.arrays)

    assert [key.name for (key,), _ in jax.tree_util.tree_leaves_with_path(want)] == [*want._fields]
    doubled = jax.jit(lambda sums: sums + sums)(jax.jit(loss)(*problem.arrays))
    assert type(doubled) is ml.Sums
    assert_all_close(doubled, [2 * asnumpy(part) for part in want])

    def step(carried, arrays):
        return carried + loss(*arrays), None

    zero = jax.tree.map(jax.numpy.zeros_like, want)
    scanned, _ = jax.lax.scan(step, zero, jax.tree.map(lambda a: a[:, None], problem.arrays))
    assert_all_close(scanned, want)
    by_row = jax.vmap(loss)(*problem.arrays)
    assert type(by_row) is ml.Sums
    assert [part.shape for part in by_row] == [(problem.x.shape[0],)] * 3


@pytest.mark.needs("torch")
def test_sums_are_a_pytree_in_torch(backend):
    import torch
    from torch.utils import _pytree

    problem = Problem.make(backend, CASES[0])
    loss = problem.bind(problem.case.loss, reduction="sums")
    want = loss(*problem.arrays)

    leaves, spec = _pytree.tree_flatten(want)
    assert len(leaves) == 3
    assert_same_sums(_pytree.tree_unflatten(leaves, spec), want)
    doubled = _pytree.tree_map(lambda part: 2 * part, want)
    assert_all_close(doubled, want + want)

    by_row = torch.vmap(loss)(*problem.arrays)
    assert type(by_row) is ml.Sums
    assert [tuple(part.shape) for part in by_row] == [(problem.x.shape[0],)] * 3
    compiled = FRAMEWORKS["torch"].jit(lambda *arrays: loss(*arrays) + loss(*arrays))
    result = compiled(*problem.arrays)
    assert type(result) is ml.Sums
    assert_all_close(result, want + want)
