"""Every reduction against a plain loop over exact entries, with its gradient."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import Problem, native
from helpers.ways import each_kind, each_way
from tables.oracles.exact import loop


def _by_index(array):
    return {index: array[index] for index in np.ndindex(array.shape)}


@pytest.fixture(scope="session")
def exact():
    """Exact entries of a case in float32, computed once."""
    known = {}

    def get(case, mask):
        key = case.name, mask.tobytes() if case.coupled and mask is not None else None
        if key not in known:
            x, y, _, _ = case.arrays()
            known[key] = case.exact(x.astype("float32"), y, mask)
        return known[key]

    return get


def _setting(case, which):
    """Return mask and weight: all observed, some, one class without any, or none at all."""
    _, _, mask, weight = case.arrays()
    if which == "all":
        return None, None
    if which == "gap":
        mask = mask.copy()
        mask[:, 0] = False
        mask[1] = False
    if which == "nothing":
        mask = np.zeros_like(mask)
    return mask, weight.astype("float32")


@each_kind
@each_way
@pytest.mark.parametrize("which", ["all", "some", "gap", "nothing"])
def test_equals_a_plain_loop(backend, case, way, which, exact):
    mask, weight = _setting(case, which)
    x, y, _, _ = case.arrays()
    problem = Problem.of(backend, case, x, y, mask, weight)
    terms = exact(case, mask)
    shape = case.entry_shape(x)
    observed = _by_index(np.ones(shape, bool) if mask is None else case.counted(mask, x.shape))
    weights = _by_index(np.ones(shape) if weight is None else weight.astype(float))

    got = problem.call(**way, empty=math.nan)
    want = loop(terms, observed, weights, **way, empty=math.nan)

    parts = got if way["reduction"] == "sums" else (got,)
    wanted = zip(*want.values(), strict=True) if way["reduction"] == "sums" else [want.values()]
    for part, numbers in zip(parts, wanted, strict=True):
        part = asnumpy(part)
        assert part.shape == _kept_shape(shape, way)
        np.testing.assert_allclose(part.ravel(), [float(v) for v in numbers], rtol=1e-5)


def _kept_shape(shape, way):
    if way["reduction"] == "none":
        return shape
    axis = way.get("axis", range(len(shape)))
    return tuple(size for k, size in enumerate(shape) if k not in axis)


@each_kind
@each_way
def test_the_gradient_is_that_of_the_sum_of_all_results(backend, case, way, exact):
    mask, weight = _setting(case, "gap")
    x, y, _, _ = case.arrays()
    problem = Problem.of(backend, case, x, y, mask, weight)
    terms, shape = exact(case, mask), case.entry_shape(x)

    # A reduction is linear in the losses: its derivative by one is its result for a unit loss.
    scale = np.zeros(shape)
    observed = _by_index(case.counted(mask, x.shape))
    weights = _by_index(weight.astype(float))
    for index in terms:
        unit = {k: t._replace(value=float(k == index)) for k, t in terms.items()}
        results = loop(unit, observed, weights, **way).values()
        scale[index] = sum(float(r[0] if way["reduction"] == "sums" else r) for r in results)
    _, gradient, hessian = problem.parts(**way) if way["reduction"] != "sums" else _parts(problem)
    for got, part in ((gradient, "slope"), (hessian, "curvature")):
        want = case.derivative(terms, part, x.shape, scale)
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-7)


def _parts(problem):
    (_, _, _), gradient, hessian = problem.everything(reduction="sums")(*problem.arrays)
    return None, asnumpy(gradient), asnumpy(hessian)


@each_kind
def test_sums_of_parts_merge_to_the_sums_of_the_whole(backend, case):
    whole = Problem.make(backend, case)
    x, y, mask, weight = case.arrays()
    parts = [
        Problem.of(backend, case, x[k], y[k], mask[k], weight[k]).call(reduction="sums")
        for k in (slice(0, 1), slice(1, 2), slice(2, None))
    ]
    merged, want = sum(parts), whole.call(reduction="sums")
    assert isinstance(merged, ml.Sums)
    assert (
        int(asnumpy(merged.count)) == int(asnumpy(want.count)) == case.counted(mask, x.shape).sum()
    )
    np.testing.assert_allclose(asnumpy(merged.total), asnumpy(want.total), rtol=1e-6)
    np.testing.assert_allclose(asnumpy(merged.mean()), asnumpy(whole.call()), rtol=1e-6)
    np.testing.assert_allclose(
        asnumpy(merged.weighted_mean()),
        asnumpy(whole.call(reduction="weighted_mean")),
        rtol=1e-6,
    )


MEANS = [{"axis": 0}, {"axis": 1}, {"axis": ()}, {"reduction": "macro"}, {"reduction": "samples"}]


def _counts(case, mask, shape, way):
    """Return the number of observed entries of each mean of a way."""
    counted = case.counted(mask, shape)
    everything = range(counted.ndim)
    kept = {"macro": counted.ndim - 1, "samples": 0}.get(way.get("reduction"))
    axes = tuple(a for a in everything if a != kept) if kept is not None else way["axis"]
    return counted.sum(axes).astype("float32")


@each_kind
@pytest.mark.parametrize("way", MEANS, ids=str)
def test_the_counts_themselves_are_divisors(backend, case, way):
    mask, weight = _setting(case, "gap")
    x, y, _, _ = case.arrays()
    problem = Problem.of(backend, case, x, y, mask, weight)
    counts = native(backend, _counts(case, mask, x.shape, way))
    got, want = problem.parts(**way, divisor=counts, empty=3.0), problem.parts(**way, empty=3.0)
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)


@each_kind
@pytest.mark.parametrize("way", [{"axis": 0}, {"reduction": "macro"}], ids=str)
def test_means_of_parts_with_the_counts_of_the_whole_add_up(backend, case, way):
    x, y, mask, weight = case.arrays()
    counts = native(backend, _counts(case, mask, x.shape, way))
    values = [
        asnumpy(
            Problem.of(backend, case, x[k], y[k], mask[k], weight[k]).call(**way, divisor=counts)
        )
        for k in (slice(0, 1), slice(1, 2), slice(2, None))
    ]
    want = asnumpy(Problem.make(backend, case).call(**way))
    np.testing.assert_allclose(sum(values), want, rtol=1e-5)


@each_kind
@pytest.mark.parametrize("empty", [0.0, math.nan, 3.0])
def test_a_mean_over_nothing_is_empty(backend, case, empty):
    mask, weight = _setting(case, "nothing")
    x, y, _, _ = case.arrays()
    problem = Problem.of(backend, case, x, y, mask, weight)
    for reduction in ("mean", "weighted_mean", "macro", "samples"):
        value, gradient, hessian = problem.parts(reduction=reduction, empty=empty)
        np.testing.assert_array_equal(value, empty)
        assert not gradient.any()
        assert not hessian.any()
    sums = problem.call(reduction="sums")
    np.testing.assert_array_equal(asnumpy(sums.mean(empty=empty)), empty)
    np.testing.assert_array_equal(asnumpy(sums.weighted_mean(empty=empty)), empty)


@pytest.mark.needs("torch")
@each_kind
def test_a_mean_over_nothing_is_connected_to_the_graph(backend, case):
    mask, weight = _setting(case, "nothing")
    x, y, _, _ = case.arrays()
    problem = Problem.of(backend, case, x, y, mask, weight)
    x = problem.x.requires_grad_()
    value = problem.call(empty=math.nan)
    value.backward()
    assert not x.grad.any()
    assert x.grad.shape == x.shape
