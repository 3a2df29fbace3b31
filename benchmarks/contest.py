"""Time, memory, error and safety of contestants that do the same work on the same arrays."""

import os
import statistics
from dataclasses import dataclass, field

import numpy as np
from contestant import Contestant
from memory import COUNTERS
from task import Target, Task


@dataclass
class Result:
    """What was measured of a task; None where it was not."""

    name: str
    peer: str
    target: Target
    counter: str | None
    ours_ms: float
    ratio: float
    low: float
    high: float
    ours_mb: float | None
    theirs_mb: float | None
    ours_error: float | None
    theirs_error: float | None
    peer_is_safe: bool | None
    ratios: list[float]
    misses: list[str] = field(init=False)

    def __post_init__(self) -> None:
        target, ours, theirs = self.target, self.ours_mb or 0.0, self.theirs_mb or 0.0
        is_too_large = target.megabytes is not None and ours >= target.megabytes
        is_no_saving = target.memory is not None and theirs < target.memory * ours
        is_slow = target.time is not None and self.ratio < target.time
        found = {"time": is_slow, "memory": is_too_large or is_no_saving}
        self.misses = [name for name, is_missed in found.items() if is_missed]


class Side:
    """One side of a task, as its process measures it."""

    def __init__(self, task: Task, side: str) -> None:
        os.environ["MASKLOSS_NUM_THREADS"] = str(task.threads)
        self._task, self._run = task, getattr(task, side)
        self._run()

    def spec(self) -> tuple[str, str, Target, str | None]:
        """Return what the task is called, who the peer is, the target, and what counts memory."""
        return self._task.name, self._task.peer, self._task.target, self._task.counter

    def seconds(self) -> float:
        """Return how long a run takes."""
        task = self._task
        return statistics.median(task.clock(self._run) for _ in range(task.repeat))

    def megabytes(self) -> float | None:
        """Return the extra memory of a run at its peak."""
        counter = self._task.counter
        return None if counter is None else COUNTERS[counter](self._run)

    def error(self) -> float | None:
        """Return the worst error of value and gradients, in float32 epsilons of each number."""
        exact = self._task.exact
        return None if exact is None else _epsilons(self._run(), exact())

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
        *ours.ask("spec"),
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


def _epsilons(parts: tuple, exact: tuple) -> float:
    pairs = zip(parts, exact, strict=True)
    return float(np.max([_worst(*piece) for pair in pairs for piece in _pieces(*pair)]))


def _pieces(part, want):
    """Yield a large array in pieces, whose float64 copies are small."""
    part, want = np.atleast_1d(part), np.atleast_1d(want)
    number = min(len(part), 64)
    yield from zip(np.array_split(part, number), np.array_split(want, number), strict=True)


def _worst(part, want):
    part, want = part.astype(float), want.astype(float)
    scale = np.where(want == 0, np.finfo(float).tiny, np.abs(want))  # zero is exact, or not at all
    error = np.abs(part - want) / scale
    is_normal = (want == 0) | (scale > np.finfo("float32").smallest_normal)
    return np.max(error, where=is_normal, initial=0.0) * 2**23
