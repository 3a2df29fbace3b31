"""Time, memory, error and safety of contestants that do the same work on the same arrays."""

import ctypes
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

Run = Callable[[], tuple]


@dataclass(frozen=True)
class Task:
    """Two ways to a value and a gradient.

    Attributes
    ----------
    target : float
        The ratio of times, theirs by ours, to be reached.
    ours, theirs : callable
        Give value and gradient.
    exact : callable, optional
        Gives them in float64.
    poisoned : callable, optional
        The peer's value and gradient with a NaN in an entry that is not observed.
    repeat : int
        How often to run within one measurement.
    """

    name: str
    peer: str
    target: float
    ours: Run
    theirs: Run
    exact: Run | None = None
    poisoned: Run | None = None
    repeat: int = 1


@dataclass
class Result:
    """What was measured of a task."""

    name: str
    peer: str
    target: float
    ours_ms: float
    ratio: float
    low: float
    high: float
    ours_mb: float
    theirs_mb: float
    ours_error: float = float("nan")
    theirs_error: float = float("nan")
    peer_is_safe: bool | None = None
    ratios: list = field(default_factory=list)


def measure(task: Task, rounds: int) -> Result:
    """Run the contestants in turns, so that a noisy machine shows up as spread."""
    task.ours()
    task.theirs()
    times = [(_seconds(task.ours, task), _seconds(task.theirs, task)) for _ in range(rounds)]
    ratios = sorted(theirs / ours for ours, theirs in times)
    low, median, high = statistics.quantiles(ratios * 2, n=4, method="inclusive")
    result = Result(
        task.name,
        task.peer,
        task.target,
        statistics.median(ours for ours, _ in times) * 1e3,
        median,
        low,
        high,
        _peak_megabytes(task.ours),
        _peak_megabytes(task.theirs),
        ratios=ratios,
    )
    if task.exact is not None:
        exact = task.exact()
        result.ours_error = _epsilons(task.ours(), exact)
        result.theirs_error = _epsilons(task.theirs(), exact)
    if task.poisoned is not None:
        result.peer_is_safe = all(bool(np.isfinite(part).all()) for part in task.poisoned())
    return result


def _seconds(run: Run, task: Task) -> float:
    start = time.perf_counter()
    for _ in range(task.repeat):
        run()
    return (time.perf_counter() - start) / task.repeat


def _peak_megabytes(run: Run) -> float:
    """How far the resident memory rises in a run, its results included (Linux)."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _kilobytes("VmRSS")
    run()
    return max(0, _kilobytes("VmHWM") - before) / 1024


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def _epsilons(parts: tuple, exact: tuple) -> float:
    """The worst error of value and gradient, relative to each number, in float32 epsilons."""
    worst = 0.0
    for part, want in zip(parts, exact, strict=True):
        part, want = np.asarray(part, float), np.asarray(want, float)
        normal = np.abs(want) > np.finfo("float32").smallest_normal
        error = np.abs(part - want)[normal] / np.abs(want)[normal]
        worst = max(worst, float(np.max(error, initial=0.0)) * 2**23)
    return worst
