"""Read text with separators in chunks, so that the parser's own memory stays small."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from ._room import Room
from ._sample import sampled

__all__ = ["Text", "joined", "rows_of_chunk"]

_SEPARATORS = (",", "\t", ";")
_CELLS = 2**19


@dataclass(frozen=True)
class Text:
    """A table as text.

    Attributes
    ----------
    source : str or bytes
        The path of a file, or the bytes of a pipe, which gives them only once.
    compression : str, optional
        The name of its compression.
    separator : str
        What separates the cells.
    cells : tuple of str
        The cells of the first row.
    """

    source: str | bytes
    compression: str | None
    separator: str
    cells: tuple[str, ...]

    @classmethod
    def at(cls, path: str, compression: str | None) -> "Text":
        """Find the separator and the first row."""
        source = path if Path(path).is_file() else Path(path).read_bytes()
        tries = [
            cls(source, compression, each, _first_row(source, compression, each))
            for each in _SEPARATORS
        ]
        # The first of equals: a table of one column has no separator.
        return max(tries, key=lambda each: len(each.cells))

    def rows(self) -> float:
        """Estimate the number of rows from the lines at the beginning; 0 where they do not tell."""
        if self.compression is not None or isinstance(self.source, bytes):
            return 0
        with Path(self.source).open("rb") as file:
            start = file.read(2**20)
        return start.count(b"\n") / max(len(start), 1) * Path(self.source).stat().st_size

    def chunks(self, header: tuple[str, ...], **options: Any) -> Iterator[Any]:
        """Yield data frames of some rows each."""
        reader = pd.read_csv(
            _opened(self.source),
            compression=self.compression,
            sep=self.separator,
            index_col=False,
            names=list(header),
            header=0,
            chunksize=rows_of_chunk(header),
            low_memory=False,
            **options,
        )
        with reader:
            yield from reader

    def sample(self, header: tuple[str, ...], rows: int) -> tuple["Text", int]:
        """Return a random sample of the rows as a text of its own, and the number of all rows."""
        # As they are written, so that a sample is read as the whole is.
        as_written = {"dtype": "str", "keep_default_na": False}
        sample, number = sampled(self.chunks(header, **as_written), rows)
        data = sample.to_csv(index=False).encode()
        return Text(data, None, ",", self.cells), number


def rows_of_chunk(header: Collection[str]) -> int:
    """Return the number of rows to read at a time."""
    return max(_CELLS // max(len(header), 1), 1000)


def _opened(source: str | bytes) -> Any:
    return BytesIO(source) if isinstance(source, bytes) else source


def _first_row(source: str | bytes, compression: str | None, separator: str) -> tuple[str, ...]:
    row = pd.read_csv(
        _opened(source),
        compression=compression,
        sep=separator,
        index_col=False,
        header=None,
        nrows=1,
        dtype="str",
        keep_default_na=False,
    )
    return tuple(str(cell) for cell in row.iloc[0])


def joined(
    chunks: Callable[..., Iterator[Any]], as_text: Collection[str], room: Room | None
) -> dict[str, Any]:
    """Return the columns of all chunks, those in `as_text` and those that hold text as text."""
    parts: dict[str, list[Any]] = {}
    rows = 0
    for chunk in chunks(dtype=dict.fromkeys(as_text, "str")):
        rows += len(chunk)
        if room is not None:
            room.check(rows, chunk.shape[1], estimate="more than ")
        for name in chunk:
            # A copy of its own, which does not keep the other columns of the chunk.
            parts.setdefault(name, []).append(chunk[name].copy())
    mixed = [name for name, held in parts.items() if _is_mixed(held)]
    if mixed:
        # Some chunks hold numbers only, which were not kept as they are written.
        return joined(chunks, [*as_text, *mixed], room)
    return {name: pd.concat(parts.pop(name), ignore_index=True) for name in [*parts]}


def _is_mixed(parts: list[Any]) -> bool:
    types = pd.api.types
    held = [part for part in parts if part.notna().any()]
    kinds = {(types.is_numeric_dtype(part), types.is_bool_dtype(part)) for part in held}
    return len(kinds) > 1
