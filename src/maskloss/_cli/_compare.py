"""``maskloss compare``: the comparison on a table of the user."""

import argparse

from maskloss._cli._errors import UserError
from maskloss._cli._present import present
from maskloss._cli._read import read_table

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Read the table, compare the treatments, and show the result."""
    if options.folds < 2:
        msg = f"--folds {options.folds}: expected 2 or more, one to hold out and one to learn from"
        raise UserError(msg)
    table = read_table(
        options.table,
        labels=options.labels,
        text=options.text,
        group=options.group,
        missing=options.missing,
    )
    present(table, options, folds=options.folds)
    return 0
