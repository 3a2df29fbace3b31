"""How much memory a table takes, and an error before it takes more than is free."""

import contextlib
import math
from dataclasses import dataclass, field
from pathlib import Path

from ._errors import UserError

__all__ = ["Room"]

# Peak memory per cell, rounded up. Measured on 300000 rows of 20 features and 20 labels: 19 of a
# CSV and 24 of Parquet for inspect, 33 for compare, where a label takes 62: the targets, those of a
# fold, their scaled copies, the predictions and their gradient.
_BYTES_PER_CELL = {"inspect": 30, "compare": 60}
# Three n-grams begin at a character, each a number and an index: 66 bytes and more for compare,
# with the copies of a fold.
_CELLS_PER_CHARACTER = 2
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
    command : {"inspect", "compare"}
        The command.
    free : float
        The bytes that were free before it read anything.
    """

    command: str
    free: float = field(default_factory=free_memory)

    def check(
        self, rows: float, columns: int, *, characters: float = 0, estimate: str = ""
    ) -> None:
        """Raise if a table does not fit.

        Parameters
        ----------
        rows : float
            The number of rows, 1 or more if there are `characters`.
        columns : int
            The number of columns.
        characters : float
            The length of all texts.
        estimate : str
            A word before the number of rows.

        Raises
        ------
        UserError
            If it does not fit.
        """
        cells: float = columns
        if characters:
            cells += _CELLS_PER_CHARACTER * characters / rows
        per_row = _BYTES_PER_CELL[self.command] * cells
        if rows * per_row + _SPARE <= self.free:
            return
        fitting = max(self.free - _SPARE, 0) / per_row
        text = f" and {characters:,.0f} characters of text" if characters else ""
        msg = (
            f"the table has {estimate}{rows:,.0f} rows x {columns:,.0f} columns{text}, for which "
            f"`maskloss {self.command}` needs about {(rows * per_row + _SPARE) / 2**30:.1f} GB of "
            f"memory, and {self.free / 2**30:.1f} GB are free; {_advice(fitting)}"
        )
        raise UserError(msg)


def _advice(rows: float) -> str:
    """Name a round number of rows that fits."""
    if rows < 1:
        return "close other programs first"
    digit = 10 ** math.floor(math.log10(rows))
    return f"take a random sample of its rows by --rows {int(rows // digit * digit)}"
