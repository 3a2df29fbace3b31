"""The cases in which a peer means something else, listed as data with the reason."""

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import numpy as np

ROUNDING = 4 * np.finfo(float).eps  # as much as maskloss lets a label lie outside


@dataclass(frozen=True)
class Difference:
    """Which cases differ, how, and why; what is not given is no condition."""

    reason: str
    refused: str | None = None
    differs: bool = False
    id: str = "*"
    loss: tuple = ()
    outside: dict = field(default_factory=dict)
    not_in: dict = field(default_factory=dict)

    def __post_init__(self):
        if (self.refused is None) != self.differs or not self.reason.strip():
            msg = f"a listed difference needs a reason and `refused` or `differs`, got {self}"
            raise ValueError(msg)

    def has(self, case):
        return (
            fnmatch(case.id, self.id)
            and (not self.loss or case.loss in self.loss)
            and all(_is_outside(case.inputs.get(name), *b) for name, b in self.outside.items())
            and all(_is_other(case.inputs.get(name), v) for name, v in self.not_in.items())
        )


def _is_outside(array, low, high):
    return array is not None and bool(((array < low - ROUNDING) | (array > high + ROUNDING)).any())


def _is_other(array, values):
    return array is not None and not np.isin(array, values).all()


DIFFERENCES = [
    Difference(**entry)
    for entry in tomllib.loads(
        Path(__file__).with_name("differences.toml").read_text(encoding="utf-8")
    )["difference"]
]


def difference_of(case):
    """Return the entry that lists a case, if one does."""
    return next((entry for entry in DIFFERENCES if entry.has(case)), None)
