"""Tensors of torch in the eager evaluator: autograd finds what its own operations would give."""

import gc
import weakref

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_all_close
from helpers.eager import (
    blocks_of,
    each_eager,
    gradient_of,
    whole_arrays,
)
from helpers.frameworks import asnumpy
from helpers.layouts import convert
from helpers.problems import Problem
from maskloss import _formula
from tables.cases import KINDS, by_case

pytestmark = pytest.mark.needs("torch")
VECTORS = [
    {"reduction": "none"},
    {"reduction": "sums"},
    {"reduction": "sums", "axis": 0},
    {"reduction": "macro"},
    {"reduction": "samples"},
    {"reduction": "weighted_mean", "axis": 0},
    {"axis": 0},
    {"axis": 1},
    {"axis": ()},
    {},
]
each_kind = by_case(KINDS)
each_vector = pytest.mark.parametrize("way", VECTORS, ids=str)


@pytest.fixture(autouse=True)
def many_blocks():
    with blocks_of(7):
        yield


@pytest.fixture
def problem(backend, case):
    """Return a problem whose prediction is a leaf that wants a gradient."""
    problem = Problem.make(backend, case)
    return problem.replace(x=problem.x.requires_grad_())


def draw(like, seed=0):
    import torch

    generator = torch.Generator().manual_seed(seed)
    return torch.randn(like.shape, generator=generator, dtype=like.dtype)


def traced(problem, grad_output=None, **way):
    with whole_arrays():
        return gradient_of(problem, grad_output, **way)


def result_of(problem, **way):
    value = problem.call(**way)
    return value.total if isinstance(value, ml.Sums) else value


def same(got, want, epsilons=16):
    assert got.dtype == want.dtype
    assert_all_close([asnumpy(got)], [asnumpy(want)], epsilons)


# Gradients


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


# Where the prediction comes from


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


def test_labels_in_bfloat16_beside_another_default_device(backend):
    import torch

    x = torch.randn(3, 2, requires_grad=True)
    y = torch.tensor([[1, -0.1], [0, 1], [-0.1, 0]], dtype=torch.bfloat16)
    with torch.device("meta"):
        ml.binary_cross_entropy_with_logits(x, y, missing=-0.1).backward()
    assert torch.equal(x.grad == 0, y < 0)


# Results


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


# Derivatives of derivatives, and other transforms


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


# What is kept


def saved_by(function):
    """Return a result, and the storages that its graph keeps."""
    import torch

    saved = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        return function(), saved


@each_kind
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.7, 0.99, 1.0])
def test_a_graph_keeps_one_array_of_the_prediction_at_most(backend, case, share):
    import torch

    x, y, mask, _ = (np.concatenate([array] * 40) for array in case.arrays())
    mask = np.random.default_rng(0).uniform(size=mask.shape) < share
    problem = Problem.of(backend, case, x, y, mask)
    problem = problem.replace(x=problem.x.requires_grad_())
    with blocks_of(512):
        value, saved = saved_by(problem.call)
        inputs = [*problem.arrays, *problem.options.values()]
        for array in inputs:
            if array is not None:
                saved.pop(array.untyped_storage().data_ptr(), None)
        assert sum(saved.values()) <= problem.x.nbytes
        (got,) = torch.autograd.grad(value, problem.x)
    same(got, traced(problem))


@each_kind
def test_what_a_graph_keeps_goes_with_the_backward_pass(backend, problem, case):
    """Not with the loss, which a loop may keep until the next one is there."""
    prediction = problem.x * 1
    kept = weakref.ref(prediction)
    loss = problem.replace(x=prediction).call()
    del prediction
    gc.disable()
    try:
        assert kept() is not None
        loss.backward()
        assert kept() is None
    finally:
        gc.enable()


@each_kind
def test_what_a_graph_keeps_goes_with_the_loss(backend, problem, case):
    """There is no cycle that only the garbage collector finds."""
    prediction = problem.x * 1
    kept = weakref.ref(prediction)
    loss = problem.replace(x=prediction).call()
    del prediction
    gc.disable()
    try:
        del loss
        assert kept() is None
    finally:
        gc.enable()


@each_kind
def test_inputs_may_be_forgotten_before_the_backward_pass(backend, problem, case):
    x, want = problem.x, gradient_of(problem)
    loss = problem.call()
    del problem
    gc.collect()
    loss.backward()
    same(x.grad, want)


@each_kind
@pytest.mark.parametrize("name", ["x", "y", "mask", "weight", "class_weight"])
def test_a_change_in_place_before_the_backward_pass_is_refused(backend, problem, case, name):
    import torch

    if name == "class_weight" and name not in problem.options:
        return
    prediction = problem.x * 1
    changed = problem.replace(x=prediction)
    loss = changed.call()
    array = problem.options[name] if name == "class_weight" else getattr(changed, name)
    with torch.no_grad():
        array.copy_(array.flip(0))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


# Hooks and checkpoints


@each_kind
def test_hooks(backend, problem, case):
    want, seen = gradient_of(problem), []
    problem.x.register_hook(lambda gradient: gradient * 10)
    value = problem.call()
    value.register_hook(lambda grad_output: seen.append(grad_output.item()) or grad_output * 2)
    value.backward()
    assert seen == [1.0]
    same(problem.x.grad, 20 * want)


@each_kind
def test_saved_tensors_go_through_hooks(backend, problem, case):
    import torch

    want = gradient_of(problem)
    for context in (
        torch.autograd.graph.saved_tensors_hooks(torch.clone, torch.clone),
        torch.autograd.graph.save_on_cpu(),
    ):
        with context:
            loss = problem.call()
        same(torch.autograd.grad(loss, problem.x)[0], want, 0)
        with context:
            loss = problem.call()
        (got,) = torch.autograd.grad(loss, problem.x, create_graph=True)
        same(got.detach(), want)


@each_kind
@pytest.mark.parametrize("use_reentrant", [False, True])
def test_checkpoints(backend, problem, case, use_reentrant):
    from torch.utils.checkpoint import checkpoint

    def loss(x):
        return problem.replace(x=x * 1).call()

    want = gradient_of(problem)
    value, saved = saved_by(lambda: checkpoint(loss, problem.x, use_reentrant=use_reentrant))
    assert set(saved) <= {problem.x.untyped_storage().data_ptr()}
    value.backward()
    same(problem.x.grad, want, 0)


@each_kind
def test_no_slope_is_computed_where_no_gradient_is_wanted(backend, problem, case, monkeypatch):
    import torch

    slopes = []
    derivative = _formula.Terms.derivative
    monkeypatch.setattr(
        _formula.Terms, "derivative", lambda *args: slopes.append(1) or derivative(*args)
    )
    detached = problem.replace(x=problem.x.detach())
    for context in (torch.no_grad, torch.inference_mode):
        with context():
            values = [problem.call(), detached.call()]
        assert not any(value.requires_grad for value in values)
    assert not detached.call().requires_grad
    assert not slopes
    problem.call()
    assert slopes
