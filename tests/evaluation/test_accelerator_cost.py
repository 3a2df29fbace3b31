"""What a call costs on an accelerator, counted on tensors without values."""

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"

pytestmark = pytest.mark.needs("torch")


@pytest.fixture
def part(monkeypatch, backend):
    """A module of the benchmark, by its name."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


def test_no_loss_costs_more_than_its_budget(part):
    from maskloss._evaluation.chunks import CHUNK_BYTES

    rows = part("accelerator").ROWS
    costs = {row.name: row.ours() for row in rows}
    over = {
        row.name: str(costs[row.name])
        for row in rows
        if costs[row.name].kernels > row.kernels
        or costs[row.name].passes > row.passes
        or costs[row.name].peak > row.peak
    }
    assert not over
    assert max(cost.peak for cost in costs.values()) * CHUNK_BYTES < 256e6


def test_the_counter_counts_by_hand(part):
    import torch

    x = torch.empty(100, 10, device="meta")

    def work(x):
        y = x + 1  # reads x, writes y
        y.mul_(2)  # reads and writes y
        return y.sum() + x.T.sum()  # reads each; adds two numbers

    cost = part("kernels").count(work, x)
    assert cost.kernels == 5
    assert cost.passes == pytest.approx(6, abs=0.01)
    assert cost.peak == pytest.approx(1, abs=0.01)


def test_memory_beyond_the_gradient_does_not_grow_with_the_batch(part):
    import torch

    import maskloss as ml
    from maskloss._evaluation.chunks import CHUNK_BYTES

    def work(x, y, mask):
        ml.binary_cross_entropy_with_logits(x, y, mask=mask).backward()

    def cost(chunks):
        arrays = [torch.empty(chunks * CHUNK_BYTES // 32, 8, device="meta") for _ in range(3)]
        x, y, mask = arrays[0].requires_grad_(), arrays[1], arrays[2] > 0
        return part("kernels").count(work, x, y, mask).peak * chunks * CHUNK_BYTES

    constant = 80 * 2**20
    for chunks in (2, 8):
        assert cost(chunks) <= 2.1 * chunks * CHUNK_BYTES + constant
