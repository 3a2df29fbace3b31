"""Read a file into a data frame: text with separators, compressed or not, or Parquet."""

import re
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from maskloss._cli._errors import UserError
from maskloss._cli._terminal import printable

__all__ = ["File", "open_file"]

_SEPARATORS = (",", "\t", ";")
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
        A function to the data frame, from the names of the columns to keep as text.
    """

    header: tuple[str, ...]
    read: Callable[[Collection[str]], Any]


def open_file(path: str) -> File:
    """Read the bytes of a file and the names of its columns.

    Parameters
    ----------
    path : str
        The path; its suffix tells compression and Parquet.

    Returns
    -------
    File
        The file.

    Raises
    ------
    UserError
        If the path is a URL, or the file cannot be read, or two columns have one name.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", path):
        msg = f"{path} is a URL: expected the path of a file; download it first"
        raise UserError(msg)
    with _readable(path):
        data = Path(path).read_bytes()
        return _parquet(data) if path.lower().endswith(_PARQUET) else _text(data, path)


def _text(data: bytes, path: str) -> File:
    common = {"compression": _compression(path), "index_col": False}
    rows = {separator: _first_row(data, sep=separator, **common) for separator in _SEPARATORS}
    # The first of equals: a table of one column has no separator.
    separator = max(_SEPARATORS, key=lambda each: len(rows[each]))
    header = _named(rows[separator])

    def read(as_text: Collection[str]) -> Any:
        # pandas would read codes with leading zeros and the like as numbers.
        kept = dict.fromkeys(as_text, "str")
        with _readable(path):
            return pd.read_csv(
                BytesIO(data),
                sep=separator,
                names=list(header),
                header=0,
                dtype=kept,
                low_memory=False,
                **common,
            )

    return File(header, read)


def _first_row(data: bytes, **options: Any) -> list[str]:
    row = pd.read_csv(
        BytesIO(data), header=None, nrows=1, dtype="str", keep_default_na=False, **options
    )
    return [str(cell) for cell in row.iloc[0]]


def _parquet(data: bytes) -> File:
    frame = pd.read_parquet(BytesIO(data)).reset_index(drop=True)
    header = _named(frame.columns)
    frame.columns = header

    def read(as_text: Collection[str]) -> Any:
        texts = {name: frame[name].map(str, na_action="ignore").astype(object) for name in as_text}
        return frame.assign(**texts)

    return File(header, read)


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
        except UserError:
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
