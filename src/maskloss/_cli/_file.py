"""Read a file into a data frame: text with separators, compressed or not, or Parquet."""

import functools
import re
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ._errors import UserError
from ._room import Room
from ._sample import sampled
from ._terminal import printable
from ._text import Text, joined, rows_of_chunk

__all__ = ["File", "open_file"]

_PARQUET = (".parquet", ".pq")
_COMPRESSIONS = {
    "tar": (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"),
    "gzip": (".gz",),
    "bz2": (".bz2",),
    "xz": (".xz",),
    "zip": (".zip",),
    "zstd": (".zst",),
}


@dataclass(frozen=True)
class File:
    """A file, opened once: a pipe gives its bytes only once.

    Attributes
    ----------
    header : tuple of str
        The names of the columns, without spaces at their ends, and safe to print.
    read : callable
        A function to the data frame, from the names of the columns to keep as text unless the file
        says that they are numbers. Its columns lie apart in memory, to be taken one by one.
    chunks : callable
        The same, to data frames of some rows each, whose dtypes may differ. Not of a sample.
    notes : tuple of str
        What the user should know about the rows.
    """

    header: tuple[str, ...]
    read: Callable[[Collection[str]], Any]
    chunks: Callable[[Collection[str]], Iterator[Any]]
    notes: tuple[str, ...] = ()


def open_file(path: str, room: Room | None = None, rows: int | None = None) -> File:
    """Open a file and read the names of its columns.

    Parameters
    ----------
    path : str
        The path; its suffix tells compression and Parquet.
    room : Room, optional
        The memory that the whole table may take; without it, it may take more than is free.
    rows : int, optional
        The number of rows of a random sample; by default all rows.

    Returns
    -------
    File
        The file.

    Raises
    ------
    UserError
        If the path is a URL, or the file cannot be read or does not fit the memory, or two columns
        have one name.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", path):
        msg = f"{path} is a URL: expected the path of a file; download it first"
        raise UserError(msg)
    with _readable(path):
        return (_parquet if path.lower().endswith(_PARQUET) else _text)(path, room, rows)


def _text(path: str, room: Room | None, rows: int | None) -> File:
    text = Text.at(path, _compression(path))
    notes: tuple[str, ...] = ()
    header = _named(text.cells)
    if rows is None:
        if room is not None:
            room.check(text.rows(), len(header), estimate="about ")
    else:
        text, number = text.sample(header, rows)
        notes = _sample_notes(rows, number)

    def read(as_text: Collection[str]) -> Any:
        with _readable(path):
            # pandas would read codes with leading zeros and the like as numbers.
            columns = joined(functools.partial(text.chunks, header), as_text, room)
        return _apart(columns, header)

    def chunks(as_text: Collection[str]) -> Iterator[Any]:
        with _readable(path):
            yield from text.chunks(header, dtype=dict.fromkeys(as_text, "str"))

    return File(header, read, chunks, notes)


def _parquet(path: str, room: Room | None, rows: int | None) -> File:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path, pre_buffer=False)  # else a pass over it keeps all its bytes
    # Without the columns that pandas wrote as its index.
    header = _named(file.schema_arrow.empty_table().to_pandas().columns)
    notes: tuple[str, ...] = ()
    if rows is None:
        if room is not None:
            room.check(file.metadata.num_rows, len(header))
        frame = functools.partial(_frame, file)
    else:
        batches = map(_to_pandas, file.iter_batches())
        sample, number = sampled(batches, rows)
        notes = _sample_notes(rows, number)
        frame = functools.partial(sample.reset_index, drop=True)

    def read(as_text: Collection[str]) -> Any:
        with _readable(path):
            return _as_text(frame(), header, as_text)

    def chunks(as_text: Collection[str]) -> Iterator[Any]:
        with _readable(path):
            for batch in file.iter_batches(rows_of_chunk(header)):
                yield _as_text(_to_pandas(batch).reset_index(drop=True), header, as_text)

    return File(header, read, chunks, notes)


def _as_text(frame: Any, header: tuple[str, ...], names: Collection[str]) -> Any:
    """Return a frame whose columns of these names are text, unless they hold numbers."""
    columns = dict(zip(header, (column for _, column in frame.items()), strict=True))
    for name in names:
        if not _holds_numbers(columns[name]):
            columns[name] = columns[name].map(str, na_action="ignore").astype(object)
    return _apart(columns, header)


def _frame(file: Any) -> Any:
    # Each column is freed once it is converted.
    frame = _to_pandas(file.read(), split_blocks=True, self_destruct=True)
    return frame.reset_index(drop=True)


def _to_pandas(table: Any, **options: Any) -> Any:
    """Return a table or batch of Arrow as a data frame of numbers, integers with all their digits.

    Beside a gap, pandas would make floats of integers: the text of 12 would depend on whether there
    is one, in the chunk or in the table, and two long identifiers could become one. Of decimals,
    pandas makes objects, which are no numbers.
    """
    import pyarrow as pa

    fields = [field.with_type(_number_type(pa, field.type)) for field in table.schema]
    table = table.cast(pa.schema(fields, table.schema.metadata))
    sizes = [f"{sign}{bits}" for sign in ("Int", "UInt") for bits in (8, 16, 32, 64)]
    dtypes = {getattr(pa, size.lower())(): getattr(pd, f"{size}Dtype")() for size in sizes}
    return table.to_pandas(types_mapper=dtypes.get, **options)


def _number_type(pa: Any, kind: Any) -> Any:
    """Return the type of numbers that holds a decimal of Arrow; any other type as it is.

    Decimals of 19 digits and more stay: they are identifiers, which floats would round.
    """
    if not pa.types.is_decimal(kind):
        return kind
    if kind.scale != 0:
        return pa.float64()
    return pa.int64() if kind.precision <= 18 else kind


def _holds_numbers(column: Any) -> bool:
    types = pd.api.types
    return bool(types.is_numeric_dtype(column) and not types.is_bool_dtype(column))


def _apart(columns: Mapping[str, Any], header: tuple[str, ...]) -> Any:
    return pd.DataFrame(columns, columns=list(header), copy=False)


def _sample_notes(rows: int, number: int) -> tuple[str, ...]:
    if number <= rows:
        return ()
    return (f"A random sample of {rows:,} of the {number:,} rows of the table.",)


def _named(cells: Collection[Any]) -> tuple[str, ...]:
    names = [
        printable(str(cell).strip()) or f"Unnamed: {place}" for place, cell in enumerate(cells)
    ]
    for name, count in Counter(names).items():
        if count > 1:
            msg = f"the table has {count} columns named {name!r}: rename all but one"
            raise UserError(msg)
    return tuple(names)


def _compression(path: str) -> str | None:
    kinds = (kind for kind, ends in _COMPRESSIONS.items() if path.lower().endswith(ends))
    return next(kinds, None)


@contextmanager
def _readable(path: str) -> Iterator[None]:
    expected = "expected a table as CSV in UTF-8, plain or compressed, or as Parquet"
    with warnings.catch_warnings():
        # pandas only warns when a row is longer than the header, and drops or shifts its cells.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            yield
        except (UserError, MemoryError):
            raise
        except FileNotFoundError:
            msg = f"no such file: {path}; {expected}"
            raise UserError(msg) from None
        except ImportError:
            package = "pyarrow" if path.lower().endswith(_PARQUET) else "zstandard"
            msg = f"cannot read {path} without {package}: pip install --upgrade {package}"
            raise UserError(msg) from None
        except Exception as error:  # noqa: BLE001 - every decoder raises errors of its own
            msg = f"cannot read {path}: {expected}; {str(error) or type(error).__name__}"
            raise UserError(msg) from None
