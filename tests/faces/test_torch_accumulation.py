"""Means over all batches of one optimizer step; `tests/distributed` has several processes."""

import pytest
import torch

import maskloss as ml
import maskloss.torch as mt
from helpers.torch_steps import NAN, table


@pytest.mark.parametrize("reduction", ["mean", "weighted_mean"])
def test_a_loop(reduction):
    x, y = table(8)
    weight = torch.rand(8, 2, generator=torch.Generator().manual_seed(1))
    model, big = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    big.load_state_dict(model.state_dict())
    single = mt.MaskedMSELoss(missing=NAN, reduction=reduction)
    single(big(x), y, weight=weight).backward()
    loss = mt.AccumulatedMean(mt.MaskedMSELoss(missing=NAN, reduction=reduction))
    for _ in range(2):  # what was counted is forgotten
        model.zero_grad()
        for rows in (slice(0, 1), slice(1, 5), slice(5, 8)):
            loss(model(x[rows]), y[rows], weight=weight[rows]).backward()
        loss.divide_gradients(model.parameters())
        torch.testing.assert_close(
            [p.grad for p in model.parameters()], [p.grad for p in big.parameters()]
        )
    assert loss.eval()(model(x), y, weight=weight) == single(model(x), y, weight=weight)
    assert loss.divisor is None


@pytest.mark.parametrize("without_gradients", [torch.no_grad, torch.inference_mode])
def test_a_validation_between_two_steps_is_not_counted(without_gradients):
    """Also by a loss that is no part of the model, whose mode `model.eval()` leaves as it is."""
    x, y = table(8)
    model, loss = torch.nn.Linear(3, 2), mt.AccumulatedMean(mt.MaskedMSELoss(missing=NAN))
    single = mt.MaskedMSELoss(missing=NAN)
    single(model(x), y).backward()
    expected = [p.grad for p in model.parameters()]
    model.zero_grad()
    for rows in (slice(0, 3), slice(3, 8)):
        loss(model(x[rows]), y[rows]).backward()
        with without_gradients():
            assert loss(model(x), y) == single(model(x), y)
    loss.divide_gradients(model.parameters())
    torch.testing.assert_close([p.grad for p in model.parameters()], expected)


def test_nothing_observed_and_nothing_called():
    model, loss = torch.nn.Linear(3, 2), mt.AccumulatedMean(mt.MaskedMSELoss(missing=NAN))
    loss.divide_gradients(model.parameters())
    loss(model(torch.ones(1, 3)), torch.full((1, 2), NAN)).backward()
    loss.divide_gradients(model.parameters())
    assert all(torch.equal(p.grad, torch.zeros_like(p)) for p in model.parameters())


def test_losses_without_sums_over_steps_are_refused():
    with pytest.raises(ValueError, match="must have the reduction 'mean' or 'weighted_mean'"):
        mt.AccumulatedMean(mt.MaskedMSELoss(reduction="none"))
    with pytest.raises(TypeError, match="must be a module of maskloss"):
        mt.AccumulatedMean(torch.nn.MSELoss())


def test_gradients_that_are_elsewhere_are_not_divided_in_silence():
    """As in DeepSpeed ZeRO, which takes gradients away during the backward pass."""
    parameter = torch.nn.Parameter(torch.ones(2))
    loss = mt.AccumulatedMean(mt.MaskedMSELoss())
    loss(parameter, torch.zeros(2)).backward()
    parameter.grad = None
    with pytest.raises(RuntimeError, match=r"no gradient to divide.*count first with `start`"):
        loss.divide_gradients([parameter])
    assert loss.divisor is None


def test_gradients_in_float64_are_divided_in_float64():
    x = torch.nn.Parameter(torch.ones(3, dtype=torch.float64))
    loss = mt.AccumulatedMean(mt.MaskedMSELoss())
    loss(x, torch.zeros(3, dtype=torch.float64)).backward()
    loss.divide_gradients([x])
    assert (x.grad - 2 / 3).abs().max() < 2e-16


@pytest.mark.parametrize("reduction", ["mean", "weighted_mean", "macro", "samples"])
def test_counting_first(reduction):
    x, y = table(8)
    weight = torch.rand(8, 2, generator=torch.Generator().manual_seed(1))
    model, big = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    big.load_state_dict(model.state_dict())
    single = mt.MaskedMSELoss(missing=NAN, reduction=reduction)
    want = single(big(x), y, weight=weight)
    want.backward()
    loss, step = mt.AccumulatedMean(single), (slice(0, 1), slice(1, 5), slice(5, 8))
    for _ in range(2):
        model.zero_grad()
        loss.start(sum(ml.count(single, y[rows], weight=weight[rows]) for rows in step))
        for rows in step:
            loss(model(x[rows]), y[rows], weight=weight[rows]).backward()
        with pytest.raises(RuntimeError, match="need no division after `start`"):
            loss.divide_gradients(model.parameters())
        torch.testing.assert_close(loss.finish(), want.detach(), check_dtype=False)
        torch.testing.assert_close(
            [p.grad for p in model.parameters()], [p.grad for p in big.parameters()]
        )


def test_a_step_is_started_before_its_first_batch():
    x = torch.nn.Parameter(torch.ones(3))
    macro = mt.AccumulatedMean(mt.MaskedMSELoss(reduction="macro"))
    with pytest.raises(RuntimeError, match=r"call `start\(sum"):
        macro(x, torch.zeros(3))
    with pytest.raises(RuntimeError, match="a step that `start` began"):
        macro.finish()
    mean = mt.AccumulatedMean(mt.MaskedMSELoss())
    mean(x, torch.zeros(3)).backward()
    with pytest.raises(RuntimeError, match="before the first batch of a step"):
        mean.start(ml.count(mean.loss, torch.zeros(3)))


def test_all_reduce_in_one_process_returns_its_argument():
    sums = mt.MaskedMSELoss()(torch.ones(2), torch.zeros(2), reduction="sums")
    assert mt.all_reduce(sums) is sums
    with pytest.raises(TypeError, match=r"must be Sums or ObjectiveSums, got torch\.Tensor"):
        mt.all_reduce(sums.total)


def test_losses_of_the_user_s_own_formula():
    """The reduction alone as a module: accumulated, and as the hook of a Trainer."""
    x, y = table(8)
    model, big = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    big.load_state_dict(model.state_dict())

    def own(prediction, labels):
        prediction, labels, _ = ml.fill_unobserved(prediction, labels, missing=NAN)
        return -torch.sin(prediction - labels)

    mt.MaskedMeanLoss(missing=NAN)(own(big(x), y), y).backward()
    loss = mt.AccumulatedMean(mt.MaskedMeanLoss(missing=NAN))
    for rows in (slice(0, 1), slice(1, 5), slice(5, 8)):
        loss(own(model(x[rows]), y[rows]), y[rows]).backward()
    loss.divide_gradients(model.parameters())
    torch.testing.assert_close(
        [p.grad for p in model.parameters()], [p.grad for p in big.parameters()]
    )
    hook = mt.compute_loss_func(mt.MaskedMeanLoss(missing=-100))
    labels = torch.where(y.isnan(), -100.0, y)
    got = hook({"logits": own(model(x), y)}, labels, num_items_in_batch=4)
    torch.testing.assert_close(got, own(model(x), y)[~y.isnan()].sum() / 4)
