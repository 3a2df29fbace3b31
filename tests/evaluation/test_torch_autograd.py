"""Gradients of tensors in the eager evaluator are those of their own operations."""

import pytest

import maskloss as ml
from helpers.autograd import draw, each_kind, each_vector, result_of, same, traced
from helpers.eager import (
    each_eager,
    gradient_of,
    whole_arrays,
)
from helpers.frameworks import asnumpy
from helpers.layouts import convert
from helpers.problems import Problem
from tables.cases import RICH, by_case

pytestmark = [pytest.mark.needs("torch"), pytest.mark.usefixtures("many_blocks")]


@each_eager
@each_vector
def test_gradients_of_results_other_than_1(backend, problem, case, way):
    grad_output = draw(result_of(problem, **way))
    same(gradient_of(problem, grad_output, **way), traced(problem, grad_output, **way))


@each_kind
@each_vector
def test_a_graph_that_is_retained_can_be_used_again(backend, problem, case, way):
    import torch

    value = result_of(problem, **way)
    first, second = (
        torch.autograd.grad(value, problem.x, grad_output, retain_graph=True)[0]
        for grad_output in (torch.ones_like(value), torch.ones_like(value))
    )
    assert torch.equal(first, second)
    value.backward(torch.ones_like(value))
    assert torch.equal(problem.x.grad, first)
    with pytest.raises(RuntimeError, match="second time"):
        value.backward(torch.ones_like(value))


@each_kind
def test_gradients_of_two_losses_of_one_prediction_add_up(backend, problem, case):
    first, second = problem.call(), problem.call(reduction="sum")
    (first + 2 * second).backward()
    same(problem.x.grad, gradient_of(problem) + 2 * gradient_of(problem, reduction="sum"))


@each_kind
def test_an_infinite_gradient_stays_with_what_is_observed(backend, problem, case):
    """A loss scale that overflows."""
    import torch

    value = problem.call(reduction="none")
    grad_output = torch.full_like(value, torch.inf)
    gradient = gradient_of(problem, grad_output, reduction="none")
    hidden = ~problem.along_rows(asnumpy(problem.mask))
    assert not asnumpy(gradient)[hidden].any()
    assert not gradient.isfinite().all()
    nothing = problem.replace(mask=problem.mask & ~problem.mask)
    assert not gradient_of(nothing, torch.tensor(torch.inf)).any()


def in_dtype(problem, dtype):
    import torch

    dtype = getattr(torch, dtype)
    return convert(problem, lambda a: a.detach().to(dtype) if a.is_floating_point() else a)


@each_kind
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_scaled_loss_of_half_precision_does_not_underflow(backend, problem, case, dtype):
    """With what `torch.amp.GradScaler` starts from, and gradients that are 0 in float16 without."""
    import torch

    narrow = in_dtype(problem, dtype)
    with torch.autocast("cpu", dtype=narrow.x.dtype):
        x = narrow.x.requires_grad_()
        loss = narrow.replace(x=x).call(divisor=1e8)
    (loss * 65536.0).backward()
    wide = in_dtype(narrow, "float32")
    want = gradient_of(wide, torch.tensor(65536.0), divisor=1e8)
    assert loss.dtype is torch.float32
    assert torch.equal(x.grad, want.to(x.dtype))
    assert x.grad[want.abs() > 1e-7].all()
    assert (want.abs() > 1e-7).sum() > want.numel() / 4


@each_kind
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_equals_float32_rounded_once(backend, problem, case, dtype):
    import torch

    narrow = in_dtype(problem, dtype)
    wide = in_dtype(narrow, "float32")
    assert torch.equal(narrow.call(), wide.call())
    assert torch.equal(gradient_of(narrow), gradient_of(wide).to(narrow.x.dtype))


@each_kind
def test_predictions_that_other_operations_made(backend, problem, case):
    import torch

    x, want = problem.x, gradient_of(problem)

    def through(make, leaf):
        problem.replace(x=make(leaf)).call().backward()
        return leaf.grad

    same(through(lambda v: v * 1, x.detach().clone().requires_grad_()), want)
    doubled = torch.stack([x.detach(), x.detach()], -1).requires_grad_()
    strided = through(lambda v: v[..., 1], doubled)
    assert not strided[..., 0].any()
    same(strided[..., 1], want)
    turned = x.detach().transpose(0, -1).contiguous().requires_grad_()
    same(through(lambda v: v.transpose(0, -1), turned).transpose(0, -1), want)
    row = x.detach()[:1].clone().requires_grad_()
    repeated = problem.replace(x=row.detach().expand_as(x))
    same(through(lambda v: v.expand_as(x), row), gradient_of(repeated).sum(0, keepdim=True))


@each_kind
def test_other_arrays_that_want_a_gradient(backend, problem, case):
    """They and the prediction get what the traced evaluator gives."""
    import torch

    weights = {k: v.requires_grad_() for k, v in problem.options.items()}
    leaves = [problem.x, problem.weight.requires_grad_(), *weights.values()]
    if problem.y.is_floating_point():
        leaves.append(problem.y.requires_grad_())
    got = torch.autograd.grad(problem.call(reduction="weighted_mean"), leaves)
    with whole_arrays():
        want = torch.autograd.grad(problem.call(reduction="weighted_mean"), leaves)
    for one, other in zip(got, want, strict=True):
        assert other.any()
        same(one, other, 0)


@each_kind
def test_labels_made_in_inference_mode(backend, problem, case):
    """As the predictions of a teacher; torch refuses to save them."""
    import torch

    with torch.inference_mode():
        frozen = {name: getattr(problem, name).clone() for name in ("y", "mask", "weight")}
    same(gradient_of(problem.replace(**frozen)), gradient_of(problem), 0)


@by_case([case for case in RICH if not case.is_split or case.is_joint])
def test_labels_made_in_inference_mode_of_a_loss_of_whole_arrays(backend, case):
    import torch

    problem = Problem.make(backend, case)
    with torch.inference_mode():
        frozen = {name: getattr(problem, name).clone() for name in ("y", "mask", "weight")}
        options = {k: v.clone() if hasattr(v, "clone") else v for k, v in problem.options.items()}
    same(gradient_of(problem.replace(options=options, **frozen)), gradient_of(problem), 0)


def test_labels_in_bfloat16_beside_another_default_device(backend):
    import torch

    x = torch.randn(3, 2, requires_grad=True)
    y = torch.tensor([[1, -0.1], [0, 1], [-0.1, 0]], dtype=torch.bfloat16)
    with torch.device("meta"):
        ml.binary_cross_entropy_with_logits(x, y, missing=-0.1).backward()
    assert torch.equal(x.grad == 0, y < 0)


@each_kind
@each_vector
def test_results_can_be_changed_in_place(backend, problem, case, way):
    """A loss is added to a regularizer by `loss += ...`, and sums are reduced over processes."""
    import torch

    value = problem.call(**way)
    for part in value if isinstance(value, ml.Sums) else (value,):
        part *= 2
    total = value.total if isinstance(value, ml.Sums) else value
    total += 1
    got = torch.autograd.grad(total, problem.x, torch.ones_like(total))[0]
    same(got, 2 * traced(problem, **way))


@each_kind
def test_count_and_weight_carry_no_gradient(backend, problem, case):
    sums = problem.call(reduction="sums")
    assert sums.total.requires_grad
    assert not sums.count.requires_grad
    assert not sums.weight.requires_grad
    sums.weighted_mean().backward()
    same(problem.x.grad, gradient_of(problem, reduction="weighted_mean"))
