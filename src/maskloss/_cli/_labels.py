"""Read label columns: from cells of text to numbers, with NaN where missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ._errors import UserError
from ._table import Floats

__all__ = ["Label", "read_label"]

_BOOLEANS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}


@dataclass(frozen=True)
class Label:
    """One label column.

    Attributes
    ----------
    name : str
        The name of the column.
    target : array of float, shape (rows,)
        The labels, NaN where missing; 0 and 1 for a label with two known values.
    values : array of float
        The distinct known values as written, sorted.
    """

    name: str
    target: Floats
    values: Floats

    @property
    def binary(self) -> bool:
        """Whether the label has two known values."""
        return len(self.values) == 2

    def notes(self) -> Iterator[str]:
        """Yield a note for each choice that the user should check."""
        if self.binary and self.values.tolist() != [0.0, 1.0]:
            yield f"Label {self.name}: {self.values[0]:g} is taken as 0, {self.values[1]:g} as 1."
        if len(self.values) == 3:
            held = ", ".join(f"{value:g}" for value in self.values)
            yield (
                f"Label {self.name} holds three values ({held}) and is fitted as a number; "
                "if one of them means missing, name it with --missing."
            )


def read_label(cells: Any, missing: str | None, *, to_fit: bool = True) -> Label:
    """Read one label column.

    Parameters
    ----------
    cells : pandas.Series of str or of numbers
        The column, with NaN for an empty cell; its name is the name of the label.
    missing : str, optional
        A further value, number or text, that marks a missing label.
    to_fit : bool, default: True
        Whether the label is to be fitted, and so needs two known values.

    Returns
    -------
    Label
        The label with its numbers.

    Raises
    ------
    UserError
        If the column holds text, an infinite value, or, to be fitted, fewer than two known values.
    """
    target = _numbers(cells, missing)
    values = np.unique(target[~np.isnan(target)])
    if not np.isfinite(values).all():
        msg = f"label column {cells.name!r} holds an infinite value: expected finite numbers"
        raise UserError(msg)
    if to_fit and len(values) < 2:
        held = f"one known value only, {values[0]:g}" if len(values) else "no known value"
        msg = (
            f"label column {cells.name!r} holds {held}: expected at least two; "
            "leave it out of --labels"
        )
        raise UserError(msg)
    if len(values) == 2:
        target = np.where(np.isnan(target), np.nan, target == values[1])
    return Label(str(cells.name), target, values)


def _numbers(cells: Any, missing: str | None) -> Floats:
    if pd.api.types.is_numeric_dtype(cells):
        target: Floats = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        return target if missing is None else np.where(target == _number(missing), np.nan, target)
    stripped = cells.str.strip()
    absent = stripped.isna() | (stripped == "")
    numbers = pd.to_numeric(stripped.mask(absent), errors="coerce")
    numbers = numbers.fillna(stripped.str.lower().map(_BOOLEANS).astype(np.float64))
    if missing is not None:
        absent |= (stripped == missing.strip()) | (numbers == _number(missing))
    text = stripped[numbers.isna() & ~absent]
    if len(text):
        msg = (
            f"label column {cells.name!r} holds text, such as {text.iloc[0]!r}: expected numbers; "
            "write the classes as 0 and 1, or name the mark of a missing label with --missing"
        )
        raise UserError(msg)
    return np.asarray(numbers.mask(absent), dtype=np.float64)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
