"""A masked loss in a task of torchgeo."""

import importlib.util

import pytest
import torch

from helpers import pages
from helpers.package import ROOT

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def task():
    """Return the task of the page; torchvision needs what the example does before."""
    place = importlib.util.spec_from_file_location("vision", ROOT / "examples" / "vision.py")
    vision = importlib.util.module_from_spec(place)
    place.loader.exec_module(vision)
    namespace = {}
    (block,) = pages.blocks_of("docs/faces/torchgeo.md")
    exec(block, namespace)
    torch.manual_seed(0)
    yield namespace["MaskedTask"](model="fcn", in_channels=3, num_filters=4)
    del vision  # its operators live as long as the module


def gradients(task, images, heights):
    task.zero_grad()
    task.log = task.log_dict = lambda *_, **__: None  # there is no trainer
    loss = task.training_step({"image": images, "mask": heights}, 0)
    loss.backward()
    return loss.detach(), [p.grad.clone() for p in task.parameters()]


def test_pixels_that_are_nan_count_for_nothing(task):
    images, heights = torch.randn(2, 3, 8, 8), torch.randn(2, 1, 8, 8)
    known = torch.rand(2, 1, 8, 8) < 0.3
    value, slopes = gradients(task, images, torch.where(known, heights, torch.nan))

    task.zero_grad()
    want = (task(images) - heights)[known].square().mean()
    want.backward()
    torch.testing.assert_close(value, want.detach())
    for ours, parameter in zip(slopes, task.parameters(), strict=True):
        torch.testing.assert_close(ours, parameter.grad, rtol=1e-4, atol=1e-6)
