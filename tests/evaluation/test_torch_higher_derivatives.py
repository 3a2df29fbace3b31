"""Derivatives of derivatives and other transforms of torch in the eager evaluator."""

import pytest

import maskloss as ml
from helpers.autograd import draw, each_kind, same
from helpers.eager import (
    each_eager,
    gradient_of,
    whole_arrays,
)
from helpers.problems import Problem
from tables.cases import CASES, by_case

pytestmark = [pytest.mark.needs("torch"), pytest.mark.usefixtures("many_blocks")]


@each_eager
@pytest.mark.parametrize("way", [{}, {"reduction": "none"}, {"reduction": "macro"}], ids=str)
def test_gradcheck(backend, case, way):
    import torch

    problem = Problem.make(backend, case, dtype="float64")

    def loss(x):
        return problem.replace(x=x).call(**way)

    x = problem.x.requires_grad_()
    assert torch.autograd.gradcheck(
        loss, x, fast_mode=True, check_forward_ad=True, check_batched_grad=True
    )
    assert torch.autograd.gradgradcheck(loss, x, fast_mode=True)


@each_kind
def test_a_second_derivative_after_a_first(backend, problem, case):
    """The graph of the gradient is asked for once, and then is not."""
    import torch

    value = problem.call(reduction="none").pow(2).sum()
    (gradient,) = torch.autograd.grad(value, problem.x, create_graph=True)
    assert gradient.requires_grad
    (second,) = torch.autograd.grad(gradient.pow(2).sum(), problem.x, retain_graph=True)
    (plain,) = torch.autograd.grad(value, problem.x)
    same(gradient.detach(), plain)
    with whole_arrays():
        value = problem.call(reduction="none").pow(2).sum()
        (gradient,) = torch.autograd.grad(value, problem.x, create_graph=True)
        same(second, torch.autograd.grad(gradient.pow(2).sum(), problem.x)[0])


@each_kind
def test_many_gradients_at_once(backend, problem, case):
    import torch

    value = problem.call(axis=0)
    grad_output = draw(torch.stack([value.detach()] * 3))
    (got,) = torch.autograd.grad(value, problem.x, grad_output, is_grads_batched=True)
    want = torch.stack([gradient_of(problem, one, axis=0) for one in grad_output])
    same(got, want)


@each_kind
def test_forward_mode(backend, problem, case):
    import torch

    x, tangent = problem.x.detach(), draw(problem.x)
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(x, tangent)
        value, got = torch.autograd.forward_ad.unpack_dual(problem.replace(x=dual).call())
    same(got, (gradient_of(problem) * tangent).sum(), 64)
    same(value, problem.call().detach())


@each_kind
def test_transforms_of_torch_func(backend, problem, case):
    import torch

    x, fixed = problem.x.detach(), problem.arrays[1:]
    loss = problem.bind(case.loss)
    gradient = gradient_of(problem)
    same(torch.func.grad(loss)(x, *fixed), gradient)
    many = torch.stack([x, -x])
    mapped = torch.func.vmap(torch.func.grad(loss), (0, None, None, None))(many, *fixed)
    same(mapped, torch.stack([gradient, gradient_of(problem.replace(x=-x))]))
    hessian = torch.func.hessian(loss)(x, *fixed)
    plain = torch.autograd.functional.hessian(lambda v: loss(v, *fixed), x)
    same(hessian, plain, 64)


OVER = ["jacfwd", "jacrev"]


@each_kind
@pytest.mark.parametrize("outer", OVER)
@pytest.mark.parametrize("inner", OVER)
def test_transforms_of_transforms(backend, case, outer, inner):
    """By the prediction twice, by the weight after it, and by both in one batch."""
    import torch

    problem = Problem.make(backend, case, dtype="float64")

    def loss(x, weight):
        return problem.replace(x=x, weight=weight).call()

    outer, inner = (getattr(torch.func, name) for name in (outer, inner))
    arrays = problem.x, problem.weight
    want = torch.autograd.functional.hessian(loss, arrays)[0]
    for by, hessian in enumerate(want):
        torch.testing.assert_close(outer(inner(loss), by)(*arrays), hessian)
    many = torch.stack([problem.x, -problem.x])
    mapped = torch.vmap(outer(inner(loss)), (0, None))(many, problem.weight)
    torch.testing.assert_close(mapped[0], want[0])


# The third derivative of what the first treats as a constant is not the second's.
THRICE = [case for case in CASES if case.name != "clipped_policy_loss, sequences, cispo"]


@by_case(THRICE)
def test_third_derivatives(backend, case):
    """Autograd differentiates the operations of the curvature; compare with differences."""
    import torch

    problem = Problem.make(backend, case, dtype="float64")
    direction = draw(problem.x)

    def product(x):
        """Return the Hessian times a direction, also where derivatives are constants."""
        loss = problem.replace(x=x).call() + 0 * (x**3).sum()
        (gradient,) = torch.autograd.grad(loss, x, create_graph=True)
        return torch.autograd.grad(gradient, x, direction, create_graph=True)[0]

    x = problem.x.requires_grad_()
    assert torch.autograd.gradcheck(product, x, fast_mode=True, atol=1e-6)


@by_case()
def test_derivatives_of_the_gradient_and_the_hessian(backend, case):
    """Differentiate both results of `grad_and_hessian`; compare with differences."""
    import torch

    problem = Problem.make(backend, case, dtype="float64")

    def results(x):
        """Return both, also where they are constants."""
        changed = problem.replace(x=x)
        both = changed.bind(ml.grad_and_hessian(case.loss))(*changed.arrays)
        return tuple(each + 0 * x**2 for each in both)

    x = problem.x.requires_grad_()
    assert torch.autograd.gradcheck(results, x, fast_mode=True, atol=1e-6)


@each_kind
@pytest.mark.parametrize("leaf", [False, True])
def test_transforms_by_other_arrays_than_the_prediction(backend, problem, case, leaf):
    import torch

    x = problem.x if leaf else problem.x.detach()
    masks = torch.stack([problem.mask, ~problem.mask])

    def by_mask(mask):
        return problem.replace(x=x, mask=mask).call()

    want = torch.stack([by_mask(mask) for mask in masks])
    same(torch.func.vmap(by_mask)(masks), want)

    def by_weight(weight):
        return problem.replace(x=x, weight=weight).call()

    want = torch.autograd.functional.jacobian(by_weight, problem.weight)
    same(torch.func.grad(by_weight)(problem.weight), want)


@each_kind
def test_compiled_calls_take_whole_arrays(backend, problem, case):
    """Dynamo would refuse what the eager evaluator does."""
    import torch

    torch._dynamo.reset()

    def loss(x):
        return problem.replace(x=x).call(reduction="weighted_mean") * 3

    compiled = torch.compile(loss, fullgraph=True, backend="aot_eager")
    (got,) = torch.autograd.grad(compiled(problem.x), problem.x)
    same(got, 3 * gradient_of(problem, reduction="weighted_mean"))


@each_kind
def test_a_divisor_that_is_a_tensor_is_kept_for_a_second_derivative(backend, problem, case):
    """Autograd saves it, as it saves the other arrays of a call."""
    import torch

    def gradient(divisor, **graph):
        x = problem.x.detach().requires_grad_()
        value = problem.replace(x=x).call(reduction="mean", divisor=divisor)
        return torch.autograd.grad(value, x, **graph)[0].detach()

    want = gradient(7.0, create_graph=True)
    assert torch.equal(gradient(torch.tensor(7.0), create_graph=True), want)
    same(want, gradient(torch.tensor(7.0)))
