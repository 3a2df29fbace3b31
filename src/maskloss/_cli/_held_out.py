"""Write what each treatment predicted for the rows that its fit had not seen."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ._comparison import Comparison
from ._contest import contests
from ._errors import UserError
from ._table import Floats
from ._terminal import check_writable, written
from ._treatments import TREATMENTS

__all__ = ["check_predictions", "refuse_input", "write_predictions"]

_OPTION = "--predictions"


def check_predictions(path: str, table: str, rows: int | None) -> None:
    """Raise if the predictions cannot be written, before anything is fitted.

    Parameters
    ----------
    path : str
        The file to write.
    table : str
        The table.
    rows : int, optional
        The size of a random sample of the rows.

    Raises
    ------
    UserError
        If the file cannot be written, is the table, or the rows are a sample.
    """
    if rows is not None:
        msg = f"{_OPTION} goes with all rows: those of a sample, --rows {rows}, have no numbers"
        raise UserError(msg)
    refuse_input(table, path, _OPTION)
    check_writable(path, _OPTION)


def refuse_input(given: str, output: str, option: str, *, what: str = "table") -> None:
    """Raise if the file to write is one that is read."""
    if Path(output).is_file() and Path(given).exists() and Path(output).samefile(given):
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
    with written(path, _OPTION):
        for place, treatment in enumerate(TREATMENTS):
            labels = dict(zip(table.labels, best[place].T, strict=True))
            own = {name: column for name, column in rows.items() if name not in labels}
            frame = pd.DataFrame({**own, "treatment": treatment} | labels)
            frame.to_csv(path, index=False, mode="a" if place else "w", header=not place)


def _of_best(comparisons: Sequence[Comparison]) -> Floats:
    """Return the predictions, of shape (treatments, rows, labels), of the best of the models."""
    predictions: Floats = np.array(comparisons[0].predictions)
    for contest in contests(comparisons):
        columns = comparisons[0].table.binary == contest.kind.binary
        held = comparisons[contest.best].predictions
        assert held is not None
        predictions[:, :, columns] = held[:, :, columns]
    return predictions
