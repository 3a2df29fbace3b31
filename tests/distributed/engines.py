"""Real engines beside one process: `nox -s distributed` runs these checks, each by itself.

`python tests/distributed/engines.py NAME ...` runs the named ones, by default all but those of
`REQUESTED`, whose packages are large. Each trains a linear model for two steps on rows whose gaps
grow, in two processes, and compares its parameters with one process on all rows.
"""

import contextlib
import copy
import importlib
import itertools
import math
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch

import maskloss as ml
import maskloss.torch as mt

os.environ["HF_HUB_OFFLINE"] = "1"
NAN, RATE, ROWS, STEPS, RANKS = math.nan, 0.5, 8, 2, 2


def data():
    """Features and targets; the second half has few labels."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(STEPS * ROWS, 3, generator=generator)
    y = torch.randn(STEPS * ROWS, 2, generator=generator)
    share = torch.linspace(0, 1, ROWS).repeat(STEPS)[:, None]
    return x, torch.where(torch.rand(y.shape, generator=generator) < share, NAN, y)


def model():
    torch.manual_seed(0)
    return torch.nn.Linear(3, 2)


LOSS = mt.MaskedMSELoss(missing=NAN)


def one_process(loss=LOSS):
    """Return the parameters after all steps on all rows."""
    net, (x, y) = model(), data()
    for step in range(STEPS):
        rows = slice(step * ROWS, (step + 1) * ROWS)
        net.zero_grad()
        loss(net(x[rows]), y[rows]).backward()
        with torch.no_grad():
            for parameter in net.parameters():
                parameter -= RATE * parameter.grad
    return dict(net.state_dict())


def batches(rank):
    """Return the accumulated batches of each step of one process: three rows, and five."""
    x, y = data()
    bounds = (0, 1, 3) if rank == 0 else (3, 5, 8)
    return [
        [
            (x[step * ROWS + a : step * ROWS + b], y[step * ROWS + a : step * ROWS + b])
            for a, b in itertools.pairwise(bounds)
        ]
        for step in range(STEPS)
    ]


def check(net, name, want=None):
    """Raise unless the parameters are those of one process; print the largest difference."""
    want = one_process() if want is None else want
    got = {key.removeprefix("module."): value for key, value in net.items()}
    worst = max(float((got[key] - want[key]).abs().max()) for key in want)
    assert worst < 1e-6, f"{name}: off by {worst}"
    if int(os.environ.get("RANK", "0")) == 0:
        print(f"{name}: off by {worst:.1e}")


def whole(tensors):
    return {k: v.full_tensor() if hasattr(v, "full_tensor") else v for k, v in tensors.items()}


# Loops of one's own


def loop(net, rank, way, *, no_sync=None):
    """Train by one of the ways that a loop has."""
    mean = mt.AccumulatedMean(LOSS)
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
    for step in batches(rank):
        optimizer.zero_grad()
        if way == "all_reduce":
            x, y = (torch.cat(parts) for parts in zip(*step, strict=True))
            mt.all_reduce(LOSS(net(x), y, reduction="sums")).mean().backward()
        elif way == "all_gather":
            x, y = (torch.cat(parts) for parts in zip(*step, strict=True))
            LOSS(*mt.all_gather(net(x), y)).backward()
        elif way == "start":
            mean.start(sum(ml.count(LOSS, y) for _, y in step))
        if not way.startswith("all_"):
            for x, y in step:
                mean(net(x), y).backward()
        if way == "divide":
            mean.divide_gradients(net.parameters())
        elif way == "start":
            mean.finish()
        optimizer.step()


def ddp(rank):
    for way in ("all_reduce", "all_gather", "divide", "start"):
        net = torch.nn.parallel.DistributedDataParallel(model())
        loop(net, rank, way)
        check(net.state_dict(), f"DistributedDataParallel, {way}")


def compiled(rank):
    net = model()
    step = torch.compile(
        lambda x, y: mt.all_reduce(LOSS(net(x), y, reduction="sums")).mean(), fullgraph=True
    )
    x, y = (torch.cat(parts) for parts in zip(*batches(rank)[0], strict=True))
    mt.all_reduce(LOSS(net(x), y, reduction="sums"))  # shapes are compared in eager mode
    step(x, y).backward()
    other, (all_x, all_y) = model(), data()
    LOSS(other(all_x[:ROWS]), all_y[:ROWS]).backward()
    for parameter in net.parameters():
        torch.distributed.all_reduce(parameter.grad)
    got, want = (
        {key: parameter.grad for key, parameter in of.named_parameters()} for of in (net, other)
    )
    check({key: grad / RANKS for key, grad in got.items()}, "torch.compile(fullgraph=True)", want)


def fsdp2(rank):
    from torch.distributed.fsdp import fully_shard

    for way in ("all_reduce", "all_gather", "divide", "start"):
        net = model()
        fully_shard(net)
        loop(net, rank, way)
        check(whole(net.state_dict()), f"FSDP2, {way}")


def pipeline(rank):
    """Two stages, which see all labels in microbatches; a mean of each is another gradient."""
    from torch.distributed.pipelining import PipelineStage, Schedule1F1B, ScheduleGPipe

    x, y = data()
    torch.manual_seed(0)
    stages = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
    LOSS(stages(x), y).backward()
    want = {name: parameter.grad for name, parameter in stages[rank].named_parameters()}
    divisor = ml.count(LOSS, y).count

    def of_all(outputs, targets):
        return ml.mse_loss(outputs, targets, missing=NAN, divisor=divisor)

    for kind in (ScheduleGPipe, Schedule1F1B):
        for loss in (of_all, LOSS):
            own = copy.deepcopy(stages[rank])
            own.zero_grad()
            stage = PipelineStage(own, rank, RANKS, torch.device("cpu"))
            # Of means, torch divides the gradients by the number of microbatches.
            schedule = kind(stage, n_microbatches=4, loss_fn=loss, scale_grads=loss is LOSS)
            schedule.step(x) if rank == 0 else schedule.step(target=y)
            got = {name: parameter.grad for name, parameter in own.named_parameters()}
            if loss is of_all:
                check(got, f"pipeline, {kind.__name__}", want)
            else:
                worst = max(float((got[key] - want[key]).abs().max()) for key in want)
                assert worst > 1e-2, worst


# Frameworks


def accelerate(rank):
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    net = model()
    net, optimizer = accelerator.prepare(net, torch.optim.SGD(net.parameters(), lr=RATE))
    mean = mt.AccumulatedMean(LOSS)
    for step in batches(rank):
        mean.start(sum(ml.count(LOSS, y) for _, y in step))
        for x, y in step:
            with accelerator.accumulate(net):
                # accelerate divides each loss by the number of accumulated batches
                accelerator.backward(2 * mean(net(x), y))
                optimizer.step()
                optimizer.zero_grad()
        mean.finish()
    check(net.state_dict(), "accelerate, start")


def trainer(rank):
    from transformers import Trainer, TrainingArguments

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = model()

        def forward(self, x):
            return {"logits": self.net(x)}

    for reduction in ("mean", "weighted_mean", "mean_over_all", "macro", "samples"):
        for counts in ("trainer", "loss")[reduction != "mean" :]:
            loss = mt.MaskedMSELoss(missing=-100, reduction=reduction)
            # The sampler gives every other batch of two rows to each process.
            x, y = data()
            y = torch.nan_to_num(y, nan=-100)
            rows = [{"x": a, "labels": b} for a, b in zip(x, y, strict=True)]
            with tempfile.TemporaryDirectory() as folder:
                arguments = TrainingArguments(
                    output_dir=folder,
                    per_device_train_batch_size=2,
                    gradient_accumulation_steps=2,
                    num_train_epochs=1,
                    learning_rate=RATE,
                    lr_scheduler_type="constant",
                    optim="sgd",
                    max_grad_norm=0.0,
                    use_cpu=True,
                    report_to="none",
                    save_strategy="no",
                    logging_strategy="no",
                    disable_tqdm=True,
                    remove_unused_columns=False,
                    ddp_backend="gloo",
                    train_sampling_strategy="sequential",
                )
                hook = mt.compute_loss_func(loss, counts=counts)
                net = Model()
                assert arguments.world_size == RANKS
                made = Trainer(net, arguments, train_dataset=rows, compute_loss_func=hook)
                (hook.attach(made) if counts == "loss" else made).train()
            want = one_process(mt.MaskedMSELoss(missing=NAN, reduction=reduction))
            check(net.net.state_dict(), f"Trainer, {reduction} counted by the {counts}", want)


@contextlib.contextmanager
def in_group(rank, folder):
    """Be one of the processes of a group."""
    torch.set_num_threads(1)
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(RANKS))
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29511")
    torch.distributed.init_process_group(
        "gloo",
        init_method=f"file://{folder}/group",
        rank=rank,
        world_size=RANKS,
        timeout=timedelta(seconds=60),
    )
    yield
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


def run(rank, name, folder):
    with in_group(rank, folder):
        globals()[name](rank)


# What starts its own processes


def lightning():
    """Lightning starts the second process by itself, as this script once more."""
    import lightning as pl

    sys.argv[1:] = ["lightning"]  # not the checks before it

    class Model(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.net, self.mean = model(), mt.AccumulatedMean(LOSS)

        def training_step(self, batch, _):
            x, y = batch
            return self.mean(self.net(x), y)

        def on_before_optimizer_step(self, _):
            steps = self.trainer.accumulate_grad_batches
            self.mean.divide_gradients(self.net.parameters(), steps=steps)
            self.log("loss", self.mean.value)  # the same in each process

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=RATE)

        def train_dataloader(self):
            # Lightning's own sampler shuffles, and repeats rows to even out the processes.
            rows = torch.utils.data.TensorDataset(*data())
            own = torch.utils.data.Subset(rows, range(self.trainer.global_rank, len(rows), RANKS))
            return torch.utils.data.DataLoader(own, batch_size=2)

    net = Model()
    pl.Trainer(
        accelerator="cpu",
        devices=RANKS,
        strategy="ddp",
        max_epochs=1,
        accumulate_grad_batches=2,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
    ).fit(net)
    os.environ["RANK"] = os.environ.get("LOCAL_RANK", "0")
    check(net.net.state_dict(), "Lightning ddp, divide_gradients")


def dask():
    import dask.array as da

    from distributed import Client

    x, y = data()
    x = model()(x).detach()
    want = float(LOSS(x, y))
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        parts = [
            client.submit(
                ml.mse_loss, x[k::2].numpy(), y[k::2].numpy(), missing=NAN, reduction="sums"
            )
            for k in range(2)
        ]
        of_futures = float(sum(client.gather(parts)).mean())
        chunked = [da.from_array(array.numpy(), chunks=(3, 2)) for array in (x, y)]
        lazily = float(ml.mse_loss(*chunked, missing=NAN).compute())
    for way, got in (("futures", of_futures), ("chunks", lazily)):
        assert abs(got - want) < 1e-6, way
        print(f"dask cluster, {way}: off by {abs(got - want):.1e}")


def _jax_process(rank):
    import jax
    import jax.numpy as jnp
    from jax.sharding import NamedSharding, PartitionSpec

    jax.distributed.initialize("127.0.0.1:29513", RANKS, rank)
    mesh = jax.make_mesh((RANKS,), ("data",))
    x, y = (array[:, :2].numpy() for array in data())
    rows = slice(0, 11) if rank == 0 else slice(11, 16)
    padded = [np.full((11, 2), NAN, np.float32) for _ in (x, y)]
    for into, array in zip(padded, (x, y), strict=True):
        into[: rows.stop - rows.start] = array[rows]
    sharding = NamedSharding(mesh, PartitionSpec("data"))
    parts = [jax.make_array_from_process_local_data(sharding, array) for array in padded]

    def local(x, y):
        return jax.lax.psum(ml.mse_loss(x, y, missing=NAN, reduction="sums"), "data").mean()

    split, whole = PartitionSpec("data"), PartitionSpec()
    mapped = jax.shard_map(local, mesh=mesh, in_specs=(split, split), out_specs=whole)
    got = jax.jit(mapped)(*parts)
    want = ml.mse_loss(jnp.asarray(x), jnp.asarray(y), missing=NAN)
    assert abs(float(got) - float(want)) < 1e-6, (got, want)
    if rank == 0:
        print(f"jax.distributed, shard_map: off by {abs(float(got) - float(want)):.1e}")


def jax_distributed():
    """Rows without a label fill up the process that has fewer."""
    torch.multiprocessing.spawn(_jax_process, nprocs=RANKS)


SPAWNED = ("ddp", "compiled", "fsdp2", "pipeline", "accelerate", "trainer")
OTHERS = ("lightning", "dask", "jax_distributed")
REQUESTED = ("deepspeed", "keras", "ray", "spark", "xgboost")

if __name__ == "__main__":
    for name in sys.argv[1:] or (*SPAWNED, *OTHERS):
        if name in REQUESTED:
            getattr(importlib.import_module("requested"), name)()
        elif name in SPAWNED:
            with tempfile.TemporaryDirectory() as folder:
                torch.multiprocessing.spawn(run, (name, str(Path(folder))), nprocs=RANKS)
        else:
            globals()[name]()
