"""How small and large arrays may be."""

import functools
import math

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_all_close
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import Problem
from maskloss._inputs.options import REDUCTIONS
from tables.cases import KINDS, by_case

ENTRYWISE = [ml.binary_cross_entropy_with_logits, ml.binary_cross_entropy, ml.mse_loss, ml.l1_loss]


by_entrywise = pytest.mark.parametrize("loss", ENTRYWISE, ids=lambda loss: loss.__name__)


MEANS = [reduction for reduction in REDUCTIONS if "mean" in reduction]


MEANS_OF_MEANS = ["macro", "samples"]


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
