"""Compare the treatments on a table, and show the result as the options ask."""

import argparse
import functools
import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from ._canvas import check_output
from ._comparison import Comparison
from ._contest import contests
from ._crossvalidation import OnFit, cross_validate
from ._json import to_json
from ._models import models_of
from ._notes import notes
from ._picture import draw
from ._report import print_report
from ._table import Table
from ._terminal import check_writable, printable, standard_output
from ._treatments import TREATMENTS

__all__ = ["present"]


def present(table: Table, options: argparse.Namespace, *, folds: int) -> list[Comparison]:
    """Compare, print and draw.

    Parameters
    ----------
    table : Table
        The samples.
    options : argparse.Namespace
        The options ``model``, ``backend``, ``json`` and ``output``.
    folds : int
        The number of folds.

    Returns
    -------
    list of Comparison
        The comparison by each model.

    Raises
    ------
    UserError
        If the table cannot be compared, or the picture cannot be written.
    """
    models = models_of(options)
    if options.output is not None:
        check_output(options.output)
        check_writable(options.output)
    messages = Console(stderr=True, highlight=False)
    keeps = getattr(options, "predictions", None) is not None
    fits = functools.partial(
        cross_validate, table, folds=folds, backend=options.backend, keeps_predictions=keeps
    )
    comparisons = _with_progress(table, models, fits, folds, messages)
    found = contests(comparisons) if len(comparisons) > 1 else []
    with standard_output():
        if options.json:
            sys.stdout.write(f"{to_json(comparisons)}\n")
        else:
            console = Console(highlight=False)
            for comparison in comparisons:
                print_report(comparison, console)
            for line in (line for one in found for line in one.lines(comparisons)):
                console.print(Text(line, style="bold"))
    if options.json:
        for note in dict.fromkeys(note for one in comparisons for note in notes(one)):
            messages.print(Text(note), soft_wrap=True)
    if options.output is not None:
        drawn = comparisons[found[0].best if found else 0]
        draw(drawn, options.output)
        of = f" of {drawn.model}" if found else ""
        messages.print(Text(f"Picture{of}: {printable(options.output)}"), soft_wrap=True)
    return comparisons


def _with_progress(
    table: Table,
    models: Sequence[str],
    fits: Callable[..., Comparison],
    folds: int,
    console: Console,
) -> list[Comparison]:
    def compare(on_fit: OnFit) -> list[Comparison]:
        return [fits(model=model, on_fit=on_fit) for model in models]

    # Without a terminal, rich cannot redraw a progress bar and would fill a log with copies.
    if not console.is_terminal:
        return compare(lambda: None)
    kinds = len(set(table.binary.tolist()))
    columns = (TextColumn("fits"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        total = len(models) * kinds * folds * len(TREATMENTS)
        bar = progress.add_task("fits", total=total)
        return compare(lambda: progress.advance(bar))
