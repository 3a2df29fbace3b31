"""The kernels of accelerators, on tensors of a CPU, for which inductor writes them in C++.

Compiling takes seconds. So few losses run by inductor; others are compiled as far as its input.
"""

import functools
import math
import warnings

import numpy as np
import pytest

import maskloss as ml
from helpers.choice import ONE_OF_EACH_LOSS
from helpers.comparison import assert_all_close, assert_within
from helpers.device import as_device
from helpers.eager import as_parts, gradient_of
from helpers.frameworks import asnumpy
from helpers.poison import poisoned
from helpers.problems import Problem
from helpers.ways import WAYS
from tables.cases import CASES, by_case

torch = pytest.importorskip("torch")
from maskloss._evaluation import torch_device, torch_kernels  # noqa: E402
from maskloss._fused import fallback  # noqa: E402

pytestmark = pytest.mark.needs("torch")
FEW = [
    case
    for case in CASES
    if case.name
    in {
        "asymmetric_loss",
        "binary_cross_entropy_with_logits, pos_weight",
        "cross_entropy, class_weight",
        "multilabel_soft_margin_loss",
    }
]
MSE = next(case for case in CASES if case.name == "mse_loss")


@pytest.fixture(autouse=True)
def on_device(monkeypatch):
    """Compute all calls by kernels, unless kernels are switched off."""
    monkeypatch.setattr(torch_kernels, "_KERNELS", {})
    torch_kernels._NUMBERS.clear()
    fallback.warn_once.cache_clear()
    with as_device(), ml.fused():
        yield


@pytest.fixture
def no_inductor(monkeypatch):
    """Compile without inductor, which takes most of the time."""
    compile_whole = functools.partial(torch.compile, fullgraph=True, backend="aot_eager")
    monkeypatch.setattr(torch_kernels, "compile_whole", compile_whole)


def results(problem, **way):
    """Return the parts of the value, and its gradient by autograd."""
    return [*as_parts(problem.call(**way)), asnumpy(gradient_of(problem, **way))]


def without_kernels(function, *args, **keywords):
    with ml.fused(False):
        return function(*args, **keywords)


@by_case(FEW)
def test_what_is_not_observed_changes_no_bit(backend, case):
    problem = Problem.make(backend, case)
    run = functools.partial(results, reduction="weighted_mean")
    want = run(problem)
    assert_all_close(want, without_kernels(run, problem))
    hidden = ~problem.along_rows(asnumpy(problem.mask))
    for poison in (np.nan, np.inf, -1e38, 7.0):
        for got, clean in zip(run(poisoned(problem, poison)), want, strict=True):
            assert got.tobytes() == clean.tobytes()
    assert not want[-1][hidden].any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@by_case([case for case in FEW if case.extremes])
def test_whole_finite_range_within_8_epsilons(backend, case, dtype, whole_range):
    extreme, x, y, exact = whole_range(case, dtype)
    problem = Problem.of(backend, extreme, x, y, dtype=dtype)
    function = problem.bind(ml.value_and_grad(case.loss), reduction="none")
    value, gradient = map(asnumpy, function(*problem.arrays))
    assert_within(value, exact[0], 8, dtype)
    assert_within(gradient, exact[1], 8, dtype)


@by_case(ONE_OF_EACH_LOSS)
@pytest.mark.needs("jit")
def test_kernels_of_all_losses_compute_what_chunks_do(backend, case, no_inductor):
    problem = Problem.make(backend, case)
    assert_all_close(results(problem), without_kernels(results, problem))
    is_joint = case.is_joint  # whole arrays of torch compute these
    assert bool(torch_kernels._KERNELS) is not is_joint


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_reductions(backend, way, no_inductor):
    problem = Problem.make(backend, MSE)
    assert_all_close(results(problem, **way), without_kernels(results, problem, **way))


def test_the_backward_pass_is_one_kernel(backend):
    from torch._inductor import metrics

    problem = Problem.make(backend, MSE)
    x = problem.x.detach().requires_grad_()
    value = problem.replace(x=x).call()
    metrics.reset()
    value.backward()
    assert metrics.generated_kernel_count == 1


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_computed_in_single(backend, dtype):
    problem = Problem.make(backend, MSE)
    half = problem.replace(x=problem.x.to(getattr(torch, dtype)))

    def run():
        x = half.x.clone().requires_grad_()
        value = half.replace(x=x).call()
        value.backward()
        return value, x.grad

    got, want = run(), without_kernels(run)
    assert [part.dtype for part in got] == [part.dtype for part in want]
    assert_all_close([part.float() for part in got], [part.float() for part in want], 2**16)


def graphs():
    """Return how many graphs Dynamo has made."""
    from torch._dynamo.utils import counters

    return counters["stats"]["unique_graphs"]


def value_and_grad(x, **keywords):
    return ml.value_and_grad(ml.quantile_loss)(x, 0 * x, **keywords)


def test_another_batch_size_compiles_nothing(backend, no_inductor):
    def made(*sizes):
        before = graphs()
        for size in sizes:
            value, gradient = value_and_grad(torch.ones(size))
            assert value == 0.5
            np.testing.assert_allclose(gradient.numpy(), np.full(size, 0.5 / math.prod(size)), 1e-6)
        return graphs() - before

    assert made((5, 3)) == 1
    assert made((2, 3), (7, 3), (64, 3)) == 0
    assert made((5, 4)) == 1  # of any number of classes
    assert made((5, 9), (6, 11)) == 0


def test_a_divisor_of_another_value_compiles_nothing(backend, no_inductor):
    value_and_grad(torch.ones(5, 3), divisor=1)
    made = graphs()
    for divisor in (2, 7.5, np.float64(3), np.int32(4), torch.tensor(5.0)):
        value, gradient = value_and_grad(torch.ones(5, 3), divisor=divisor)
        np.testing.assert_allclose(value, 7.5 / float(divisor), 1e-6)
        np.testing.assert_allclose(gradient.numpy(), np.full((5, 3), 0.5 / float(divisor)), 1e-6)
    assert graphs() == made
    with pytest.raises(ValueError, match="divisor"):
        value_and_grad(torch.ones(5, 3), divisor=-1)


def test_calls_alike_share_their_kernels(backend, no_inductor):
    for missing in (float("nan"), float("nan"), -1.0):
        value_and_grad(torch.ones(5, 3), missing=missing)
    assert len(torch_kernels._KERNELS) == 2


def test_a_schedule_of_an_option_is_not_compiled_for_ever(backend, no_inductor, monkeypatch):
    monkeypatch.setattr(torch_kernels, "MOST_OF_FORMULA", 2)
    x = torch.ones(5, 3)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        values = [value_and_grad(x, quantile=k / 8)[0] for k in range(1, 7)]
    np.testing.assert_allclose(values, 1 - np.arange(1, 7) / 8)
    (warning,) = caught
    assert "compiled for 2 other" in str(warning.message)
    assert len(torch_kernels._KERNELS) == 2


def test_a_layout_too_many_leaves_the_first_their_kernels(backend, no_inductor, monkeypatch):
    with torch._dynamo.config.patch(recompile_limit=1), warnings.catch_warnings():
        warnings.simplefilter("error")
        value_and_grad(torch.ones(5, 3))
        for _ in range(2):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                value, gradient = value_and_grad(torch.ones(3, 5).T)
            assert value == 0.5
            np.testing.assert_allclose(gradient.numpy(), np.full((5, 3), 0.5 / 15), 1e-6)
        assert not caught
        monkeypatch.setattr(torch_device, "_evaluate_chunks", None)
        assert value_and_grad(torch.ones(5, 3))[0] == 0.5


@pytest.mark.parametrize("program", ["results", "gradient"])
def test_a_compiler_that_fails_warns_once(backend, program, monkeypatch):
    tried = []

    def failing(*_):
        tried.append(1)
        msg = "not today"
        raise RuntimeError(msg)

    def compile_whole(function):
        return failing if function.__name__.startswith(program) else function

    monkeypatch.setattr(torch_kernels, "compile_whole", compile_whole)
    x = torch.ones(5, 3, requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            x.grad = None
            value = ml.quantile_loss(x, torch.zeros(5, 3))
            value.backward()
            assert value == 0.5
            np.testing.assert_allclose(x.grad.numpy(), np.full((5, 3), 0.5 / 15), 1e-6)
    assert ["not today" in str(warning.message) for warning in caught] == [True]
    assert tried == [1]


def test_a_wrong_call_raises_what_it_raises_without_kernels(backend, no_inductor):
    errors = set()
    for enabled in (True, False):
        with ml.fused(enabled), pytest.raises(ValueError, match="divisor") as caught:
            ml.mse_loss(torch.ones(5, 3), torch.ones(5, 3), divisor=torch.ones(7))
        errors.add(str(caught.value))
    assert len(errors) == 1


def test_a_wrong_call_leaves_right_ones_their_kernels(backend, no_inductor):
    def call(size):
        return ml.mse_loss(torch.ones(5, 3), torch.zeros(5, 3), divisor=torch.ones(size), axis=1)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="divisor"):
            call(7)
        np.testing.assert_array_equal(call(5).numpy(), np.full(5, 3))
    assert graphs_of(lambda: call(5)) == 0


def graphs_of(function):
    """Return how many graphs Dynamo makes in a call."""
    before = graphs()
    function()
    return graphs() - before


def test_memory_that_runs_out_is_not_a_failing_compiler(backend, monkeypatch):
    def compiled(*_):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(torch_kernels, "compile_whole", lambda _: compiled)
    with pytest.raises(torch.OutOfMemoryError):
        ml.mse_loss(torch.ones(5, 3), torch.ones(5, 3))


def test_second_derivatives_are_those_without_kernels(backend, no_inductor):
    x = torch.linspace(-2, 2, 15).reshape(5, 3).requires_grad_()

    def second():
        value = ml.sigmoid_focal_loss(x, torch.zeros(5, 3))
        (slope,) = torch.autograd.grad(value, x, create_graph=True)
        return torch.autograd.grad(slope.sum(), x)[0]

    assert_all_close([second()], [without_kernels(second)])


@pytest.mark.parametrize("changed", ["target", "mask", "weight", "divisor"])
def test_a_change_in_place_before_the_backward_pass(backend, changed, no_inductor):
    def call(*, inference):
        with torch.inference_mode(inference):
            ones = torch.ones(2, 2)
            arrays = {"target": ones, "mask": torch.eye(2) > 0, "weight": 1 * ones}
            arrays["divisor"] = torch.tensor(2.0)
        value = ml.mse_loss(x, **arrays)
        with torch.inference_mode(inference):
            arrays[changed].fill_(0)
        return value

    x = torch.full((2, 2), 3.0, requires_grad=True)
    call(inference=True).backward()
    np.testing.assert_array_equal(x.grad.numpy(), 2 * np.eye(2))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        call(inference=False).backward()


def test_an_infinite_gradient_of_the_value_stays_where_labels_are(backend, no_inductor):
    x, mask = torch.ones(2, 2, requires_grad=True), torch.eye(2) > 0
    ml.mse_loss(x, torch.zeros(2, 2), mask=mask).backward(torch.tensor(np.inf))
    np.testing.assert_array_equal(x.grad.numpy(), np.where(mask, np.inf, 0))


@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (1, 1), (2, 3, 4)], ids=str)
def test_any_shape(backend, shape, no_inductor):
    x = torch.full(shape, 2.0)
    value, gradient = ml.value_and_grad(ml.mse_loss)(x, 0 * x)
    assert value == (4 if x.numel() else 0)
    assert tuple(gradient.shape) == shape


def test_tensors_without_values_have_no_kernels(backend):
    x = torch.ones(2, 3, device="meta")
    assert ml.mse_loss(x, x).shape == ()
    assert not torch_kernels._KERNELS


def test_each_head_of_an_objective_has_its_kernels(backend, no_inductor):
    x, y = torch.linspace(-2, 2, 15).reshape(5, 3), torch.eye(5, 3)
    heads = {"tags": ml.Head(ml.binary_cross_entropy_with_logits), "size": ml.Head(ml.mse_loss)}
    objective = ml.MultiObjective(heads)

    def run():
        inputs = {name: x.clone().requires_grad_() for name in heads}
        objective(inputs, dict.fromkeys(heads, y)).total.backward()
        return [each.grad for each in inputs.values()]

    assert_all_close(run(), without_kernels(run))
    assert len(torch_kernels._KERNELS) == 2
