"""Two processes with different gaps: means of their means mislead, sums do not."""

import tempfile
from pathlib import Path

import torch

from maskloss.torch import MaskedMSELoss, all_reduce

TRUTH = torch.tensor([[2.0], [-1.0]])
LOSS = MaskedMSELoss(missing=float("nan"))


def data(rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return rows of one process: the first knows all labels, the second a few wrong ones."""
    x = torch.randn(64, 2, generator=torch.Generator().manual_seed(rank))
    y = x @ TRUTH
    if rank == 1:
        y += 3
        y[4:] = float("nan")
    return x, y


def train(rank: int, folder: str) -> None:
    """Train with each of two losses, and print how far the model is from the truth."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/group", rank=rank, world_size=2
    )
    x, y = data(rank)
    biases = {}
    for name, loss_of in {
        "mean of the means": lambda prediction: LOSS(prediction, y),
        "mean of all": lambda prediction: all_reduce(LOSS(prediction, y, reduction="sums")).mean(),
    }.items():
        torch.manual_seed(0)
        model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(2, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(200):
            optimizer.zero_grad()
            loss_of(model(x)).backward()
            optimizer.step()
        bias = biases[name] = model.module.bias.item()
        if rank == 0:
            print(f"{name}: bias {bias:.2f}; 4 of 68 labels are 3 too large, which is 0.18 each")
    assert abs(biases["mean of all"] - 12 / 68) < 0.01 < biases["mean of the means"] - 12 / 68
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(train, (str(Path(folder)),), nprocs=2)
