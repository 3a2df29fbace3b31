"""What the graph of a loss keeps until the backward pass, its hooks and checkpoints."""

import contextlib
import gc
import math
import weakref

import numpy as np
import pytest

import maskloss as ml
from helpers.autograd import each_kind, same, traced
from helpers.comparison import assert_all_close
from helpers.device import as_device
from helpers.eager import (
    blocks_of,
    gradient_of,
)
from helpers.problems import Problem
from maskloss import _formula
from tables.cases import KINDS, by_case

pytestmark = [pytest.mark.needs("torch"), pytest.mark.usefixtures("many_blocks")]


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


@by_case()
def test_what_a_graph_keeps_goes_with_the_backward_pass(backend, problem, case):
    """Not with the loss, which a loop may keep until the next one is there."""
    prediction = problem.x * 1
    kept = weakref.ref(prediction)
    loss = problem.replace(x=prediction).call()
    del prediction
    gc.disable()
    try:
        assert kept() is not None or case not in KINDS  # another may keep a part of it
        loss.backward()
        assert kept() is None
    finally:
        gc.enable()


@by_case()
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


@pytest.mark.parametrize("changed", ["y", "mask", "weight"])
@pytest.mark.parametrize("on_device", [False, True])
def test_frozen_labels_that_change_before_the_backward_pass(backend, changed, on_device):
    """The derivatives are those of the labels of the call, also where slopes are computed anew."""
    import torch

    def call():
        with torch.inference_mode():
            arrays = {"y": torch.ones(2), "mask": torch.ones(2) > 0, "weight": torch.ones(2)}
        with as_device() if on_device else contextlib.nullcontext():
            value = ml.mse_loss(x, arrays["y"], mask=arrays["mask"], weight=arrays["weight"])
        with torch.inference_mode():
            arrays[changed].fill_(0)
        return value

    x = torch.full((2,), 3.0, requires_grad=True)
    (slope,) = torch.autograd.grad(call(), x, create_graph=True)
    assert_all_close([slope.detach()], [torch.full((2,), 2.0)])
    assert_all_close(torch.autograd.grad(slope.sum(), x), [torch.ones(2)])
    (slope,) = torch.autograd.grad(call(), x, torch.tensor(math.inf))
    assert torch.isinf(slope).all()


def test_frozen_labels_of_a_layer_that_change_before_the_backward_pass(backend):
    import torch

    def call():
        with torch.inference_mode():
            labels = torch.tensor([0, 1, 2])
        value = ml.linear_cross_entropy(features, weight, labels)
        with torch.inference_mode():
            labels.fill_(0)
        return value

    features, weight = torch.randn(3, 4, requires_grad=True), torch.randn(5, 4)
    whole = ml.cross_entropy(features @ weight.T, torch.tensor([0, 1, 2]))
    (want,) = torch.autograd.grad(whole, features, create_graph=True)
    (slope,) = torch.autograd.grad(call(), features, create_graph=True)
    assert_all_close([slope.detach()], [want.detach()])
    second, wanted = (torch.autograd.grad((g * g).sum(), features) for g in (slope, want))
    assert_all_close(second, wanted)
