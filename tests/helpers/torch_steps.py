"""Batches with ever more gaps, and the process that trains on some: one that can be spawned."""

import math

import torch

import maskloss.torch as mt

NAN = math.nan


def table(rows):
    """Features, and targets of which the later rows have ever fewer."""
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(rows, 3, generator=generator), torch.randn(rows, 2, generator=generator)
    y[torch.rand(y.shape, generator=generator) < torch.linspace(0, 1, rows)[:, None]] = NAN
    return x, y


def train_one_of_two(rank, file, results):
    """One process: its share of the batches, through DistributedDataParallel."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{file}", rank=rank, world_size=2
    )
    x, y = table(9)
    torch.manual_seed(0)
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(3, 2))
    loss = mt.AccumulatedMean(mt.MaskedMSELoss(missing=NAN))
    for rows in ((slice(0, 1), slice(1, 3)), (slice(3, 6), slice(6, 9)))[rank]:
        loss(model(x[rows]), y[rows]).backward()
    loss.divide_gradients(model.parameters())
    if rank == 0:
        results.put([p.grad.tolist() for p in model.parameters()])
    # One that leaves while the other still sends is aborted.
    del model, loss
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()
