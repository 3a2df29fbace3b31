"""The evaluator of accelerators, on tensors of a CPU and of the meta device."""

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_all_close
from helpers.device import as_device
from helpers.frameworks import asnumpy
from helpers.poison import poisoned
from helpers.problems import Problem
from maskloss._evaluation import chunks
from tables.cases import CASES, RICH, by_case

pytestmark = pytest.mark.needs("torch")

REDUCTIONS = ["mean", "weighted_mean", "macro", "samples", "none"]
SPLIT = [case for case in CASES if case.is_split and not case.is_joint]


def results(problem, reduction="mean"):
    """Return the value, its gradient by autograd, and the results in closed form."""
    x = problem.x.clone().requires_grad_()
    value = problem.bind(problem.case.loss, reduction=reduction)(x, *problem.arrays[1:])
    value.sum().backward()
    return [value.detach(), x.grad, *problem.everything(reduction=reduction)(*problem.arrays)]


@by_case()
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_results_are_those_of_the_cpu(backend, case, reduction):
    problem = Problem.make(backend, case)
    want = results(problem, reduction)
    with as_device() as calls:
        got = results(problem, reduction)
    assert bool(calls) is not case.is_joint
    assert_all_close(got, want)


@by_case(SPLIT)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_chunks_make_up_the_whole(backend, case, reduction, monkeypatch):
    problem = Problem.make(backend, case)
    with as_device():
        want = results(problem, reduction)
        monkeypatch.setattr(chunks, "CHUNK_BYTES", 20)
        got = results(problem, reduction)
    assert_all_close(got, want)


@by_case()
@pytest.mark.parametrize("reduction", ["weighted_mean", "none"])
def test_nothing_unobserved_contributes(backend, case, reduction):
    problem = Problem.make(backend, case)
    hidden = ~problem.along_rows(asnumpy(problem.mask))
    with as_device():
        want = results(problem, reduction)
        for poison in (np.nan, np.inf, -1e38, 7.0):
            got = results(poisoned(problem, poison), reduction)
            for dirty, clean in zip(got, want, strict=True):
                np.testing.assert_array_equal(asnumpy(dirty), asnumpy(clean))
            for derivative in (got[1], *got[3:]):
                assert not asnumpy(derivative)[hidden].any()


@by_case(RICH)
def test_an_infinite_upstream_gradient_stays_where_labels_are(backend, case):
    problem = Problem.make(backend, case)
    hidden = ~problem.along_rows(asnumpy(problem.mask))
    x = problem.x.clone().requires_grad_()
    with as_device():
        value = problem.bind(case.loss)(x, *problem.arrays[1:])
        value.backward(np.inf * problem.xp.ones_like(value))
    assert not asnumpy(x.grad)[hidden].any()
    assert not np.isfinite(asnumpy(x.grad)[~hidden]).all()


@by_case(RICH)
def test_second_derivatives_and_other_gradients_are_those_of_the_cpu(backend, case):
    import torch

    problem = Problem.make(backend, case, dtype="float64")
    loss = problem.bind(case.loss, reduction="weighted_mean")

    def derivatives():
        x, weight = (array.clone().requires_grad_() for array in (problem.x, problem.weight))
        (slope,) = torch.autograd.grad(
            loss(x, problem.y, problem.mask, problem.weight, *problem.arrays[4:]),
            x,
            create_graph=True,
        )
        # The slope of a linear loss is a constant.
        second = [torch.autograd.grad(slope.square().sum(), x)[0]] if slope.requires_grad else []
        by_weight = torch.autograd.grad(
            loss(x, problem.y, problem.mask, weight, *problem.arrays[4:]), weight
        )
        others = problem.arrays[1:]
        forward = torch.func.jvp(lambda x: loss(x, *others), (problem.x,), (problem.x,))
        return [*second, *by_weight, *forward]

    want = derivatives()
    with as_device():
        got = derivatives()
    assert_all_close(got, want)


@by_case(RICH)
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_computed_in_single(backend, case, dtype):
    import torch

    problem = Problem.make(backend, case)
    half = problem.replace(x=problem.x.to(getattr(torch, dtype)))
    want = results(half)
    with as_device():
        got = results(half)
    assert [part.dtype for part in got] == [part.dtype for part in want]
    assert_all_close([part.float() for part in got], [part.float() for part in want], 2**16)


@by_case(RICH)
def test_no_value_is_read(backend, case):
    """A tensor of the meta device, or a fake one, has none; `Sums` and counts included."""
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode

    problem = Problem.make(backend, case)

    tensors = [*problem.arrays, *filter(torch.is_tensor, problem.options.values())]

    def run(move):
        x, y, mask, weight, *others = map(move, problem.arrays)
        options = {
            k: move(v) if isinstance(v, torch.Tensor) else v for k, v in problem.options.items()
        }
        moved = problem.replace(options=options)
        call = moved.bind(case.loss, reduction="sums" if case.is_split else "mean")
        value = call(x.requires_grad_(), y, mask, weight, *others)
        total = value.total if case.is_split else value
        total.backward()
        return x.grad

    assert run(lambda array: array.to("meta")).shape == problem.x.shape
    mode = FakeTensorMode()
    fake = {id(array): mode.from_tensor(array) for array in tensors}
    with mode:
        assert run(lambda array: fake[id(array)]).shape == problem.x.shape


@by_case(RICH)
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_results_can_be_changed_in_place(backend, case, reduction):
    problem = Problem.make(backend, case)
    x = problem.x.clone().requires_grad_()
    with as_device():
        value = problem.bind(case.loss, reduction=reduction)(x, *problem.arrays[1:])
    value += 1
    assert_all_close([x.detach()], [problem.x], 0)


@by_case([case for case in RICH if not case.is_joint])
def test_labels_made_in_inference_mode(backend, case):
    import torch

    problem = Problem.make(backend, case)
    with torch.inference_mode():
        frozen = {name: getattr(problem, name).clone() for name in ("y", "mask", "weight")}
    with as_device():
        assert_all_close(results(problem.replace(**frozen)), results(problem), 0)


def test_a_label_out_of_range_is_nan(backend):
    x, y = (backend.asarray(np.asarray(array)) for array in ([[0.5, 1.0]], [[2.0, 1.0]]))
    with as_device():
        value, slope = ml.value_and_grad(ml.binary_cross_entropy_with_logits)(x, y)
    assert np.isnan(asnumpy(value))
    assert np.isnan(asnumpy(slope)).tolist() == [[True, False]]


@pytest.mark.parametrize("gamma", [0.0, 0.3, 4.0])
def test_scores_beside_a_margin_at_0_have_a_slope(backend, gamma):
    import torch

    x = torch.tensor([-1e-39, 0.0, 1e-45, 1e-39, 1e-37, 1e-30])
    with as_device():
        for y, slope in ((0.0, 0.0), (1.0, -0.5)):
            loss = ml.value_and_grad(ml.asymmetric_loss)
            options = {"clip": 0.5, "gamma_neg": gamma, "gamma_pos": 0.0, "reduction": "none"}
            _, got = loss(x, torch.full_like(x, y), constant_focus=False, **options)
            assert_all_close([got[:4]], [torch.full((4,), slope)])
            assert torch.isfinite(got).all()
