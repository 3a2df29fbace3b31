"""``maskloss predict``: the labels of a table by a model that ``compare`` kept."""

import argparse
import functools
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from pandas.io.common import get_handle

from ._categories import indicators
from ._columns import listed
from ._errors import UserError
from ._file import open_file
from ._held_out import refuse_input
from ._model_file import Contents, read_model_file, versions
from ._strangers import Strangers
from ._table import Floats
from ._terminal import check_writable, printable, standard_output, written

__all__ = ["run"]

_BOOLEANS = {"true": 1.0, "false": 0.0}
# So many characters at a time: their n-grams take 52 bytes each.
_CHARACTERS = 2**22

Chunks = Callable[[], Iterator[Any]]


def run(options: argparse.Namespace) -> int:
    """Read the table and the model, and write a column of predictions for each label."""
    if options.output is not None:
        check_writable(options.output)
        refuse_input(options.table, options.output, "--output")
        refuse_input(options.model, options.output, "--output", what="model")
    file = read_model_file(options.model)
    contents = file.contents
    # All mistakes of the table are found before the pickle is opened and a prediction written.
    chunks = _chunks(options.table, contents)
    notes = _check(options.table, contents, chunks)
    for line in (*notes, *_warnings(options.model, contents)):
        sys.stderr.write(f"{printable(line)}\n")
    model = file.load()
    with _destination(options.output) as stream:
        has_header = False
        for frame in _parts(contents, chunks):
            text = None if contents.text is None else _text(frame[contents.text])
            predictions = model.predict(_numeric(frame, contents), text)
            document = pd.DataFrame(predictions, columns=list(contents.labels))
            document.to_csv(stream, index=False, header=not has_header)
            has_header = True
    return 0


@contextmanager
def _destination(output: str | None) -> Iterator[Any]:
    """Open the place of the predictions, compressed if its name says so."""
    if output is None:
        with standard_output():
            yield sys.stdout
    else:
        with written(output), get_handle(output, "w", compression="infer") as handles:
            yield handles.handle


def _chunks(path: str, contents: Contents) -> Chunks:
    """Return a function to the chunks of a table that has the columns of a model."""
    file = open_file(path)
    absent = [name for name in contents.columns if name not in file.header]
    if absent:
        msg = (
            f"table {path} has no column {listed(absent)}, which the model learnt from: expected "
            f"{listed(contents.columns)}"
        )
        raise UserError(msg)
    # Words such as 1 and 2 are read as numbers where no other word stands among them.
    words = [name for name in (*contents.words, contents.text) if name is not None]
    return functools.partial(file.chunks, words)


def _check(path: str, contents: Contents, chunks: Chunks) -> Iterator[str]:
    """Raise for a table without a row, and for a chunk that the model does not know.

    Return notes on columns that tell the model nothing.
    """
    rows, strangers = 0, Strangers(contents)
    kinds: dict[str, set[bool]] = {name: set() for name in contents.numbers}
    booleans: dict[str, str] = {}
    for frame in chunks():
        rows += len(frame)
        strangers.add(frame, _numeric(frame, contents))
        for name, held in kinds.items():
            for cell in frame[name].dropna()[:1]:
                held.add(_is_boolean(cell))
                if _is_boolean(cell):
                    booleans.setdefault(name, str(cell))
    for name, held in kinds.items():
        if len(held) > 1:  # each in chunks of its own
            raise _is_text(name, booleans[name])
    if not rows:
        msg = f"table {path} has a header and no rows: expected one row per sample"
        raise UserError(msg)
    return strangers.notes()


def _parts(contents: Contents, chunks: Chunks) -> Iterator[Any]:
    """Yield the rows, those of long texts in smaller parts."""
    for frame in chunks():
        characters = 0 if contents.text is None else sum(map(len, _text(frame[contents.text])))
        number = max(math.ceil(characters / _CHARACTERS), 1)
        size = max(math.ceil(len(frame) / number), 1)
        for first in range(0, len(frame), size):
            yield frame[first : first + size]


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
            is_number = pd.to_numeric(text, errors="coerce").notna()
            others = text[~is_number], words[numbers.notna()], text
            raise _is_text(column.name, next(one.iloc[0] for one in others if len(one)))
        column = numbers.astype(np.float64)
    return column.replace([np.inf, -np.inf], np.nan)


def _is_boolean(cell: Any) -> bool:
    return str(cell).strip().lower() in _BOOLEANS


def _is_text(name: str, cell: str) -> UserError:
    return UserError(
        f"column {name!r} holds text, such as {cell!r}: the model learnt it as numbers"
    )


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
