"""Try every loss on the accelerator that torch finds, and measure it beside the unsafe idiom.

Prints one table of errors and one of times, and exits with 1 if a number is wrong. Takes some
minutes, and needs `maskloss[fast]`. `--device cpu` tries the script itself.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from accelerator import ROWS
from rich.console import Console
from rich.table import Table

import maskloss as ml

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from helpers.poison import poisoned
from helpers.problems import Problem
from maskloss._arrays.support import backend
from tables.cases import CASES

REDUCTIONS = ("mean", "weighted_mean", "none")
# Those of the table of times, by compiled kernels.
FUSED = [case for case in CASES if case.name in {row.name for row in ROWS}]


def main():
    """Compare, measure, print, and return the exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--device", default=found())
    options.add_argument("--rounds", type=int, default=20)
    chosen = options.parse_args()
    if chosen.device is None:
        sys.exit("torch finds no accelerator")
    device, console = torch.device(chosen.device), Console()
    wrong = list(compare(device, CASES, REDUCTIONS))
    with ml.fused():  # each reduction compiles for seconds
        wrong += compare(device, FUSED, REDUCTIONS[1:2])
    number = len(CASES) + len(FUSED)
    console.print(f"{number} cases on {name_of(device)}: {len(wrong)} wrong results")
    for line in wrong:
        console.print(line)
    console.print(times(device, chosen.rounds))
    return 1 if wrong else 0


def found():
    """Return the type of the accelerator."""
    accelerator = torch.accelerator.current_accelerator()
    return None if accelerator is None else accelerator.type


def name_of(device):
    """Return the name of the hardware."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


def compare(device, cases, reductions):
    """Yield a line for each result that differs from the CPU's, or depends on hidden values."""
    for case in cases:
        problem = Problem.make(backend("torch"), case)
        hidden = ~problem.along_rows(np.asarray(problem.mask))
        for reduction in reductions:
            want = results(problem, reduction, torch.device("cpu"))
            got = results(problem, reduction, device)
            for part, one, other in zip(("value", "gradient"), got, want, strict=True):
                if not np.allclose(one, other, rtol=1e-5, atol=1e-5 * np.abs(other).max(initial=0)):
                    yield f"{case.name}, {reduction}: {part} differs"
            dirty = results(poisoned(problem, np.nan), reduction, device)
            same = all(map(np.array_equal, dirty, got))
            if not same or dirty[1][hidden].any():
                yield f"{case.name}, {reduction}: depends on unobserved entries"


def results(problem, reduction, device):
    """Return value and gradient as NumPy arrays."""

    def move(value):
        return value.to(device) if isinstance(value, torch.Tensor) else value

    moved = problem.replace(options={k: move(v) for k, v in problem.options.items()})
    x, *others = map(move, problem.arrays)
    x = x.detach().clone().requires_grad_()
    value = moved.bind(problem.case.loss, reduction=reduction)(x, *others)
    value.sum().backward()
    return value.detach().cpu().numpy(), x.grad.cpu().numpy()


def times(device, rounds):
    """Return a table of milliseconds and megabytes, ours and the idiom's."""
    grid = Table(title=f"value and gradient, float32, {name_of(device)}")
    grid.add_column("loss")
    for heading in ("ours", "fused", "idiom", "compiled"):
        grid.add_column(f"{heading}, ms", justify="right")
    for heading in ("ours", "fused", "idiom"):
        grid.add_column(f"{heading}, MB", justify="right")
    for row in ROWS:
        is_compiled = device.type != "cpu"
        work = [
            row.work(row.loss),
            row.work(ml.fused()(row.loss)) if is_compiled else None,
            row.idiom and row.work_of_idiom(),
            row.work(torch.compile(row.loss)) if is_compiled else None,
        ]
        spent, peaks = zip(*(measure(each, row, device, rounds) for each in work), strict=True)
        grid.add_row(row.name, *spent, *peaks[:3])
    return grid


def measure(work, row, device, rounds):
    """Return the median time and the peak memory of some work, as text."""
    if not work:
        return "", ""
    arrays = row.arrays(device)
    work(*arrays)
    spent = []
    for _ in range(rounds):
        wait(device)
        start = time.perf_counter()
        work(*arrays)
        wait(device)
        spent.append(time.perf_counter() - start)
    return f"{1000 * np.median(spent):.2f}", peak(work, arrays, device)


def wait(device):
    """Wait until the accelerator has done its work."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def peak(work, arrays, device):
    """Return the megabytes that some work allocates at most, where torch counts them."""
    if device.type != "cuda":
        return ""
    arrays[0].grad = None
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    work(*arrays)
    return f"{(torch.cuda.max_memory_allocated(device) - before) / 2**20:.0f}"


if __name__ == "__main__":
    print(f"maskloss {ml.__version__}, torch {torch.__version__}")
    sys.exit(main())
