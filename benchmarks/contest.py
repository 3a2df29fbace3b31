"""Measure two contestants in turns, and compare the results with the target."""

import statistics
from dataclasses import dataclass, field

from contestant import Contestant
from task import Target


@dataclass
class Result:
    """The measurements of a task; None where a quantity was not measured."""

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


def measure(ours: Contestant, theirs: Contestant, rounds: int) -> Result:
    """Run the contestants in turns: a noisy machine then shows up as a wide spread."""
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
