"""How arrays may lie in memory, how small and large they may be, and `Sums` as a value."""

import copy
import functools
import itertools
import math
import operator
import pickle

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import EPSILON, assert_all_close, assert_close
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.layouts import LAYOUTS, asnumpy_exact, convert
from helpers.problems import Problem
from maskloss._inputs.options import REDUCTIONS
from tables.cases import CASES, KINDS, RICH, by_case

ENTRYWISE = [ml.binary_cross_entropy_with_logits, ml.binary_cross_entropy, ml.mse_loss, ml.l1_loss]
by_entrywise = pytest.mark.parametrize("loss", ENTRYWISE, ids=lambda loss: loss.__name__)
MEANS = [reduction for reduction in REDUCTIONS if "mean" in reduction]
MEANS_OF_MEANS = ["macro", "samples"]


# Memory


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


# Sizes


@by_entrywise
def test_a_single_prediction_without_dimensions(backend, loss):
    x, y = (backend.asarray(np.asarray(v, "float32")) for v in (0.25, 1.0))
    row_x, row_y = (backend.asarray(np.asarray([v], "float32")) for v in (0.25, 1.0))
    for reduction in ("none", "sums", "mean", "weighted_mean"):
        got, want = loss(x, y, reduction=reduction), loss(row_x, row_y, reduction=reduction)
        for part, wanted in zip(
            *(r if reduction == "sums" else (r,) for r in (got, want)), strict=True
        ):
            assert tuple(part.shape) == ()
            np.testing.assert_array_equal(asnumpy(part), asnumpy(wanted).reshape(()))
    value, gradient = ml.value_and_grad(loss)(x, y, weight=2.0)
    assert tuple(value.shape) == tuple(gradient.shape) == ()
    want = ml.value_and_grad(loss)(row_x, row_y, weight=2.0)[1]
    assert float(gradient) == float(asnumpy(want)[0])
    for hidden in ({"mask": False}, {"missing": 1.0}):
        value, gradient = ml.value_and_grad(loss)(x, y, **hidden)
        assert float(value) == float(gradient) == 0.0


def test_a_single_row_without_other_dimensions(backend):
    logits, index = np.asarray([0.5, -1.0, 2.0], "float32"), np.asarray(1)
    loss = ml.value_and_grad(ml.cross_entropy)
    want, rows = loss(backend.asarray(logits[None]), backend.asarray(index[None]))
    for reduction in ("none", "sum", "mean", "weighted_mean"):
        value, gradient = loss(backend.asarray(logits), backend.asarray(index), reduction=reduction)
        assert tuple(value.shape) == ()
        assert float(value) == float(want)
        np.testing.assert_array_equal(asnumpy(gradient), asnumpy(rows)[0])
    sums = ml.cross_entropy(backend.asarray(logits), backend.asarray(index), reduction="sums")
    assert [tuple(part.shape) for part in sums] == [()] * 3
    assert int(sums.count) == 1


def empty_calls(backend, shape):
    """Yield losses of predictions without an entry, whose entries have `shape`."""

    def ones(*shape, dtype="float32"):
        return backend.asarray(np.ones(shape, dtype))

    if shape == (0, 3):
        for loss in ENTRYWISE:
            yield loss, ones(*shape), ones(*shape)
        yield ml.cross_entropy, ones(*shape, 5), ones(*shape, 5)
    yield ml.mse_loss, ones(*shape), ones(*shape)
    yield ml.cross_entropy, ones(*shape, 5), ones(*shape, dtype="int32")


@pytest.mark.parametrize(
    ("shape", "mask"), [((0,), None), ((0, 3), True), ((3, 0), None), ((3, 0), True)]
)
def test_no_entry_at_all(backend, shape, mask):
    for loss, x, y in empty_calls(backend, shape):
        masked = functools.partial(loss, x, y, mask=mask)
        for reduction in (*MEANS, *MEANS_OF_MEANS):
            value = masked(reduction=reduction, empty=7.0)
            assert tuple(value.shape) == ()
            assert float(value) == 7.0
        assert math.isnan(float(masked(empty=math.nan)))
        assert float(masked()) == float(masked(reduction="sum")) == 0.0
        assert tuple(masked(reduction="none").shape) == shape
        for part in ml.grad_and_hessian(masked)():
            assert tuple(part.shape) == tuple(x.shape)
            assert part.dtype == x.dtype
        sums = masked(reduction="sums")
        assert [float(part) for part in sums] == [0.0] * 3
        assert float(sums.mean(empty=3.0)) == float(sums.weighted_mean(empty=3.0)) == 3.0


def test_a_mean_per_class_of_no_sample_is_empty_for_each_class(backend):
    for loss, x, y in empty_calls(backend, (0, 3)):
        for reduction in MEANS:
            value = loss(x, y, axis=0, reduction=reduction, empty=7.0)
            np.testing.assert_array_equal(asnumpy(value), [7.0, 7.0, 7.0])
        value = loss(x, y, axis=1, reduction="mean", empty=7.0)
        assert tuple(value.shape) == (0,)


@pytest.mark.needs("jit")
@by_case(KINDS)
def test_counts_that_the_shape_tells_under_jit(backend, case):
    """With neither mask nor weight a mean divides by a Python integer."""
    problem = Problem.make(backend, case).replace(mask=None, weight=None)

    def every_reduction(x, y):
        some = problem.replace(x=x, y=y)
        results = [some.call(reduction=r) for r in REDUCTIONS if r != "sums"]
        return *results, *some.call(reduction="sums"), some.call(axis=0, empty="raise")

    compiled = problem.framework.jit(every_reduction)
    assert_all_close(compiled(problem.x, problem.y), every_reduction(problem.x, problem.y))


@pytest.mark.needs("autodiff")
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)], ids=str)
def test_the_gradient_of_no_entry_has_its_shape(backend, shape):
    framework = FRAMEWORKS[backend.name]
    for loss, x, y in empty_calls(backend, shape):
        for reduction in ("mean", "macro", "sum"):
            gradient = framework.grad(functools.partial(loss, reduction=reduction), x, y)
            assert tuple(gradient.shape) == tuple(x.shape)
            assert gradient.dtype == x.dtype


@pytest.mark.needs("exact long sums")
def test_a_million_classes(backend):
    rng = np.random.default_rng(0)
    classes = 1_000_000
    for dtype in {"float32", "float64"} & set(backend.dtypes):
        x = rng.normal(0, 3, (2, classes)).astype(dtype)
        labels = np.asarray([classes - 1, 12_345])
        exact = x.astype(float)
        top = exact.max(-1, keepdims=True)
        log_sum = np.log(np.exp(exact - top).sum(-1, keepdims=True)) + top
        want = (log_sum[:, 0] - exact[[0, 1], labels]).sum()
        slope = np.exp(exact - log_sum)
        slope[[0, 1], labels] -= 1
        value, gradient = ml.value_and_grad(ml.cross_entropy)(
            backend.asarray(x), backend.asarray(labels), reduction="sum"
        )
        bound = backend.epsilons * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(float(value), want, rtol=bound)
        np.testing.assert_allclose(asnumpy(gradient), slope, rtol=8 * bound)


# Kinds of arrays


@pytest.mark.needs("numpy")
@by_case()
def test_the_mask_of_numpy_ma_labels_counts(backend, case):
    problem = Problem.make(backend, case)
    hidden = ~np.asarray(problem.mask)
    whole = hidden if hidden.shape == problem.y.shape else problem.along_rows(hidden)
    filled = np.where(whole, 77, problem.y).astype(problem.y.dtype)
    labels = np.ma.masked_array(filled, whole)
    for reduction in REDUCTIONS:
        if reduction == "sums":
            continue
        want = problem.parts(reduction=reduction)
        got = problem.replace(y=labels, mask=None).parts(reduction=reduction)
        for part, wanted in zip(got, want, strict=True):
            np.testing.assert_array_equal(part, wanted)
            assert not isinstance(part, np.ma.MaskedArray)


@pytest.mark.needs("numpy")
@by_case()
def test_masks_of_numpy_ma_labels_and_mask_and_missing_must_all_agree(backend, case):
    problem = Problem.make(backend, case)
    known = np.asarray(problem.mask)
    place = np.arange(known.size).reshape(known.shape)

    def along(array):
        return array if array.shape == problem.y.shape else problem.along_rows(array)

    labels = np.where(along(place % 5 == 0), 77, problem.y).astype(problem.y.dtype)
    labels = np.ma.masked_array(labels, along(place % 4 == 0))
    got = problem.replace(y=labels).parts(missing=77)
    want = problem.replace(mask=known & (place % 4 > 0) & (place % 5 > 0)).parts()
    for part, wanted in zip(got, want, strict=True):
        np.testing.assert_array_equal(part, wanted)


@pytest.mark.needs("numpy")
def test_a_row_with_a_masked_class_probability_is_missing(backend):
    logits = backend.asarray(np.asarray([[1.0, 2.0], [3.0, 5.0]]))
    labels = np.ma.masked_array([[0.5, 0.5], [1.0, 0.0]], [[False, False], [True, False]])
    want = ml.cross_entropy(logits[:1], np.asarray([[0.5, 0.5]]))
    assert ml.cross_entropy(logits, labels) == want
    assert int(ml.cross_entropy(logits, labels, reduction="sums").count) == 1


@pytest.mark.needs("numpy")
def test_numpy_ma_labels_without_a_mask_are_all_observed(backend):
    x = backend.asarray(np.asarray([1.0, 2.0]))
    labels = np.ma.masked_array([0.0, 0.0])
    assert ml.mse_loss(x, labels) == 2.5
    labels[0] = np.ma.masked
    assert ml.mse_loss(x, labels) == 4.0


@pytest.mark.needs("torch")
@by_case()
def test_torch_tensors_that_require_a_gradient_are_taken_as_they_are(backend, case):
    """Reading one of their values would warn, and warnings are errors here."""
    import torch

    def assert_equal(got, want):
        # Leaves are evaluated by torch, the others by NumPy, which adds in another order.
        assert got.dtype == want.dtype
        assert_close(got, want, least=1.0)

    def leaf(array):
        return torch.nn.Parameter(array) if array.is_floating_point() else array

    problem = Problem.make(backend, case)
    leaves = convert(problem, leaf)
    for reduction in case.reductions:
        got, want = leaves.call(reduction=reduction), problem.call(reduction=reduction)
        for part, wanted in zip(
            *(r if reduction == "sums" else (r,) for r in (got, want)), strict=True
        ):
            assert_equal(part, wanted)
    leaves.call(empty="raise").backward()
    _, want, _ = problem.everything()(*problem.arrays)
    torch.testing.assert_close(leaves.x.grad, want)
    assert leaves.weight.grad is not None
    for part, wanted in zip(
        leaves.everything()(*leaves.arrays), problem.everything()(*problem.arrays), strict=True
    ):
        assert_equal(part, wanted)


@pytest.mark.needs("torch")
@by_case()
def test_torch_meta_tensors_are_never_read(backend, case):
    """What would wait for an accelerator fails on this device, which has no values."""
    import torch

    problem = Problem.make(backend, case)
    meta = convert(problem, lambda array: array.to("meta"))
    ways = [{"reduction": reduction} for reduction in case.reductions if reduction != "sums"]
    ways += [{"missing": 2, "divisor": 3.0}, {"empty": math.nan}]
    ways += [] if case.is_whole else [{"axis": 0}]
    for way in ways:
        for part, want in zip(
            meta.everything(**way)(*meta.arrays),
            problem.everything(**way)(*problem.arrays),
            strict=True,
        ):
            assert part.device.type == "meta"
            assert (part.shape, part.dtype) == (want.shape, want.dtype)
    sums = [p.call(reduction="sums") if case.is_split else () for p in (meta, problem)]
    for part, want in zip(*sums, strict=True):
        assert part.device.type == "meta"
        assert (part.shape, part.dtype) == (want.shape, want.dtype)
    scalars = problem.replace(mask=True, weight=2.0)
    scalars = convert(scalars, lambda array: array.to("meta"))
    value, gradient, _ = scalars.everything()(*scalars.arrays)
    assert value.device == gradient.device == torch.device("meta")


@pytest.mark.needs("torch")
@by_case()
def test_backward_runs_on_torch_meta_tensors(backend, case):
    problem = Problem.make(backend, case)
    meta = convert(problem, lambda array: array.to("meta"))
    leaf = meta.x.requires_grad_()
    meta.call().backward()
    assert leaf.grad.device.type == "meta"
    assert leaf.grad.shape == problem.x.shape


@pytest.mark.needs("dask")
@by_case(RICH)
def test_dask_computes_nothing_until_asked(backend, case):
    import dask

    def compute(*_, **__):
        msg = "a graph was computed while it was built"
        raise AssertionError(msg)

    problem = Problem.make(backend, case)
    with dask.config.set(scheduler=compute):
        parts = []
        for reduction in case.reductions:
            value = problem.call(reduction=reduction)
            parts += value if reduction == "sums" else [value]
        parts += problem.everything()(*problem.arrays)
        if case.is_split:
            sums = problem.call(reduction="sums", missing=2)
            parts += [sums.mean(), (sums + sums).weighted_mean(empty=math.nan)]
        with pytest.raises(AssertionError, match="while it was built"):
            parts[0].compute()
    assert all(dask.is_dask_collection(part) for part in parts)
    assert not any(math.isnan(size) for part in parts for size in part.shape)


@pytest.mark.needs("dask")
@by_case(RICH)
def test_dask_chunks_give_the_same(backend, case):
    problem = Problem.make(backend, case)

    def chunked(*sizes):
        def rechunk(array):
            chunks = {axis: size for axis, size in enumerate(sizes) if axis < array.ndim}
            return array.rechunk(chunks)

        return rechunk

    fine, coarse = convert(problem, chunked(2, 3, 2)), convert(problem, chunked(3, 2, 5))
    split = fine.replace(y=coarse.y, weight=coarse.weight, options=coarse.options)
    assert_all_close(
        split.parts(reduction="weighted_mean"), problem.parts(reduction="weighted_mean")
    )


# Sums


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
        assert part.dtype == parts[0].dtype
    assert_same_sums(sum(several[:1]), several[0])
    assert_same_sums(several[0] + several[1] + several[2], merged)


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
    assert_same_sums(doubled, want + want)

    by_row = torch.vmap(loss)(*problem.arrays)
    assert type(by_row) is ml.Sums
    assert [tuple(part.shape) for part in by_row] == [(problem.x.shape[0],)] * 3
    compiled = FRAMEWORKS["torch"].jit(lambda *arrays: loss(*arrays) + loss(*arrays))
    result = compiled(*problem.arrays)
    assert type(result) is ml.Sums
    assert_all_close(result, want + want)
