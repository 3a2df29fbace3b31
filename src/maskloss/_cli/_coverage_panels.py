"""The panels that show which labels of a table are observed."""

import textwrap
from typing import Any

import numpy as np

from ._canvas import FAINT, GRID, shortened
from ._coverage import Coverage

__all__ = ["draw_row", "draw_square", "height"]

_POSITIVE, _NEGATIVE, _OTHER = "#0072B2", "#9CC9E6", "#56B4E9"
# With more labels than this, their names would overlap.
_MOST_NAMES = 60


def height(coverage: Coverage) -> float:
    """Return the height, in inches, of the panels that have a line for each label."""
    return max(2.4, 0.9 + 0.2 * min(len(coverage.table.labels), _MOST_NAMES))


def draw_square(figure: Any, coverage: Coverage, low: float) -> None:
    """Draw the panels in two rows, of which the lower is `low` inches high."""
    (shares, pairs), (rows, links) = figure.subplots(2, 2, height_ratios=[height(coverage), low])
    _name_labels(pairs, coverage)
    _draw(figure, (shares, pairs, rows, links), coverage)


def draw_row(figure: Any, coverage: Coverage) -> None:
    """Draw the panels beside each other, with the names of the labels once."""
    shares, pairs, rows, links = figure.subplots(1, 4, width_ratios=[1.1, 1.3, 0.9, 1.1])
    pairs.set_yticks([])
    axes = (shares, pairs, rows, links)
    _draw(figure, axes, coverage)
    for axis in axes:
        axis.set_title("\n".join(textwrap.wrap(axis.get_title(), 17)), fontsize=9.5)


def _draw(figure: Any, axes: tuple[Any, ...], coverage: Coverage) -> None:
    shares, pairs, rows, links = axes
    _draw_shares(shares, coverage)
    _draw_pairs(figure, pairs, coverage)
    _draw_rows(rows, coverage)
    _draw_links(links, coverage)


def _draw_shares(axis: Any, coverage: Coverage) -> None:
    """Draw a bar for each label, divided into positives and negatives if it has them."""
    order = coverage.order
    observed, positives = coverage.observed[order], coverage.positives[order]
    is_binary = np.isfinite(positives)
    places = np.arange(len(order))
    first = np.where(is_binary, observed * np.nan_to_num(positives), 0)
    for width, start, colour, name in (
        (first, 0.0, _POSITIVE, "positive"),
        (np.where(is_binary, observed - first, 0), first, _NEGATIVE, "negative"),
        (np.where(is_binary, 0, observed), 0.0, _OTHER, "a number"),
    ):
        if np.any(width > 0):
            axis.barh(places, width, left=start, color=colour, height=0.72, label=name)
    axis.set(xlim=(0, 1), ylim=(len(order) - 0.5, -0.5), title="share of rows observed")
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=3, frameon=False)
    _name_labels(axis, coverage)
    _tidy(axis, "x")


def _draw_pairs(figure: Any, axis: Any, coverage: Coverage) -> None:
    """Draw the share of rows in which two labels are observed, cluster beside cluster."""
    order = coverage.order
    together = coverage.together[np.ix_(order, order)]
    image = axis.imshow(
        together, vmin=0, vmax=max(together.max(), 1e-9), cmap="Blues", aspect="auto"
    )
    axis.set_title("share of rows with both labels observed", fontsize=9.5)
    axis.set_xticks([])
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    figure.colorbar(image, ax=axis, fraction=0.05, pad=0.02).outline.set_visible(False)


def _name_labels(axis: Any, coverage: Coverage) -> None:
    if len(coverage.order) > _MOST_NAMES:
        axis.set_yticks([])
        axis.set_ylabel(f"{len(coverage.order)} labels")
        return
    names = [coverage.table.labels[position] for position in coverage.order]
    axis.set_yticks(range(len(names)), [*map(shortened, names)])


def _draw_rows(axis: Any, coverage: Coverage) -> None:
    """Draw how many rows have how many observed labels."""
    counts = np.arange(len(coverage.rows))
    axis.bar(counts, coverage.rows, color=_OTHER, width=0.85)
    axis.set(title="number of rows", xlabel="observed labels in the row")
    axis.xaxis.get_major_locator().set_params(integer=True)
    _tidy(axis, "y")


def _draw_links(axis: Any, coverage: Coverage) -> None:
    """Draw the column of the clearest test for each label, the strongest twelve."""
    found = [
        (name, link)
        for name, link in zip(coverage.table.labels, coverage.links, strict=True)
        if link is not None
    ]
    found.sort(key=lambda pair: -abs(pair[1].auc - 0.5))
    shown = found[:12]
    for place, (_, link) in enumerate(shown):
        colour = "#D55E00" if link.is_significant else "#AAAAAA"
        axis.plot([0.5, link.auc], [place, place], color=colour, linewidth=1.3)
        axis.plot(link.auc, place, "o", color=colour, markersize=5)
    names = [f"{shortened(name, 18)} by {shortened(link.column, 18)}" for name, link in shown]
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.axvline(0.5, color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    axis.set(xlim=(0, 1), ylim=(max(len(shown), 1) - 0.5, -0.5))
    axis.set(title="AUC of a column, observed against missing (orange: p < 0.05)")
    if not shown:
        axis.text(0.5, 0, "no column to test", ha="center", va="center", color=FAINT)
    _tidy(axis, "x")


def _tidy(axis: Any, grid: str) -> None:
    axis.title.set_fontsize(9.5)
    axis.grid(axis=grid, color=GRID, linewidth=0.7)
    axis.set_axisbelow(True)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
