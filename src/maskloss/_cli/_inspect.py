"""``maskloss inspect``: which labels of a table are missing, and does missing look random."""

import argparse
import json
import math
import sys

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from .. import __version__
from ._advice import advice, caveat, lead
from ._canvas import check_output
from ._coverage import Coverage, Link, cover
from ._coverage_picture import draw
from ._read import read_table
from ._terminal import check_writable, printable, standard_output

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Read the table, measure its labels, and show the result as the options ask."""
    if options.output is not None:
        check_output(options.output)
        check_writable(options.output)
    table = read_table(
        options.table,
        labels=options.labels,
        missing=options.missing,
        rows=options.rows,
        to_fit=False,
    )
    coverage = cover(table)
    with standard_output():
        if options.json:
            sys.stdout.write(f"{_to_json(coverage)}\n")
        else:
            _print(coverage, Console(highlight=False))
    if options.output is not None:
        draw(coverage, options.output)
        text = Text(f"Picture: {printable(options.output)}")
        Console(stderr=True, highlight=False).print(text, soft_wrap=True)
    return 0


def _print(coverage: Coverage, console: Console) -> None:
    console.print(Text(lead(coverage)))
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    grid.add_column("label", overflow="fold", min_width=10)
    for name in ("observed", "positives\namong them"):
        grid.add_column(name, justify="right")
    grid.add_column("goes with", overflow="fold")
    for name in ("AUC", "p"):
        grid.add_column(name, justify="right", no_wrap=True)
    for position, name in enumerate(coverage.table.labels):
        share = coverage.positives[position]
        positives = "-" if math.isnan(share) else f"{share:.0%}"
        observed = f"{coverage.observed[position]:.0%}"
        grid.add_row(Text(name), observed, positives, *_cells(coverage.links[position]))
    console.print(grid)
    for note in filter(None, (*coverage.table.notes, caveat(coverage))):
        console.print(Text(f"- {note}"))
    console.print()
    for line in advice(coverage):
        console.print(Text(line, style="bold"))


def _cells(link: Link | None) -> tuple[Text | str, str, str]:
    if link is None:
        return "-", "-", "-"
    style = "bold" if link.is_significant else "dim"
    return Text(link.column, style=style), f"{link.auc:.2f}", f"{link.p:.1g}"


def _to_json(coverage: Coverage) -> str:
    names = coverage.table.labels
    labels = [
        {
            "name": name,
            "observed": float(coverage.observed[position]),
            "positives": _finite(float(coverage.positives[position])),
            "goes_with": None if link is None else vars(link),
        }
        for position, (name, link) in enumerate(zip(names, coverage.links, strict=True))
    ]
    document = {
        "maskloss": __version__,
        "table": coverage.table.name,
        "rows": len(coverage.table.targets),
        "complete_rows": coverage.complete,
        "lost_with_incomplete_rows": coverage.lost,
        "rows_by_observed_labels": coverage.rows.tolist(),
        "labels": labels,
        "observed_together": coverage.together.tolist(),
        "tests": coverage.tests,
        "notes": list(coverage.table.notes),
        "advice": advice(coverage),
    }
    return json.dumps(document, indent=2, allow_nan=False)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
