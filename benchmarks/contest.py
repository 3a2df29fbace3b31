"""Time, memory, error and safety of contestants that do the same work on the same arrays."""

import ctypes
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from contestant import Contestant

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
    ours_error: float
    theirs_error: float
    peer_is_safe: bool | None
    ratios: list = field(default_factory=list)


class Side:
    """One side of a task, as its process measures it."""

    def __init__(self, task: Task, side: str) -> None:
        self._task, self._run = task, getattr(task, side)
        self._run()

    def facts(self) -> tuple[str, str, float]:
        """Return what the task is called, who the peer is, and the target."""
        return self._task.name, self._task.peer, self._task.target

    def seconds(self) -> float:
        """Return how long a run takes."""
        start = time.perf_counter()
        for _ in range(self._task.repeat):
            self._run()
        return (time.perf_counter() - start) / self._task.repeat

    def megabytes(self) -> float:
        """Return how far the resident memory rises in a run, its results included (Linux)."""
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = _kilobytes("VmRSS")
        self._run()
        return max(0, _kilobytes("VmHWM") - before) / 1024

    def error(self) -> float:
        """Return the worst error of value and gradient, in float32 epsilons of each number."""
        exact = self._task.exact
        return float("nan") if exact is None else _epsilons(self._run(), exact())

    def is_safe(self) -> bool | None:
        """Return whether the peer gives numbers where a NaN is not observed."""
        run = self._task.poisoned
        return None if run is None else all(bool(np.isfinite(part).all()) for part in run())


def measure(ours: Contestant, theirs: Contestant, rounds: int) -> Result:
    """Run the contestants in turns, so that a noisy machine shows up as spread."""
    times = [(ours.ask("seconds"), theirs.ask("seconds")) for _ in range(rounds)]
    ratios = sorted(their / our for our, their in times)
    low, median, high = statistics.quantiles(ratios * 2, n=4, method="inclusive")
    return Result(
        *ours.ask("facts"),
        statistics.median(our for our, _ in times) * 1e3,
        median,
        low,
        high,
        ours.ask("megabytes"),
        theirs.ask("megabytes"),
        ours.ask("error"),
        theirs.ask("error"),
        theirs.ask("is_safe"),
        ratios,
    )


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def _epsilons(parts: tuple, exact: tuple) -> float:
    worst = 0.0
    for part, want in zip(parts, exact, strict=True):
        part, want = np.asarray(part, float), np.asarray(want, float)
        normal = np.abs(want) > np.finfo("float32").smallest_normal
        error = np.abs(part - want)[normal] / np.abs(want)[normal]
        worst = max(worst, float(np.max(error, initial=0.0)) * 2**23)
    return worst
