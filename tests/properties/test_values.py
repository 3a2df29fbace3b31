"""Values and derivatives against the definition in 60-digit arithmetic, on every backend."""

import ast
import inspect
import re
from functools import partial

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_within
from helpers.device import as_device
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import Problem
from maskloss._inputs.domain import UNIT
from tables.cases import CASES, by_case

WHOLE_RANGE = [case for case in CASES if case.extremes]
UNCOUPLED = [case for case in WHOLE_RANGE if not case.coupled]
# Those of logits, and of hard labels that might be soft.
OF_HARD_LABELS = [
    case
    for case in WHOLE_RANGE
    if case.loss.record.inputs.names[0] == "logits" and case.loss.record.inputs.domains[1] == UNIT
    if np.isin(case.at_extremes("float32")[2], (0, 1)).all()
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@by_case(WHOLE_RANGE)
def test_whole_finite_range_within_8_epsilons(backend, case, dtype, whole_range):
    if dtype not in backend.dtypes:
        assert backend.name == "mlx"
        return
    extreme, x, y, exact = whole_range(case, dtype)
    problem = Problem.of(backend, extreme, x, y, dtype=dtype)
    with np.errstate(over="ignore"):  # dask computes here, and 1 / p**2 may be infinite
        parts = problem.parts(reduction="none")
    for got, want in zip(parts, exact, strict=True):
        assert_within(got, want, backend.epsilons, dtype)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@by_case(UNCOUPLED)
def test_second_derivatives_by_autograd(backend, case, dtype, whole_range):
    """Autograd returns the closed form; the derivative of the composition cancels in places."""
    _check_second_derivatives(backend, case, dtype, whole_range)


@pytest.mark.needs("jax")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@by_case(UNCOUPLED)
def test_second_derivatives_by_jax(backend, case, dtype, whole_range):
    """The same for its transforms, compiled."""
    _check_second_derivatives(backend, case, dtype, whole_range)


def _check_second_derivatives(backend, case, dtype, whole_range):
    extreme, x, y, (_, _, want) = whole_range(case, dtype)
    problem = Problem.of(backend, extreme, x, y, dtype=dtype)
    for got in problem.hessians_by_autodiff():
        assert_within(got, want, backend.epsilons, dtype)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@by_case(WHOLE_RANGE)
def test_whole_finite_range_on_an_accelerator(backend, case, dtype, whole_range):
    """Kernels take the place of exact compositions.

    A probability p of a softmax is off by |log p| epsilons more, the difference of its logits,
    which torch's own does not correct either; a power by its exponent times the error of its base.
    """
    extreme, x, y, exact = whole_range(case, dtype)
    problem = Problem.of(backend, extreme, x, y, dtype=dtype)
    with as_device():
        parts = problem.parts(reduction="none")
    for got, want in zip(parts, exact, strict=True):
        size = np.clip(np.abs(want), np.finfo(dtype).smallest_normal, 1)
        more = case.options.get("gamma", 0) if case.class_axis is None else -np.log(size)
        assert_within(got, want, 8 + more, dtype)


@pytest.mark.needs("numpy")
@by_case([case for case in WHOLE_RANGE if not (case.is_whole or case.is_batchwise)])
def test_whole_finite_range_in_batches_of_one_magnitude(backend, case, whole_range):
    """NumPy is shown shorter ways where no number of a batch is large."""
    extreme, x, y, exact = whole_range(case, "float32")
    largest = np.abs(x).reshape(len(x), -1).max(-1)
    for batch in np.array_split(np.argsort(largest), 16):
        problem = Problem.of(backend, extreme.at(batch, x.shape), x[batch], y[batch])
        for got, all_of_them in zip(problem.parts(reduction="none"), exact, strict=True):
            assert_within(got, all_of_them[batch], backend.epsilons, "float32")


@by_case(OF_HARD_LABELS)
def test_labels_a_rounding_error_outside_are_0_and_1(backend, case):
    _check_labels_a_rounding_error_outside(backend, case)


@pytest.mark.needs("torch")
@by_case(OF_HARD_LABELS)
def test_labels_a_rounding_error_outside_on_an_accelerator(backend, case):
    with as_device():
        _check_labels_a_rounding_error_outside(backend, case)


def _check_labels_a_rounding_error_outside(backend, case):
    case, x, y = case.at_extremes("float32")
    eps = float(np.finfo("float32").eps)
    outside = Problem.of(backend, case, x, y + eps * (2 * y - 1)).parts(reduction="none")
    inside = Problem.of(backend, case, x, y).parts(reduction="none")
    size = np.maximum(np.abs(x), 1)
    if case.loss is ml.sigmoid_focal_loss:  # takes the nearest label: no logit multiplies the error
        size = 0 * x
    sizes = size.max(case.row_axes(x.shape)) if case.class_axis else size, size, size
    for got, want, scale in zip(outside, inside, sizes, strict=True):
        assert (np.abs(got - want) <= 4 * eps * (np.abs(want) + scale)).all()


@pytest.mark.needs("numpy")
@by_case(list({case.loss: case for case in reversed(CASES)}.values()))
def test_defaults_are_as_documented(backend, case):
    found = re.findall(r"^    (\w+) : .*, default: (\S+)", case.loss.__doc__, re.MULTILINE)
    documented = {name: ast.literal_eval(text.strip("`")) for name, text in found}
    signature = inspect.signature(case.loss).parameters
    assert {name: signature[name].default for name in documented} == documented
    problem = Problem.make(backend, case)
    # What has no default, and what says what the arrays are.
    options = {
        name: option
        for name, option in problem.options.items()
        if signature[name].default is inspect.Parameter.empty
        or option is True
        or name == "activation"
    }
    problem.replace(mask=None, weight=None, options=options, lined_up=[]).call()


@pytest.mark.every_loss
@by_case()
def test_masked_and_weighted_entries(backend, case):
    problem = Problem.make(backend, case)
    mask, weight = (np.asarray(problem.case.arrays()[k]) for k in (2, 3))
    weight = weight.astype("float32").astype(float)
    factor = np.where(case.counted(mask, problem.x.shape), weight, 0.0)
    exact, shape = problem.exact(), tuple(problem.x.shape)
    scales = [np.abs(part).max() for part in case.laid_out(exact, shape)]
    want = case.laid_out(exact, shape, factor)
    for got, part, scale in zip(problem.parts(reduction="none"), want, scales, strict=True):
        np.testing.assert_allclose(got, part, rtol=1e-5, atol=1e-6 * scale)


@by_case([case for case in CASES if case.is_split and not case.needs_whole_call])
def test_entries_weigh_what_the_definition_says(backend, case):
    problem = Problem.make(backend, case)
    mask, weight = (np.asarray(problem.case.arrays()[k]) for k in (2, 3))
    own = [float(term.weight) for term in problem.exact().values()]
    own = np.asarray(own).reshape(weight.shape) * case.counted(mask, problem.x.shape)
    got = float(problem.call(reduction="sums").weight)
    np.testing.assert_allclose(got, (own * weight).sum(), rtol=1e-5)


@pytest.mark.needs("exact long sums")
@pytest.mark.parametrize(
    "way", [{"axis": 0}, {"axis": 1}, {"reduction": "macro", "class_axis": 1}, {}], ids=str
)
def test_long_sums_along_any_axis(backend, way):
    x = np.random.default_rng(0).uniform(0.5, 1, (2, 100_000, 3)).astype("float32")
    got = ml.l1_loss(backend.asarray(x), backend.asarray(np.zeros_like(x)), **way)
    axis = way.get("axis")
    want = x.mean(axis, dtype=float)
    np.testing.assert_allclose(asnumpy(got), want, rtol=32 * 1.2e-7)


@pytest.mark.needs("exact long sums")
def test_many_classes_along_the_first_axis(backend):
    x = np.random.default_rng(0).normal(0, 3, (20_000, 2)).astype("float32")
    labels = backend.asarray(np.asarray([5, 7]))
    first = ml.value_and_grad(ml.cross_entropy)(backend.asarray(x), labels, class_axis=0)
    last = ml.value_and_grad(ml.cross_entropy)(backend.asarray(x.T), labels)
    np.testing.assert_allclose(asnumpy(first[0]), asnumpy(last[0]), rtol=8 * 1.2e-7)
    np.testing.assert_allclose(asnumpy(first[1]).T, asnumpy(last[1]), rtol=8 * 1.2e-7)


def test_probabilities_a_rounding_error_outside_are_its_ends(backend):
    eps = float(np.finfo("float32").eps)
    p = backend.asarray(np.asarray([1 + eps, 1 + eps, -eps, -eps], "float32"))
    y = backend.asarray(np.asarray([0.0, 1.0, 0.0, 1.0], "float32"))
    value, gradient = ml.value_and_grad(ml.binary_cross_entropy)(p, y, reduction="none")
    np.testing.assert_allclose(asnumpy(value), [100, 0, 0, 100], rtol=1e-6)
    np.testing.assert_allclose(asnumpy(gradient), [1e12, 0, 0, -1e12], rtol=1e-6)


@pytest.mark.needs("jit")
def test_probabilities_farther_outside_are_nan_where_none_are_read(backend):
    p = backend.asarray(np.asarray([1.01, 1.01, -0.01, -0.01], "float32"))
    y = backend.asarray(np.asarray([0.0, 1.0, 0.0, 1.0], "float32"))
    loss = partial(ml.binary_cross_entropy, reduction="none")
    assert np.isnan(asnumpy(FRAMEWORKS[backend.name].jit(loss)(p, y))).all()
