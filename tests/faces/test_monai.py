"""A masked loss with a network of MONAI."""

import pytest
import torch

from helpers import pages

pytestmark = pytest.mark.filterwarnings("ignore")


def test_the_page_runs_and_the_hidden_organ_has_no_gradient():
    namespace = {}
    (block,) = pages.blocks_of("docs/faces/monai.md")
    exec(block, namespace)
    *_, last = namespace["net"].parameters()  # the biases of the two organs
    assert last.shape == (2,)
    assert last.grad[0] != 0
    assert torch.equal(last.grad[1], torch.tensor(0.0))
