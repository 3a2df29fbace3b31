"""How much memory a table takes, and an error before it takes more than is free."""

import contextlib
import math
from dataclasses import dataclass, field
from pathlib import Path

from maskloss._cli._errors import UserError

__all__ = ["Room"]

# Peak memory per cell, rounded up. Measured on 300000 rows of 20 features and 20 labels: 19 of a
# CSV and 24 of Parquet for inspect, 33 for compare, where a label takes 62: the targets, those of a
# fold, their scaled copies, the predictions and their gradient.
_BYTES_PER_CELL = {"inspect": 30, "predict": 60, "compare": 60}
# What the packages take, and the least that a first chunk needs.
_SPARE = 2**28


def free_memory() -> float:
    """Return the bytes that this process may still take; infinity where the system does not say."""
    free = math.inf
    with contextlib.suppress(OSError, ValueError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        (available,) = (line for line in lines if line.startswith("MemAvailable:"))
        free = 1024.0 * int(available.split()[1])
    # A container may have less than its machine.
    group = Path("/sys/fs/cgroup")
    with contextlib.suppress(OSError, ValueError):
        most, now = ((group / f"memory.{name}").read_text() for name in ("max", "current"))
        free = min(free, float(most) - float(now))
    return free


@dataclass(frozen=True)
class Room:
    """The memory for one command.

    Attributes
    ----------
    command : {"inspect", "compare", "predict"}
        The command.
    free : float
        The bytes that were free before it read anything.
    """

    command: str
    free: float = field(default_factory=free_memory)

    def check(self, rows: float, columns: float, *, estimate: str = "") -> None:
        """Raise if so many rows and columns do not fit; `estimate` is a word before the rows."""
        per_row = _BYTES_PER_CELL[self.command] * columns
        if rows * per_row + _SPARE <= self.free:
            return
        fitting = max(self.free - _SPARE, 0) / per_row
        msg = (
            f"the table has {estimate}{rows:,.0f} rows x {columns:,.0f} columns, for which "
            f"`maskloss {self.command}` needs about {(rows * per_row + _SPARE) / 2**30:.1f} GB of "
            f"memory, and {self.free / 2**30:.1f} GB are free; {self._advice(fitting)}"
        )
        raise UserError(msg)

    def _advice(self, rows: float) -> str:
        """Name a round number of rows that fits."""
        if rows < 1:
            return "close other programs first"
        digit = 10 ** math.floor(math.log10(rows))
        number = int(rows // digit * digit)
        if self.command == "predict":
            return f"predict parts of {number} rows, each with the header"
        return f"take a random sample of its rows by --rows {number}"
