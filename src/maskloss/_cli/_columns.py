"""Read the names of columns in the options, and check that the table has them."""

import csv
import difflib
from collections.abc import Sequence

from maskloss._cli._errors import UserError

__all__ = ["check_columns", "label_names", "listed"]


def label_names(labels: str) -> list[str]:
    """Split ``COL,COL,...``; a name with a comma is quoted as in a CSV file."""
    names = [name.strip() for name in next(csv.reader([labels], skipinitialspace=True), [])]
    if not names or not all(names):
        msg = f"--labels {labels!r} holds an empty name: expected COL,COL,..."
        raise UserError(msg)
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        msg = f"--labels names {listed(doubled)} more than once: name each label column once"
        raise UserError(msg)
    return names


def check_columns(
    header: Sequence[str], labels: Sequence[str], text: str | None, group: str | None
) -> None:
    """Raise if a named column is not in the table, or has two roles."""
    for name in [*labels, text, group]:
        if name is not None and name not in header:
            close = difflib.get_close_matches(name, header, n=1)
            fix = f"did you mean {close[0]!r}?" if close else f"expected one of {listed(header)}"
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
