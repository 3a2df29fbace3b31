"""A task: two ways to compute the same numbers, and a target."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Run = Callable[[], tuple]


def elapsed(run: Run) -> float:
    """Return the duration of a run in seconds."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Target:
    """The goal of a task; None where there is none.

    Attributes
    ----------
    time, memory : float, optional
        The least ratio of the peer's time or extra memory to ours.
    megabytes : float, optional
        The upper bound of our extra memory.
    """

    time: float | None = None
    memory: float | None = None
    megabytes: float | None = None

    def __str__(self) -> str:
        parts = (
            ("{:g}", self.time),
            ("memory {:g}", self.memory),
            ("under {:g} MB", self.megabytes),
        )
        return ", ".join(text.format(value) for text, value in parts if value is not None)


@dataclass(frozen=True)
class Task:
    """Two ways to compute a value and a gradient.

    Attributes
    ----------
    ours, theirs : callable
        Return value and gradients.
    exact : callable, optional
        Returns them in float64.
    poisoned : callable, optional
        Returns the peer's value and gradients when an unobserved entry is NaN.
    counter : str, optional
        Name of the memory counter in `memory.COUNTERS`.
    threads : int
        Number of threads.
    repeat : int
        Number of runs within one measurement.
    clock : callable
        Returns the seconds that a run takes.
    """

    name: str
    peer: str
    target: Target
    ours: Run
    theirs: Run
    exact: Run | None = None
    poisoned: Run | None = None
    counter: str | None = "RSS"
    threads: int = 2
    repeat: int = 1
    clock: Callable[[Run], float] = elapsed
