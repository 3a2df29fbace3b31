"""Linear layers on an accelerator, in chunks of rows: on tensors of a CPU and of meta devices."""

import importlib
from pathlib import Path

import numpy as np
import pytest

import maskloss as ml
from helpers.device import as_device
from helpers.frameworks import asnumpy
from helpers.linear import assert_all_close, by_setting, by_way_of_logits, numbers, on
from maskloss._evaluation import chunks

pytestmark = pytest.mark.needs("torch")

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(params=[chunks.CHUNK_BYTES, 5], ids=["one chunk", "several"])
def _chunk(request, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_BYTES", request.param)


def by_autograd(loss, parameters):
    """Return the value and the gradients of the backward pass."""
    leaves = [parameter.clone().requires_grad_() for parameter in parameters]
    value = loss(*leaves)
    total = value.total if isinstance(value, ml.Sums) else value.sum()
    total.backward(retain_graph=True)
    total.backward()
    return value, [leaf.grad / 2 for leaf in leaves]


@pytest.mark.usefixtures("_chunk")
@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "macro", "sums", "none"])
@by_setting()
def test_value_and_gradients(backend, setting, reduction):
    parameters, bind = on(backend, setting)
    want, by_parameters = by_way_of_logits(setting, reduction=reduction)
    with as_device():
        closed = bind(ml.value_and_grad(setting.loss), reduction=reduction)(*parameters)
        tracked = by_autograd(bind(setting.loss, reduction=reduction), parameters)
    for value, gradients in (closed, tracked):
        assert_all_close(numbers(value), numbers(want))
        assert_all_close(gradients, by_parameters)


@pytest.mark.usefixtures("_chunk")
@by_setting()
def test_what_is_not_observed_has_no_effect(backend, setting):
    parameters, bind = on(backend, setting)
    with as_device():
        want = by_autograd(bind(setting.loss), parameters)
        for poison in (np.nan, np.inf, -5.0):
            parameters, bind = on(backend, setting, poison)
            value, gradients = by_autograd(bind(setting.loss), parameters)
            np.testing.assert_array_equal(asnumpy(value), asnumpy(want[0]))
            for got, clean in zip(gradients, want[1], strict=True):
                np.testing.assert_array_equal(asnumpy(got), asnumpy(clean))


@by_setting()
def test_second_derivatives(backend, setting):
    import torch

    def second(parameters, bind):
        leaves = [parameter.clone().requires_grad_() for parameter in parameters]
        gradients = torch.autograd.grad(bind(setting.loss)(*leaves), leaves, create_graph=True)
        return torch.autograd.grad(sum(g.square().sum() for g in gradients), leaves)

    parameters, bind = on(backend, setting)
    want = second(parameters, bind)
    with as_device():
        assert_all_close(second(parameters, bind), want)


@pytest.mark.parametrize("of_teacher", [False, True])
def test_never_all_logits_are_in_memory(backend, monkeypatch, of_teacher):
    import torch

    monkeypatch.syspath_prepend(str(FOLDER))
    rows, depth, classes = 65536, 64, 32000
    features = torch.empty(rows, depth, device="meta", requires_grad=True)
    weight = torch.empty(classes, depth, device="meta", requires_grad=True)
    labels = torch.empty(rows, dtype=torch.int64, device="meta")

    def work(features, weight, labels):
        if of_teacher:
            given = {"teacher_weight": weight.detach(), "mask": labels != -100}
            teacher = features.detach()
            ml.linear_distillation_loss(features, weight, teacher, **given).backward()
        else:
            ml.linear_cross_entropy(features, weight, labels, missing=-100).backward()

    cost = importlib.import_module("kernels").count(work, features, weight, labels)
    logits = rows * classes * 4
    # A divergence of both distributions holds about 16 arrays of a chunk of 134 MB.
    assert cost.peak * features.nbytes < (2.5e9 if of_teacher else logits / 10)
