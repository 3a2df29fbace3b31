"""Labels stored only where they are observed give what dense labels with a mask give."""

import functools
import tracemalloc

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy, computed, refuse_to_compute
from helpers.problems import Problem
from tables.cases import RICH, by_case

ENTRYWISE = [case for case in RICH if case.row_axes((2, 2)) == () and not case.needs_whole_call]
REDUCTIONS = ["mean", "sum", "weighted_mean", "mean_over_all"]


def as_array(backend, array):
    array = np.asarray(array)
    return backend.asarray(array.astype("float32") if array.dtype.kind == "f" else array)


def observed_of(backend, labels, mask, *, flat=False):
    """Return the labels that a mask observes."""
    indices = tuple(as_array(backend, index) for index in np.nonzero(mask))
    if flat:
        indices = as_array(backend, np.flatnonzero(mask))
    return ml.Observed(indices, as_array(backend, labels[mask]), labels.shape)


def dense(backend, gradient):
    if not isinstance(gradient, ml.Observed):
        return asnumpy(gradient)
    whole = np.zeros(gradient.shape)
    np.add.at(whole, tuple(map(asnumpy, gradient.indices)), asnumpy(gradient.values))
    return whole


@by_case(ENTRYWISE)
def test_equals_a_mask(backend, case):
    _, y, mask, weight = case.arrays()
    problem = Problem.make(backend, case)
    labels = observed_of(backend, y, mask, flat=case is ENTRYWISE[0])
    keywords = {
        name: as_array(backend, case.options[name][mask]) if np.shape(value) == y.shape else value
        for name, value in problem.options.items()
    }
    keywords["weight"] = as_array(backend, weight[mask])
    for reduction in REDUCTIONS:
        keywords["reduction"] = reduction
        value, gradient, hessian = problem.parts(reduction=reduction)
        got, slope = ml.value_and_grad(case.loss, indexed=True)(problem.x, labels, **keywords)
        np.testing.assert_allclose(asnumpy(got), value, rtol=16 * 1.2e-7)
        np.testing.assert_allclose(dense(backend, slope), gradient, rtol=16 * 1.2e-7)
        both = ml.grad_and_hessian(case.loss)(problem.x, labels, **keywords)
        for part, want in zip(both, (gradient, hessian), strict=True):
            np.testing.assert_allclose(asnumpy(part), want, rtol=16 * 1.2e-7)


AXES = [{"reduction": "macro"}, {"reduction": "samples"}, {"axis": 0}, {"axis": 1}]
AXES += [{"axis": 0, "reduction": how} for how in ("sum", "weighted_mean", "mean_over_all")]


@by_case(ENTRYWISE[:3])
@pytest.mark.parametrize("way", AXES, ids=str)
def test_along_axes(backend, case, way):
    """Labels that are left out are as good as labels under a mask, class by class."""
    _, y, mask, weight = case.arrays()
    problem = Problem.make(backend, case)
    labels = observed_of(backend, y, mask)
    keywords = {**problem.options, "weight": as_array(backend, weight[mask]), **way}
    got = ml.value_and_grad(case.loss)(problem.x, labels, **keywords)
    _, curvature = ml.grad_and_hessian(case.loss)(problem.x, labels, **keywords)
    for part, want in zip((*got, curvature), problem.parts(**way), strict=True):
        np.testing.assert_allclose(asnumpy(part), want, rtol=32 * 1.2e-7, atol=1e-9)


@pytest.mark.needs("autodiff")
@by_case(ENTRYWISE[:3])
def test_autodiff(backend, case):
    _, y, mask, _ = case.arrays()
    problem = Problem.make(backend, case).replace(weight=None)
    labels = observed_of(backend, y, mask)
    got = problem.framework.grad(lambda x: case.loss(x, labels, **problem.options), problem.x)
    _, want, _ = problem.parts()
    np.testing.assert_allclose(asnumpy(got), want, rtol=16 * 1.2e-7, atol=1e-9)


@pytest.mark.needs("jit")
def test_jit(backend):
    case = ENTRYWISE[0]
    _, y, mask, _ = case.arrays()
    problem = Problem.make(backend, case).replace(weight=None)
    labels = observed_of(backend, y, mask)._replace(shape=None)
    loss = functools.partial(case.loss, **problem.options)
    compiled = problem.framework.jit(ml.value_and_grad(loss))
    want = problem.parts()
    for got, part in zip(compiled(problem.x, labels), want, strict=False):
        np.testing.assert_allclose(asnumpy(got), part, rtol=16 * 1.2e-7, atol=1e-9)


def test_what_is_stored_twice_counts_twice(backend):
    x = backend.asarray(np.asarray([[1.0, 2.0], [3.0, 4.0]], "float32"))
    places = tuple(backend.asarray(np.asarray(index)) for index in ([0, 0, 1], [1, 1, 0]))
    labels = ml.Observed(places, backend.asarray(np.asarray([0.0, 1.0, 3.0], "float32")))
    value, gradient = ml.value_and_grad(ml.mse_loss, indexed=True)(x, labels, reduction="sum")
    assert float(value) == 4 + 1
    np.testing.assert_array_equal(asnumpy(gradient.values), [4, 2, 0])
    _, gradient = ml.value_and_grad(ml.mse_loss)(x, labels, reduction="sum")
    np.testing.assert_array_equal(asnumpy(gradient), [[0, 6], [0, 0]])


@pytest.mark.needs("dask")
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("way", [{}, {"reduction": "macro"}, {"axis": 1}], ids=str)
def test_dask_computes_nothing_until_asked(backend, flat, way):
    """And chunks of any kind give what NumPy gives, places that occur twice among them."""
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(6, 7)).astype("float32"), rng.integers(0, 2, 30)
    places = rng.integers(0, 42, 30)
    indices = (places,) if flat else np.unravel_index(places, (6, 7))
    transforms = [
        transform(ml.binary_cross_entropy_with_logits)
        for transform in (ml.value_and_grad, ml.grad_and_hessian)
    ]
    want = [part for f in transforms for part in f(x, ml.Observed(indices, labels), **way)]
    lazy = [backend.asarray(array) for array in (x, labels, *indices)]
    lazy = [array.rechunk(size) for array, size in zip(lazy, (3, 8, 11, 9), strict=False)]
    with refuse_to_compute():
        stored = ml.Observed(tuple(lazy[2:]), lazy[1])
        got = [part for f in transforms for part in f(lazy[0], stored, **way)]
        assert [part.shape for part in got] == [part.shape for part in want]
        with pytest.raises(AssertionError, match="while it was built"):
            got[1].compute()
    assert got[1].numblocks == lazy[0].numblocks
    for part, wanted in zip(computed(got), want, strict=True):
        assert part.dtype == wanted.dtype
        np.testing.assert_allclose(part, wanted, rtol=8 * 1.2e-7, atol=1e-9)


@pytest.mark.needs("dask")
def test_dask_refuses_a_place_outside_once_it_computes(backend):
    x, values = (backend.asarray(np.ones(size)) for size in ((2, 3), 2))
    for index in ([1, 3], [-1, 0]):
        places = tuple(backend.asarray(np.asarray(axis)) for axis in ([0, 1], index))
        value = ml.mse_loss(x, ml.Observed(places, values))
        with pytest.raises(IndexError, match="axis 1 lies outside its size, 3"):
            value.compute()


def test_a_stored_label_may_be_missing(backend):
    x = as_array(backend, np.asarray([[np.nan, 2.0], [3.0, 4.0]]))
    places = tuple(as_array(backend, index) for index in ([0, 1], [0, 1]))
    labels = ml.Observed(places, as_array(backend, [np.nan, 3.0]))
    got = ml.mse_loss(x, labels, missing=np.nan)
    assert float(got) == 1.0


def test_work_grows_with_the_labels_alone():
    logits = np.zeros((2000, 5000), "float32")
    places = np.arange(100), np.arange(100)
    labels = ml.Observed(places, np.ones(100, "float32"))
    loss = ml.value_and_grad(ml.binary_cross_entropy_with_logits, indexed=True)
    loss(logits, labels)
    tracemalloc.start()
    loss(logits, labels)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


def _scipy(indices, values, shape):
    import scipy.sparse

    return scipy.sparse.coo_array((values, indices), shape).tocsr()


def _torch(indices, values, shape):
    import torch

    return torch.sparse_coo_tensor(
        np.stack(indices), torch.asarray(values), shape, check_invariants=True
    )


def _jax(indices, values, shape):
    import jax.experimental.sparse
    import jax.numpy as jnp

    return jax.experimental.sparse.BCOO(
        (jnp.asarray(values), jnp.asarray(np.stack(indices, -1))), shape=shape
    )


@pytest.mark.parametrize(
    ("name", "make"),
    [
        pytest.param("numpy", _scipy, id="scipy"),
        pytest.param("torch", _torch, id="torch"),
        pytest.param("jax", _jax, id="jax"),
    ],
)
def test_sparse_matrices_observe_what_they_store(name, make, chosen_backends):
    """Zeros that are stored among them."""
    if name not in chosen_backends:
        return
    from maskloss._arrays.support import backend

    indices, values = (np.asarray([0, 1, 1]), np.asarray([2, 0, 1])), np.asarray([1.0, 0.0, 1.0])
    x = np.arange(6.0).reshape(2, 3)
    labels = make(indices, values, x.shape)
    got = ml.mse_loss(backend(name).asarray(x), labels, reduction="sum")
    assert float(got) == ((x[indices] - values) ** 2).sum()


INDICES = np.asarray([0, 1]), np.asarray([1, 2])
VALUES = np.ones(2)


@pytest.mark.parametrize(
    ("labels", "keywords", "error", "says"),
    [
        (ml.Observed(INDICES, VALUES, (3, 3)), {}, ValueError, "shape.*(2, 3).*(3, 3)"),
        (ml.Observed((*INDICES, INDICES[0]), VALUES), {}, ValueError, "one array per axis.*got 3"),
        (ml.Observed((INDICES[0], VALUES), VALUES), {}, TypeError, "integers, got float64"),
        (ml.Observed(INDICES, np.ones(3)), {}, ValueError, "one length"),
        (
            ml.Observed((INDICES[0], INDICES[1] + 1), VALUES),
            {},
            ValueError,
            "indices into the 3.*3",
        ),
        (ml.Observed((INDICES[0], -INDICES[1]), VALUES), {}, ValueError, "got -2"),
        (ml.Observed(INDICES, VALUES * 2), {}, ValueError, "`labels` must be in"),
    ],
)
def test_mistakes(labels, keywords, error, says):
    pattern = says.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(error, match=pattern):
        ml.binary_cross_entropy_with_logits(np.zeros((2, 3)), labels, **keywords)


def test_rows_and_dense_labels_are_refused():
    with pytest.raises(TypeError, match="elements, not rows"):
        ml.cross_entropy(np.zeros((2, 3)), ml.Observed(INDICES, VALUES))
    groups = np.zeros((2, 3), int)
    with pytest.raises(TypeError, match="depend on each other"):
        ml.softmax_ranking_loss(np.zeros((2, 3)), ml.Observed(INDICES, VALUES), groups=groups)
    with pytest.raises(TypeError, match="must be Observed"):
        ml.value_and_grad(ml.mse_loss, indexed=True)(np.zeros(3), np.zeros(3))
