"""What a task is: two ways to the same numbers, and what is to be reached."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Run = Callable[[], tuple]


def elapsed(run: Run) -> float:
    """Return how many seconds a run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Target:
    """What is to be reached.

    Attributes
    ----------
    time, memory : float, optional
        At least so many times ours are the peer's time and extra memory.
    megabytes : float, optional
        Our extra memory stays below.
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
    """Two ways to a value and a gradient.

    Attributes
    ----------
    ours, theirs : callable
        Give value and gradients.
    exact : callable, optional
        Gives them in float64.
    poisoned : callable, optional
        The peer's value and gradients with a NaN in an entry that is not observed.
    counter : str, optional
        What counts the memory: a name in `memory.COUNTERS`.
    threads : int
        On how many to run.
    repeat : int
        How often to run within one measurement.
    clock : callable
        Gives the seconds that a run takes.
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
