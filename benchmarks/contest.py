"""Measure two contestants in turns, and compare the results with the target."""

import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from arrays import SMOKE, Sizes
from contestant import Contestant
from room import NoRoomError
from spread import quartiles
from task import Target

LIBRARIES = ("import", "numpy", "torch", "jax")


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
    low, median, high = quartiles(ratios)
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


def compete(library: str, *, only: str, rounds: int, is_smoke: bool) -> Iterator[Result]:
    """Run the tasks of a library whose name contains `only`, and yield their results."""
    sizes = SMOKE if is_smoke else Sizes()
    sides = [Contestant(library, side, sizes) for side in ("ours", "theirs")]
    for number, name in enumerate(sides[0].ask("names")):
        if only not in name:
            continue
        try:
            for side in sides:
                side.ask("take", number)
        except NoRoomError as reason:
            print(f"{name}: left out, {reason}", file=sys.stderr)
            continue
        result = measure(*sides, rounds)
        print(f"{name}, beside {result.peer}: {result.ratio:.2f}", file=sys.stderr)
        yield result
    for side in sides:
        side.stop()
