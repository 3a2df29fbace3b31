"""Print a comparison as a table in the terminal."""

from collections.abc import Sequence

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from ._comparison import Comparison, KindScores
from ._digits import counted, significant
from ._features import TEXT_FEATURES
from ._notes import notes
from ._scores import Metric
from ._table import Floats
from ._treatments import TREATMENTS, title
from ._verdict import verdict

__all__ = ["print_report", "summary"]


def print_report(comparison: Comparison, console: Console) -> None:
    """Print the scores, the notes and the verdict.

    Parameters
    ----------
    comparison : Comparison
        The scores.
    console : rich.console.Console
        The console to print to.
    """
    console.print(Text(summary(comparison)))
    console.print(Text(_rows(comparison)))
    for kind in comparison.kinds:
        console.print(_grid(kind))
    for note in notes(comparison):
        console.print(Text(f"- {note}"))
    console.print()
    for line in verdict(comparison):
        console.print(Text(line, style="bold"))


def summary(comparison: Comparison) -> str:
    """Describe the table, its features and the folds in one line."""
    table = comparison.table
    numeric = len(table.feature_names)
    features = [counted(numeric, "numeric column")] if numeric else []
    if table.text is not None:
        features.append(f"{TEXT_FEATURES} hashed character 2- to 4-grams of {table.text_name}")
    grouped = f" grouped by {table.grouped_by}" if table.grouped_by else ""
    return (
        f"{table.name}: {len(table.targets)} rows, {counted(len(table.labels), 'label')}, "
        f"{1 - table.known.mean():.0%} of the labels missing; features: {' and '.join(features)}; "
        f"model: {comparison.model}; {comparison.folds} folds{grouped}."
    )


def _rows(comparison: Comparison) -> str:
    used = comparison.rows.mean(axis=0)
    binary = comparison.kinds[0].binary
    named = [
        f"{title(treatment, binary=binary)} {rows:.0f}"
        for treatment, rows in zip(TREATMENTS, used, strict=True)
    ]
    return f"Rows to learn from, mean over the folds: {', '.join(named)}."


def _grid(kind: KindScores) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    grid.add_column("label", overflow="fold", min_width=10)
    grid.add_column("missing\nlabels", no_wrap=True)
    for metric in kind.metrics:
        grid.add_column(metric.title.replace(" ", "\n"), justify="right", no_wrap=True)
    grid.add_column("observed\n" + ("rate" if kind.binary else "mean"), justify="right")
    for position, name in enumerate(kind.labels):
        known = f"{kind.known[position]:.0%} known"
        _add(grid, kind, (name, known), kind.per_label[:, :, position], kind.observed[position])
    if len(kind.labels) > 1:
        _add(grid, kind, ("average", ""), kind.average, kind.observed.mean())
    return grid


def _add(
    grid: Grid, kind: KindScores, names: tuple[str, str], scores: Floats, observed: np.float64
) -> None:
    ranked = zip(kind.metrics, scores.T, strict=True)
    best = [_best(metric, values, observed) for metric, values in ranked]
    first = [Text(names[0]), Text(names[1], style="dim"), Text()]
    last = [_number(observed, kind.metrics[-1]), "", ""]
    for row, treatment in enumerate(TREATMENTS):
        cells = [
            Text(_number(value, metric), style="bold green" if row in winners else "")
            for value, metric, winners in zip(scores[row], kind.metrics, best, strict=True)
        ]
        name = title(treatment, binary=kind.binary).removeprefix("missing ")
        grid.add_row(first[row], name, *cells, last[row])
    grid.add_section()


def _best(metric: Metric, values: Floats, observed: np.float64) -> Sequence[int]:
    """Return the positions of the best values; none if all values are equal."""
    cost = {"high": -values, "low": values, "observed": np.abs(values - observed)}[metric.best]
    if np.isnan(cost).all():
        return ()
    positions = np.flatnonzero(cost == np.nanmin(cost))
    return () if len(positions) == len(values) else positions.tolist()


def _number(value: np.float64, metric: Metric) -> str:
    return significant(float(value), metric.digits) if np.isfinite(value) else "-"
