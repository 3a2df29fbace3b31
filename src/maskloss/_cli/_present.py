"""Compare the treatments on a table, and show the result as the options ask."""

import argparse
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from maskloss._cli._comparison import Comparison
from maskloss._cli._crossvalidation import cross_validate
from maskloss._cli._json import to_json
from maskloss._cli._notes import notes
from maskloss._cli._picture import check_output, draw
from maskloss._cli._report import print_report
from maskloss._cli._table import Table
from maskloss._cli._terminal import check_writable, printable, standard_output
from maskloss._cli._treatments import TREATMENTS

__all__ = ["present"]


def present(table: Table, options: argparse.Namespace, *, folds: int) -> int:
    """Compare, print and draw.

    Parameters
    ----------
    table : Table
        The samples.
    options : argparse.Namespace
        The options ``backend``, ``json`` and ``output``.
    folds : int
        The number of folds.

    Returns
    -------
    int
        The exit code 0.

    Raises
    ------
    UserError
        If the table cannot be compared, or the picture cannot be written.
    """
    if options.output is not None:
        check_output(options.output)
        check_writable(options.output)
    messages = Console(stderr=True, highlight=False)
    comparison = _with_progress(table, options.backend, folds, messages)
    with standard_output():
        if options.json:
            sys.stdout.write(f"{to_json(comparison)}\n")
        else:
            print_report(comparison, Console(highlight=False))
    if options.json:
        for note in notes(comparison):
            messages.print(Text(note), soft_wrap=True)
    if options.output is not None:
        draw(comparison, options.output)
        messages.print(Text(f"Picture: {printable(options.output)}"), soft_wrap=True)
    return 0


def _with_progress(table: Table, backend: str, folds: int, console: Console) -> Comparison:
    # Without a terminal, rich cannot redraw a progress bar and would fill a log with copies.
    if not console.is_terminal:
        return cross_validate(table, folds=folds, backend=backend)
    kinds = len(set(table.binary.tolist()))
    columns = (TextColumn("fits"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("fits", total=kinds * folds * len(TREATMENTS))
        return cross_validate(
            table, folds=folds, backend=backend, on_fit=lambda: progress.advance(bar)
        )
