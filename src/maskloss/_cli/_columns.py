"""Read the names of columns in the options, and check that the table has them."""

import csv
import difflib
import io
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from ._errors import UserError
from ._terminal import printable

__all__ = ["check_columns", "label_names", "listed", "matching"]


def label_names(labels: str) -> list[str]:
    """Split ``COL,COL,...``, on several lines too; a name with a comma is quoted as in a CSV."""
    try:
        rows = [*csv.reader(io.StringIO(labels, newline=None), skipinitialspace=True)]
    except csv.Error as error:
        msg = f"--labels {labels!r} cannot be split: expected COL,COL,...; {error}"
        raise UserError(msg) from None
    names = [printable(name.strip()) for row in rows for name in row]
    if not names or not all(names):
        msg = f"--labels {labels!r} holds an empty name: expected COL,COL,..."
        raise UserError(msg)
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        msg = f"--labels names {listed(doubled)} more than once: name each label column once"
        raise UserError(msg)
    return names


def matching(pattern: str, header: Sequence[str], others: Collection[str | None]) -> list[str]:
    """Return the columns that a pattern such as ``MUV-*`` matches, without the columns in others.

    Parameters
    ----------
    pattern : str
        A name with ``*``, ``?`` or ``[...]``.
    header : sequence of str
        The columns of the table.
    others : collection of str
        The columns with another role.

    Returns
    -------
    list of str
        The columns, in the order of the table.

    Raises
    ------
    UserError
        If no column matches.
    """
    found = [name for name in header if fnmatchcase(name, pattern) and name not in others]
    if not found:
        msg = f"--labels {pattern!r} matches no column: expected one of {listed(header)}"
        raise UserError(msg)
    return found


def check_columns(
    header: Sequence[str], labels: Sequence[str], text: str | None, group: str | None
) -> None:
    """Raise if a named column is not in the table, or has two roles."""
    for name in [*labels, text, group]:
        if name is not None and name not in header:
            close = _closest(name, header)
            fix = f"did you mean {close!r}?" if close else f"expected one of {listed(header)}"
            msg = f"the table has no column {name!r}: {fix}"
            raise UserError(msg)
    for option, name in (("--text", text), ("--group", group)):
        if name in labels:
            msg = f"column {name!r} is a label and cannot be {option} too: name another column"
            raise UserError(msg)


def listed(names: Sequence[str], most: int = 10) -> str:
    """Quote the first `most` names, and count the others."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + more


def _closest(name: str, header: Sequence[str]) -> str | None:
    """Return the column with the closest name, ignoring case."""
    spelled = {column.casefold(): column for column in header}
    close = difflib.get_close_matches(name.casefold(), spelled, n=1)
    return spelled[close[0]] if close else None
