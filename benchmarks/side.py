"""One contestant of a task, measured inside its own process."""

import os
import statistics

import numpy as np
from memory import COUNTERS
from task import Target, Task


class Side:
    """Our run or the peer's run of a task: its time, memory, error and safety."""

    def __init__(self, task: Task, side: str) -> None:
        os.environ["MASKLOSS_NUM_THREADS"] = str(task.threads)
        self._task, self._run = task, getattr(task, side)
        self._run()

    def spec(self) -> tuple[str, str, Target, str | None]:
        """Return the names of the task and the peer, the target, and the memory counter."""
        return self._task.name, self._task.peer, self._task.target, self._task.counter

    def seconds(self) -> float:
        """Return the duration of a run: the median of the repeats."""
        task = self._task
        return statistics.median(task.clock(self._run) for _ in range(task.repeat))

    def megabytes(self) -> float | None:
        """Return the peak of the extra memory of a run."""
        counter = self._task.counter
        return None if counter is None else COUNTERS[counter](self._run)

    def error(self) -> float | None:
        """Return the largest relative error of value and gradients, in float32 epsilons."""
        exact = self._task.exact
        return None if exact is None else _epsilons(self._run(), exact())

    def is_safe(self) -> bool | None:
        """Return whether the peer's results stay finite when an unobserved entry is NaN."""
        run = self._task.poisoned
        return None if run is None else all(bool(np.isfinite(part).all()) for part in run())


def _epsilons(parts: tuple, exact: tuple) -> float:
    pairs = zip(parts, exact, strict=True)
    return float(np.max([_worst(*piece) for pair in pairs for piece in _pieces(*pair)]))


def _pieces(part, want):
    """Split a large array, so that its float64 copies stay small."""
    part, want = np.atleast_1d(part), np.atleast_1d(want)
    number = min(len(part), 64)
    yield from zip(np.array_split(part, number), np.array_split(want, number), strict=True)


def _worst(part, want):
    part, want = part.astype(float), want.astype(float)
    scale = np.where(want == 0, np.finfo(float).tiny, np.abs(want))  # a zero has no tolerance
    error = np.abs(part - want) / scale
    is_normal = (want == 0) | (scale > np.finfo("float32").smallest_normal)
    return np.max(error, where=is_normal, initial=0.0) * 2**23
