"""Means over all batches and processes of one optimizer step."""

import pytest
import torch

import maskloss.torch as mt
from helpers.torch_steps import NAN, table, train_one_of_two


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


def test_means_of_other_kinds_are_refused():
    with pytest.raises(ValueError, match="must have the reduction 'mean' or 'weighted_mean'"):
        mt.AccumulatedMean(mt.MaskedMSELoss(reduction="macro"))
    with pytest.raises(TypeError, match="must be a module of maskloss"):
        mt.AccumulatedMean(torch.nn.MSELoss())


def test_processes(tmp_path):
    context = torch.multiprocessing.get_context("spawn")
    results = context.Queue()
    torch.multiprocessing.spawn(train_one_of_two, (tmp_path / "meeting", results), nprocs=2)
    torch.manual_seed(0)
    model, (x, y) = torch.nn.Linear(3, 2), table(9)
    mt.MaskedMSELoss(missing=NAN)(model(x), y).backward()
    got = [torch.tensor(gradient) for gradient in results.get()]
    torch.testing.assert_close(got, [p.grad for p in model.parameters()])
