"""Losses of maskloss in an estimator of gluonts, against gluonts' own."""

import pytest
import torch
from gluonts.torch.distributions import QuantileOutput
from gluonts.torch.model.d_linear import DLinearLightningModule

import maskloss as ml
from helpers import pages

SIZES = {"prediction_length": 4, "context_length": 8, "hidden_dimension": 5}
OPTIONS = {"distr_output": QuantileOutput([0.5]), "kernel_size": 3, "scaling": "std"}


def page():
    namespace = {}
    for block in pages.blocks_of("docs/faces/gluonts.md"):
        exec(block, namespace)
    return namespace


def batch():
    generator = torch.Generator().manual_seed(0)
    past, future = torch.randn(6, 8, generator=generator), torch.randn(6, 4, generator=generator)
    seen = (torch.rand(6, 4, generator=generator) < 0.6).float()
    seen[:, 0] = 1  # each window has a target
    return {
        "past_target": past,
        "past_observed_values": torch.ones(6, 8),
        "future_target": future,
        "future_observed_values": seen,
    }


def value_and_gradients(module, loss):
    module.zero_grad()
    loss.backward()
    return [loss.detach(), *(p.grad.clone() for p in module.parameters())]


def test_the_mean_of_each_window_is_that_of_gluonts():
    torch.manual_seed(0)
    module = DLinearLightningModule({**SIZES, **OPTIONS})
    given = batch()
    want = value_and_gradients(module, module.model.loss(**given).mean())
    (medians,), loc, scale = module(given["past_target"], given["past_observed_values"])
    numbers = medians[..., 0] * scale + loc
    mask = given["future_observed_values"] > 0
    loss = ml.l1_loss(numbers, given["future_target"], mask=mask, reduction="samples")
    for ours, theirs in zip(value_and_gradients(module, loss), want, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-7)


def test_the_output_of_the_page_is_masked_by_gluonts():
    torch.manual_seed(0)
    module = DLinearLightningModule({**SIZES, **OPTIONS, "distr_output": page()["Huber"]([0.5])})
    given = batch()
    want = value_and_gradients(module, module.model.loss(**given).mean())
    (medians,), loc, scale = module(given["past_target"], given["past_observed_values"])
    numbers = medians[..., 0] * scale + loc
    mask = given["future_observed_values"] > 0
    loss = ml.huber_loss(numbers, given["future_target"], mask=mask, reduction="samples")
    for ours, theirs in zip(value_and_gradients(module, loss), want, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("poison", [float("nan"), 1e30])
def test_the_module_of_the_page_ignores_what_was_not_observed(poison):
    torch.manual_seed(0)
    module = page()["Masked"]({**SIZES, **OPTIONS})
    given = batch()
    want = value_and_gradients(module, module.training_step(given, 0))
    hidden = given["future_observed_values"] == 0
    given["future_target"] = torch.where(hidden, poison, given["future_target"])
    for ours, clean in zip(
        value_and_gradients(module, module.training_step(given, 0)), want, strict=True
    ):
        assert torch.equal(ours, clean)
