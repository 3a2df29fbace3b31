"""Everything that four processes of torch compare with one process: to be run alone.

Each function returns what is wrong, as lines. The processes hold rows of one table: the first has
one row, the second none, the third one, and the last the others.
"""

import sys
import tempfile
import warnings
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch

import maskloss as ml
import maskloss.torch as mt
from helpers.torch_gather import whole_batches
from helpers.torch_steps import NAN, table
from tables.cases import CASES

RANKS = 4
SECONDS = 15  # after which a collective that hangs fails
EPSILONS = 8
REDUCTIONS = ("sum", "mean", "weighted_mean", "mean_over_all", "macro", "samples")


def rows_of(rank, number):
    starts = [0, 1, 1, 2, number]
    return slice(starts[rank], starts[rank + 1])


def tensors(case, x, y, mask, weight):
    options = {**case.options, "mask": mask, "weight": weight}
    options = {k: torch.asarray(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    return torch.asarray(x).requires_grad_(), torch.asarray(y), options


def reduced(case, reduction, x, y, options):
    """Return the global loss in the words of several processes."""

    def sums(**keywords):
        return case.loss(x, y, **options, reduction="sums", **keywords)

    if reduction == "mean_over_all":
        counts = ml.count(case.loss, y, shape=tuple(x.shape), **options, reduction=reduction)
        return mt.all_reduce(sums()).total / mt.all_reduce(counts).count
    if reduction in {"macro", "samples"}:
        ndim = len(case.entry_shape(np.empty(x.shape)))
        kept = 0 if reduction == "samples" else ndim - 1
        parts = sums(axis=tuple(k for k in range(ndim) if k != kept))
        if reduction == "macro" and ndim > 1:
            return mt.all_reduce(parts).means().mean()
        return mt.all_reduce(parts.means()).mean()
    whole = mt.all_reduce(sums())
    return {"sum": whole.total, "mean": whole.mean(), "weighted_mean": whole.weighted_mean()}[
        reduction
    ]


def gradients(case, reduction, rank):
    """Return value and gradient of one process on all rows, and of this process on its own."""
    x, y, mask, weight = case.arrays()
    rows = rows_of(rank, len(x))
    whole = tensors(case, x, y, mask, weight)
    value = case.loss(whole[0], whole[1], **whole[2], reduction=reduction)
    (gradient,) = torch.autograd.grad(value, whole[0])
    part = case.at(rows, x.shape)
    own = tensors(part, x[rows], y[rows], mask[rows], weight[rows])
    got = reduced(part, reduction, *own)
    (mine,) = torch.autograd.grad(got, own[0])
    return (value.detach(), gradient[rows]), (got.detach(), mine / RANKS)


def is_split_by_rows(case):
    x, *_, weight = case.arrays()
    return case.is_split and 0 not in case.row_axes(x.shape) and weight.shape[:1] == x.shape[:1]


def is_close(a, b):
    scale = max(1.0, float(a.abs().max())) if a.numel() else 1.0
    return torch.allclose(a, b, rtol=0, atol=EPSILONS * 2.3e-16 * scale)


def every_case(rank):
    """All losses that split, and all reductions, within a few epsilons."""
    lines, number = [], 0
    for case in filter(is_split_by_rows, CASES):
        for reduction in REDUCTIONS:
            if reduction == "macro" and len(case.entry_shape(case.arrays()[0])) != 2:
                continue
            try:
                want, got = gradients(case, reduction, rank)
            except Exception as error:  # noqa: BLE001 - the test shows it
                lines.append(f"{case.name}, {reduction}: {error!r}")
                continue
            number += 1
            if not all(map(is_close, want, got)):
                lines.append(f"{case.name}, {reduction}: {got[0]}, not {want[0]}")
    return [*lines, *([] if number > 300 else [f"only {number} compared"])]


def dyadic_table():
    """Numbers of which all sums are exact, with 16 observed labels in 8 rows."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(-1, 2, (8, 4), generator=generator).float()
    y = torch.randint(-4, 5, (8, 4), generator=generator) / 2
    known = torch.arange(8)[:, None] >= torch.tensor([0, 2, 6, 8])
    assert known.sum() == 16
    return x, torch.where(known, y, NAN)


def trained(step, *, parallel):
    """Return the parameters of a linear model after two steps, and the last value."""
    model = torch.nn.Linear(4, 4)
    with torch.no_grad():
        model.weight.copy_((torch.arange(16).reshape(4, 4) % 5 - 2) / 2)
        model.bias.copy_(torch.arange(4) / 2)
    net = torch.nn.parallel.DistributedDataParallel(model) if parallel else model
    value = None
    for _ in range(2):
        model.zero_grad()
        value = step(net)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= parameter.grad / 4
    return [p.detach().clone() for p in model.parameters()], value


def steps_of_ranks(rank):
    """Return the ways to take one step on the rows of a process; the last three are wrong."""
    x, y = dyadic_table()
    rows = rows_of(rank, len(x))
    single, count = mt.MaskedMSELoss(missing=NAN), torch.tensor(16.0)
    divided = mt.AccumulatedMean(single)
    started = mt.AccumulatedMean(single)

    def of_sums(net):
        loss = mt.all_reduce(single(net(x[rows]), y[rows], reduction="sums")).mean()
        loss.backward()
        return loss.detach()

    def divide_last(net):
        divided(net(x[rows]), y[rows]).backward()
        divided.divide_gradients(net.parameters())
        return divided.value

    def count_first(net):
        started.start(ml.count(single, y[rows]))
        started(net(x[rows]), y[rows]).backward()
        return started.finish()

    def divide_by(divisor):
        def step(net):
            single(net(x[rows]), y[rows], divisor=divisor).backward()

        return step

    right = {"all_reduce": of_sums, "divide_gradients": divide_last, "start": count_first}
    right["divisor"] = divide_by(count / RANKS)
    return right, {"local mean": divide_by(None), "divisor without ranks": divide_by(count)}


def bits(rank):
    """Value and parameters have the bits of one process; wrong ways do not."""
    x, y = dyadic_table()

    def one_process(model):
        loss = mt.MaskedMSELoss(missing=NAN)(model(x), y)
        loss.backward()
        return loss.detach()

    want, value = trained(one_process, parallel=False)
    right, wrong = steps_of_ranks(rank)
    lines = []
    for name, step in right.items():
        got, mean = trained(step, parallel=True)
        is_same = all(map(torch.equal, got, want)) and (mean is None or mean.item() == value.item())
        lines += [] if is_same else [f"{name}: other bits, {mean}, not {value}"]
    for name, step in wrong.items():
        got, _ = trained(step, parallel=True)
        lines += [f"{name} is as right"] if all(map(torch.equal, got, want)) else []
    return lines


HEADS = {
    "kind": ml.Head(ml.cross_entropy, missing=-1, weight=0.5),
    "size": ml.Head(ml.mse_loss, missing=NAN, reduction="weighted_mean"),
    "none": ml.Head(ml.l1_loss, missing=NAN),
}


def objectives(rank):
    """Learned weights, over accumulated batches too, and a head without any label."""
    generator = torch.Generator().manual_seed(1)
    x, (_, sizes) = torch.randn(9, 6, generator=generator, dtype=torch.float64), table(9)
    targets = {
        "kind": torch.tensor([0, -1, 2, 1, -1, -1, 1, 0, -1]),
        "size": sizes[:, 0].double(),
        "none": torch.full((9,), NAN, dtype=torch.float64),
    }
    weight = torch.rand(9, generator=generator, dtype=torch.float64)

    def run(objective, rows, **keywords):
        """Return outputs and the arguments of a call."""
        predictions = {"kind": x[rows] @ matrix[:, :3], "size": x[rows] @ matrix[:, 3]}
        predictions["none"] = x[rows] @ matrix[:, 4]
        batch = {name: labels[rows] for name, labels in targets.items()}
        return objective(predictions, batch, weight={"size": weight[rows]}, **keywords)

    def made():
        objective = mt.MultiObjective(HEADS).double()
        with torch.no_grad():
            objective.log_variances.copy_(torch.tensor([0.3, -0.2, 0.7]))
        return objective

    def derivatives(objective, total):
        return torch.autograd.grad(total, [matrix, objective.log_variances])

    matrix = torch.randn(6, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    rows, one = rows_of(rank, 9), made()
    result = run(one, slice(None))
    want = derivatives(one, result.total)
    objective, lines = made(), []
    whole = objective.combine(mt.all_reduce(run(objective, rows, reduction="sums")))
    lines += differences("all_reduce", want, derivatives(objective, whole.total), result, whole)

    mean = mt.AccumulatedMean(objective)
    ends = range(rows.start, rows.stop, 2)
    batches = [slice(n, min(n + 2, rows.stop)) for n in ends] or [rows]
    counts = [
        ml.count(objective, {k: v[b] for k, v in targets.items()}, weight={"size": weight[b]})
        for b in batches
    ]
    mean.start(sum(counts))
    parts = [derivatives(objective, run(mean, b).total) for b in batches]
    got = [sum(each) for each in zip(*parts, strict=True)]
    finished = mean.finish()
    lines += differences("start", want, got, result, result._replace(total=finished))
    return lines


def differences(name, want, got, result, other):
    """Compare the total, and gradients that an engine averages over the processes."""
    lines = [] if is_close(result.total.detach(), other.total.detach()) else [f"{name}: {other}"]
    for one, mine in zip(want, got, strict=True):
        torch.distributed.all_reduce(mine)
        if not is_close(one, mine / RANKS):
            lines.append(f"{name}: gradient {mine / RANKS}, not {one}")
    return lines


def reductions_of_steps(rank):
    """AccumulatedMean of every reduction, over batches of one row."""
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(9, 2, generator=generator, dtype=torch.float64, requires_grad=True)
    y, lines = table(9)[1].double(), []
    weight = torch.rand(9, 2, generator=generator, dtype=torch.float64)
    rows = rows_of(rank, 9)
    batches = [slice(n, n + 1) for n in range(rows.start, rows.stop)] or [rows]
    for reduction in REDUCTIONS[1:]:
        loss = mt.MaskedMSELoss(missing=NAN, reduction=reduction)
        value = loss(x, y, weight=weight)
        (want,) = torch.autograd.grad(value, x)
        for averaged in (True, False):
            mean = mt.AccumulatedMean(loss, averaged=averaged)
            mean.start(sum(ml.count(loss, y[b], weight=weight[b]) for b in batches))
            parts = [mean(x[b], y[b], weight=weight[b]) for b in batches]
            (got,) = torch.autograd.grad(sum(parts), x)
            got = got / RANKS if averaged else got
            is_right = is_close(value.detach(), mean.finish()) and is_close(want[rows], got[rows])
            lines += [] if is_right else [f"{reduction}, averaged {averaged}: {mean.value}"]
    return lines


def groups_and_mistakes(rank):
    """Two groups of data, processes that have nothing, and mistakes that raise in each process."""
    lines = []
    pairs = [torch.distributed.new_group(ranks) for ranks in ([0, 1], [2, 3])]
    one = torch.tensor(1.0)
    sums = mt.all_reduce(ml.Sums(one * rank, torch.tensor(1), one), pairs[rank // 2])
    if (float(sums.total), int(sums.count)) != ((1.0, 2) if rank < 2 else (5.0, 2)):
        lines.append(f"group: {sums}")

    parameter = torch.nn.Parameter(torch.ones(2))
    mean = mt.AccumulatedMean(mt.MaskedMSELoss(missing=NAN))
    if rank != 1:  # which has no batch, and no gradient
        labels = torch.tensor([3.0, NAN if rank else 1.0])
        mean(parameter, labels).backward()
    mean.divide_gradients([parameter])
    if mean.value != 3.0:
        lines.append(f"no batch: {mean.value}")

    def moved(mean=mean):
        parameter.grad = None
        mean(parameter, torch.ones(2)).backward()
        parameter.grad = None  # as DeepSpeed does
        mean.divide_gradients([parameter])

    other = torch.distributed.new_group(list(range(RANKS)))
    shapes = ml.Sums(*torch.ones(3, 1 + rank % 2))
    for name, mistake, says in (
        ("moved", moved, "no gradient to divide"),
        ("shapes", lambda: mt.all_reduce(shapes, other), "same shapes in each process"),
    ):
        try:
            mistake()
            lines.append(f"{name}: nothing raised")
        except (RuntimeError, ValueError) as error:
            lines += [] if says in str(error) else [f"{name}: {error}"]
    return lines


def losses_of_a_batch(_):
    """A loss that does not split says so, once."""
    x, y = torch.randn(4, 3), torch.randint(-1, 2, (4, 3))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            ml.mse_loss(x, x)
            ml.large_loss(x, y, fraction=0.1)
            ml.dice_loss(x.sigmoid(), y.clamp(0), spatial_axes=0)
    said = [str(warning.message) for warning in caught]
    return [] if len(said) == 2 and all("does not split" in one for one in said) else [f"{said}"]


def gathered(rank):
    """Losses of a batch of which each process has rows."""
    return whole_batches(rank, rows_of, RANKS)


CHECKS = (
    losses_of_a_batch,  # before the first `all_gather`, after which nothing warns
    every_case,
    bits,
    objectives,
    reductions_of_steps,
    groups_and_mistakes,
    gathered,
)


def run(rank, folder):
    """Write what is wrong in this process."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo",
        init_method=f"file://{folder}/group",
        rank=rank,
        world_size=RANKS,
        timeout=timedelta(seconds=SECONDS),
    )
    lines = [f"{check.__name__}: {line}" for check in CHECKS for line in check(rank)]
    Path(folder, f"{rank}.txt").write_text("\n".join(lines), encoding="utf-8")
    # A process that leaves while another still sends is aborted.
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(run, (folder,), nprocs=RANKS)
        for rank in range(RANKS):
            print(rank, Path(folder, f"{rank}.txt").read_text(encoding="utf-8"))
    sys.stdout.flush()
