"""Write what each treatment predicted for the rows that its fit had not seen."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.io.common import get_handle

from ._comparison import Comparison
from ._contest import contests
from ._errors import UserError
from ._table import Floats
from ._terminal import written
from ._treatments import TREATMENTS

__all__ = ["check_outputs", "check_predictions", "refuse_input", "write_predictions"]

_OPTION = "--predictions"


def check_predictions(labels: Sequence[str], rows: int | None) -> None:
    """Raise if the lines of the file would not name the rows and labels of the table.

    Parameters
    ----------
    labels : sequence of str
        The labels of the table.
    rows : int, optional
        The size of a random sample of the rows.

    Raises
    ------
    UserError
        If the rows are a sample, or a label has the name of a column of the file.
    """
    if rows is not None:
        msg = f"{_OPTION} goes with all rows: those of a sample, --rows {rows}, have no numbers"
        raise UserError(msg)
    if taken := sorted({"row", "fold", "treatment"} & {*labels}):
        msg = f"{_OPTION} writes a column {taken[0]!r} of its own: name the label otherwise"
        raise UserError(msg)


def check_outputs(table: str, outputs: Mapping[str, str | None]) -> None:
    """Raise if a file to write is the table or another file to write.

    Parameters
    ----------
    table : str
        The table.
    outputs : mapping
        The file of each option, None where it is not given.

    Raises
    ------
    UserError
        If two are one file.
    """
    options: dict[str, str] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        refuse_input(table, path, option)
        first = options.setdefault(os.path.realpath(path), option)
        if first != option:
            msg = f"{first} and {option} are one file, {path}: name two"
            raise UserError(msg)


def refuse_input(given: str, output: str, option: str, *, what: str = "table") -> None:
    """Raise if the file to write is one that is read."""
    try:
        is_same = Path(output).is_file() and Path(output).samefile(given)
    except OSError:  # of a name that no file can have, or of an absent one
        return
    if is_same:
        msg = f"{option} {output} is the {what}, which would be lost: name another file"
        raise UserError(msg)


def write_predictions(comparisons: Sequence[Comparison], path: str) -> None:
    """Write a line for each treatment and row of the table, with a column for each label.

    Parameters
    ----------
    comparisons : sequence of Comparison
        The comparison of each model, with predictions.
    path : str
        The file to write, compressed if its name says so.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    best, table = _of_best(comparisons), comparisons[0].table
    number = len(table.targets)
    rows = {"row": np.arange(1, number + 1), "fold": comparisons[0].fold_of_row + 1}
    with written(path, _OPTION), get_handle(path, "w", compression="infer") as handles:
        for place, treatment in enumerate(TREATMENTS):
            labels = dict(zip(table.labels, best[place].T, strict=True))
            frame = pd.DataFrame({**rows, "treatment": treatment, **labels})
            frame.to_csv(handles.handle, index=False, header=not place)


def _of_best(comparisons: Sequence[Comparison]) -> Floats:
    """Return the predictions, of shape (treatments, rows, labels), of the best of the models."""
    predictions: Floats = np.array(comparisons[0].predictions)
    for contest in contests(comparisons):
        columns = comparisons[0].table.binary == contest.kind.binary
        held = comparisons[contest.best].predictions
        assert held is not None
        predictions[:, :, columns] = held[:, :, columns]
    return predictions
