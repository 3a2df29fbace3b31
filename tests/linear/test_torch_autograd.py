"""torch's autograd on the losses of a linear layer."""

from contextlib import nullcontext

import pytest

import maskloss as ml
from helpers.device import as_device
from helpers.linear import CLASSES, DEPTH, KINDS, assert_all_close, by_setting, by_way_of_logits, on

pytestmark = pytest.mark.usefixtures("few_rows_at_a_time")


def tensors(backend, setting):
    parameters, bind = on(backend, setting)
    return [parameter.requires_grad_() for parameter in parameters], bind


@pytest.mark.needs("torch")
@pytest.mark.parametrize("reduction", ["none", "mean", "sums", "macro"])
@by_setting(KINDS)
def test_upstream_gradients_and_further_passes(backend, setting, reduction):
    import torch

    parameters, bind = tensors(backend, setting)
    value = bind(setting.loss, reduction=reduction)(*parameters)
    value = value.total if reduction == "sums" else value
    grad_output = torch.linspace(-1.0, 2.0, value.numel()).reshape(value.shape)
    features, weight, bias = parameters
    logits = features @ weight.T + bias

    def of_logits(_features, _matrix, labels, _bias, **keywords):
        return setting.of_logits(logits, labels, **keywords)

    want = bind(of_logits, reduction=reduction)(*parameters)
    want = want.total if reduction == "sums" else want
    want = torch.autograd.grad(want, parameters, grad_output)
    first = torch.autograd.grad(value, parameters, grad_output, retain_graph=True)
    assert_all_close(first, want)
    for gradient in first:
        gradient.zero_()  # which is the caller's
    assert_all_close(
        torch.autograd.grad(value, parameters[1], grad_output, retain_graph=True), want[1:2]
    )
    assert_all_close(torch.autograd.grad(value, parameters, grad_output, retain_graph=True), want)
    assert_all_close(torch.autograd.grad(value, parameters, grad_output, create_graph=True), want)


@pytest.mark.needs("torch")
def test_gradients_are_computed_for_what_needs_one(backend):
    setting = KINDS[0]
    parameters, bind = on(backend, setting)
    parameters[2].requires_grad_()
    value = bind(setting.loss)(*parameters)
    value.backward()
    assert_all_close([parameters[2].grad], by_way_of_logits(setting)[1][2:])
    assert parameters[0].grad is None


@pytest.mark.needs("torch")
def test_a_change_in_place_before_the_backward_pass_is_found(backend):
    import torch

    setting = KINDS[0]
    for k in range(3):
        parameters, bind = tensors(backend, setting)
        value = bind(setting.loss)(*parameters)
        with torch.no_grad():
            parameters[k] += 1
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            value.backward()


@pytest.mark.needs("torch")
@pytest.mark.parametrize("machine", [nullcontext, as_device], ids=["cpu", "accelerator"])
def test_labels_made_in_inference_mode(backend, machine):
    import torch

    features, matrix = torch.ones(2, DEPTH, requires_grad=True), torch.eye(CLASSES, DEPTH)
    with torch.inference_mode():
        labels = torch.arange(2)
        frozen = {"mask": labels == 0, "weight": torch.ones(2)}
    with machine():
        ml.linear_cross_entropy(features, matrix, labels, **frozen).backward()
    assert features.grad[0].any()
    assert not features.grad[1].any()


@pytest.mark.needs("torch")
def test_gradients_of_scaled_half_precision_do_not_underflow(backend):
    import torch

    setting = KINDS[0]
    parameters, bind = on(backend, setting)
    half = [parameter.half().requires_grad_() for parameter in parameters]
    scale = 2.0**-20
    (bind(setting.loss)(*half) * scale * 65536).backward()
    wide = [parameter.detach().float().requires_grad_() for parameter in half]
    bind(setting.loss)(*wide).backward()
    for got, want in zip(half, wide, strict=True):
        torch.testing.assert_close(got.grad.float(), want.grad / 16, rtol=2e-3, atol=1e-6)


@pytest.mark.needs("torch")
def test_gradients_of_weights_take_all_logits(backend):
    setting = KINDS[0]
    parameters, labels, keywords = setting.make()
    features, weight, bias = map(backend.asarray, parameters)
    labels = backend.asarray(labels)
    keywords = {name: backend.asarray(value) for name, value in keywords.items()}
    weights = keywords["weight"].requires_grad_()
    ml.linear_cross_entropy(features, weight, labels, bias, **keywords).backward()
    got, weights.grad = weights.grad, None
    ml.cross_entropy(features @ weight.T + bias, labels, **keywords).backward()
    assert_all_close([got], [weights.grad])


@pytest.mark.needs("torch")
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_with_nothing_missing_it_is_torchs(backend, reduction):
    import torch

    parameters, labels, _ = KINDS[0].make()
    ours = [backend.asarray(array).requires_grad_() for array in parameters]
    theirs = [backend.asarray(array).requires_grad_() for array in parameters]
    labels = backend.asarray(labels)
    got = ml.linear_cross_entropy(ours[0], ours[1], labels, ours[2], reduction=reduction)
    # Of torch 2.13 `linear_cross_entropy` with its default options.
    logits = torch.nn.functional.linear(*theirs)
    want = torch.nn.functional.cross_entropy(logits, labels, reduction=reduction)
    got.sum().backward()
    want.sum().backward()
    torch.testing.assert_close(got, want)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.grad, other.grad)


@pytest.mark.needs("torch")
@pytest.mark.parametrize("loss", [ml.linear_cross_entropy, ml.cross_entropy])
def test_a_loss_scale_that_overflows_stays_out_of_what_is_not_observed(backend, loss):
    import torch

    x = torch.ones(3, DEPTH, requires_grad=True)
    layer = (torch.ones(CLASSES, DEPTH),) if loss is ml.linear_cross_entropy else ()
    value = loss(x, *layer, torch.asarray([0, -1, 2]), missing=-1)
    (value * float("inf")).backward()
    assert not x.grad[1].any()
