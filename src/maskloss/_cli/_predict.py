"""``maskloss predict``: the labels of a table by a model that ``compare`` kept."""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from maskloss._cli._categories import indicators
from maskloss._cli._columns import listed
from maskloss._cli._errors import UserError
from maskloss._cli._file import open_file
from maskloss._cli._model_file import Contents, read_model_file, versions
from maskloss._cli._room import Room
from maskloss._cli._table import Floats
from maskloss._cli._terminal import check_writable, printable, standard_output, written

__all__ = ["run"]

_BOOLEANS = {"true": 1.0, "false": 0.0}


def run(options: argparse.Namespace) -> int:
    """Read the table and the model, and write a column of predictions for each label."""
    if options.output is not None:
        check_writable(options.output)
    file = read_model_file(options.model)
    contents = file.contents
    room = Room("predict", predictions=len(contents.labels))
    frame = _read(options.table, contents, room)
    numeric = _numeric(frame, contents)
    text = None if contents.text is None else _text(frame[contents.text])
    if text is not None:
        room.check(len(text), frame.shape[1], characters=sum(map(len, text)))
    # What a user should know before the pickle is opened.
    for line in _warnings(options.model, contents):
        sys.stderr.write(f"{printable(line)}\n")
    predictions = file.load().predict(numeric, text)
    document = pd.DataFrame(predictions, columns=list(contents.labels))
    if options.output is None:
        with standard_output():
            document.to_csv(sys.stdout, index=False)
    else:
        with written(options.output):
            document.to_csv(options.output, index=False)
    return 0


def _read(path: str, contents: Contents, room: Room) -> Any:
    """Return the rows of a table that has the columns of a model."""
    file = open_file(path, room)
    absent = [name for name in contents.columns if name not in file.header]
    if absent:
        msg = (
            f"table {path} has no column {listed(absent)}, which the model learnt from: expected "
            f"{listed(contents.columns)}"
        )
        raise UserError(msg)
    # Words such as 1 and 2 are read as numbers where no other word stands among them.
    frame = file.read([name for name in (*contents.words, contents.text) if name is not None])
    if frame.empty:
        msg = f"table {path} has a header and no rows: expected one row per sample"
        raise UserError(msg)
    return frame


def _text(column: Any) -> tuple[str, ...]:
    return tuple(column.map(str, na_action="ignore").astype(object).fillna(""))


def _numeric(frame: Any, contents: Contents) -> Floats:
    """Return the numeric columns and those of categories, as the model knows them."""
    for name in contents.words:
        known = frame[name].dropna()
        if len(known) and pd.api.types.is_numeric_dtype(known):
            msg = (
                f"column {name!r} holds numbers, such as {known.iloc[0]}: the model learnt it as "
                f"words, such as {contents.words[name][0]!r}"
            )
            raise UserError(msg)
    numbers = [_numbers(frame[name]) for name in contents.numbers]
    columns = [*numbers, *indicators(frame, contents.words)]
    if not columns:
        return np.empty((len(frame), 0))
    return np.stack([column.to_numpy(np.float64, na_value=np.nan) for column in columns], axis=1)


def _numbers(column: Any) -> Any:
    """Return a column of numbers, NaN where they are not finite."""
    if not pd.api.types.is_numeric_dtype(column):
        # True and False are numbers to pandas, but not beside a gap.
        words = column.map(str, na_action="ignore").astype(object)
        numbers = words.str.strip().str.lower().map(_BOOLEANS)
        text = words[words.notna() & numbers.isna()]
        if len(text):
            msg = (
                f"column {column.name!r} holds text, such as {text.iloc[0]!r}: the model learnt it "
                "as numbers"
            )
            raise UserError(msg)
        column = numbers.astype(np.float64)
    return column.replace([np.inf, -np.inf], np.nan)


def _warnings(path: str, contents: Contents) -> Iterator[str]:
    yield f"Opening {path} can run code: open only a model file that you trust."
    here = versions(contents.models.values())
    other = [
        f"{name} {number} (here: {here.get(name, 'not installed')})"
        for name, number in contents.versions.items()
        if here.get(name) != number
    ]
    if other:
        yield f"Written by {', '.join(other)}: predictions may differ; fit again if they matter."
