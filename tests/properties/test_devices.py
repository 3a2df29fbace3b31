"""Results stay on the device of the arrays, and need no 64 bits where it has none."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.choice import ONE_OF_EACH_LOSS
from helpers.dtypes import all_equal, by_loss, hard
from helpers.frameworks import asnumpy, dtype_of
from helpers.layouts import cast
from helpers.problems import Problem
from maskloss._arrays import support
from tables.cases import CASES, RICH, by_case

# Only device2 computes in float64. An array made on a wrong device is refused on both.
ON_DEVICES = [
    *(("no_float64", case) for case in RICH),
    *(("device2", case) for case in ONE_OF_EACH_LOSS),
]


def all_on(device, parts, want):
    """Check that all parts are on `device` of array-api-strict and equal those on the CPU."""
    parts = list(parts)
    assert {part.device for part in parts} == {device}
    all_equal((part.to_device(type(device)("CPU_DEVICE")) for part in parts), want)


def move(problem, device):
    def moved(array):
        return array.to_device(device) if hasattr(array, "to_device") else array

    options = {name: moved(value) for name, value in problem.options.items()}
    arrays = {name: moved(getattr(problem, name)) for name in ("x", "y", "mask", "weight")}
    return problem.replace(options=options, **arrays)


@pytest.mark.needs("array_api_strict")
@pytest.mark.parametrize(
    ("name", "case"), ON_DEVICES, ids=lambda value: getattr(value, "name", value)
)
def test_results_stay_on_the_device(backend, case, name):
    device = backend.namespace.Device(name)
    problem = Problem.make(backend, case)
    moved = move(problem, device)
    ways = [{"reduction": reduction} for reduction in case.reductions if reduction != "sums"]
    ways += [{"missing": 3, "empty": math.nan}, {"divisor": 7}]
    ways += [] if case.is_whole else [{"axis": 0}]
    for way in ways:
        want = problem.everything(**way)(*problem.arrays)
        all_on(device, moved.everything(**way)(*moved.arrays), want)
    if not case.is_split:
        return
    sums, want = moved.call(reduction="sums"), problem.call(reduction="sums")
    all_on(device, sums, want)
    all_on(device, [sums.mean(), sums.weighted_mean()], [want.mean(), want.weighted_mean()])


@pytest.mark.needs("array_api_strict")
@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if case.class_axis is None
        and not (case.is_whole or case.needs_whole_call or case.is_batchwise)
    ],
    ids=lambda case: case.name,
)
def test_results_stay_on_a_device_without_64_bits(backend, case):
    """As far as array-api-strict itself goes: it can neither count, sort nor find a maximum."""
    xp, device = backend.namespace, backend.namespace.Device("no_x64")
    problem = Problem.make(backend, case)
    if problem.y.dtype == xp.int64:
        problem = problem.replace(y=xp.astype(problem.y, xp.int32))
    moved = move(problem, device)
    for reduction in ("none", "sum", "weighted_mean", "mean_over_all"):
        want = problem.everything(reduction=reduction)(*problem.arrays)
        all_on(device, moved.everything(reduction=reduction)(*moved.arrays), want)
    problem, moved = problem.replace(mask=None), moved.replace(mask=None)
    for reduction in ("mean", "macro", "samples"):
        want = problem.everything(reduction=reduction)(*problem.arrays)
        all_on(device, moved.everything(reduction=reduction)(*moved.arrays), want)


@pytest.mark.needs("array_api_strict")
@pytest.mark.parametrize("name", ["device2", "no_float64"])
@by_loss
def test_scalars_go_to_the_device(backend, loss, name):
    device = backend.namespace.Device(name)
    here = [cast(backend, array, "float32") for array in hard(loss)[:2]]
    there = [array.to_device(device) for array in here]
    options = {"weight": 2.0, "mask": True, "missing": -1, "divisor": 3.0}
    if loss is ml.binary_cross_entropy_with_logits:
        options |= {"pos_weight": 2.0, "label_smoothing": 0.1}
    got, want = (ml.value_and_grad(loss)(*arrays, **options) for arrays in (there, here))
    all_on(device, got, want)


def without_x64(jax):
    """Return a context without float64; JAX 0.5.3 has it in `jax.experimental` only."""
    switch = jax.enable_x64 if hasattr(jax, "enable_x64") else jax.experimental.enable_x64
    return switch(False)


@pytest.mark.needs("jax")
@by_case(RICH)
def test_jax_without_64_bits(backend, case):
    import jax

    reference = Problem.make(support.backend("numpy"), case)
    sums = [{"reduction": "sums"}] if case.is_split else []
    want = [*reference.parts(), *(asnumpy(p) for way in sums for p in reference.call(**way))]

    def results(*arrays):
        parts = [narrow.bind(case.loss, **way)(*arrays) for way in sums]
        return *narrow.everything()(*arrays), *(part for each in parts for part in each)

    with without_x64(jax):
        narrow = Problem.make(backend, case)
        got = jax.jit(results)(*narrow.arrays)
        dtypes = [dtype_of(part) for part in got]
    assert dtypes == ["float32"] * 3 + ["float32", "int32", "float32"] * len(sums)
    for part, exact in zip(got, want, strict=True):
        scale = np.abs(exact).max()
        np.testing.assert_allclose(asnumpy(part), exact, rtol=2e-6, atol=1e-6 * scale)


@pytest.mark.needs("jax")
def test_jax_without_64_bits_reads_values(backend):
    import jax

    with without_x64(jax):
        x, y = backend.asarray(np.zeros((2, 3))), backend.asarray(np.asarray([1, 3]))
        assert (dtype_of(x), dtype_of(y)) == ("float32", "int32")
        with pytest.raises(ValueError, match=r"`labels`.* 3"):
            ml.cross_entropy(x, y)
        with pytest.raises(ValueError, match=r"`weight`.* -1"):
            ml.mse_loss(x, x, weight=-1)
