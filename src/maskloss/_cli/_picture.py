"""Draw a comparison: one row per label, one mark per treatment."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ._advice import caveat, dependence, lead
from ._canvas import FAINT, GRID, STYLE, save, shortened
from ._comparison import Comparison, KindScores
from ._coverage import Coverage
from ._coverage_panels import draw_row, height
from ._panels import Panel, panels
from ._report import summary
from ._treatments import TREATMENTS, title
from ._verdict import verdict

__all__ = ["draw"]

# Colours of Okabe and Ito, which colour-blind readers can tell apart, and a shape per treatment.
# The marks of a label lie one below another, so that their bars do not hide one another.
_MARKS = {
    "masked": ("#0072B2", "o", -0.24),
    "filled": ("#E69F00", "D", 0.0),
    "dropped": ("#999999", "s", 0.24),
}
_BARS = (
    "Bars: one standard error of the mean over the folds, each treatment by itself; the intervals "
    "above are of differences paired by fold."
)


def draw(comparison: Comparison, path: str) -> None:
    """Draw the scores of every label with error bars, their average and the verdict, to a file."""
    with rc_context(STYLE):
        save(_figure(comparison), path)


def _figure(comparison: Comparison) -> Figure:
    heights = [1.0 + 0.36 * (len(kind.labels) + 1) for kind in comparison.kinds]
    heights = [0.8 + height(comparison.coverage), *heights]
    answer = [part for line in verdict(comparison) for part in textwrap.wrap(line, 143)]
    caption = [part for line in _notes(comparison) for part in textwrap.wrap(line, 165)]
    head, foot = 0.55 + 0.19 * len(answer), 0.21 + 0.14 * len(caption)
    size = (10.0, head + sum(heights) + foot)
    bottom = (foot - 0.05) / size[1]
    layout = ConstrainedLayoutEngine(rect=(0.012, bottom, 0.98, 1 - head / size[1] - bottom))
    figure = Figure(figsize=size, facecolor="white", layout=layout)
    question = f"Does masking pay on {comparison.table.name}?"
    left, top = 0.015, 1 - 0.15 / size[1]
    figure.text(left, top, question, va="top", fontsize=14, fontweight="bold")
    figure.text(left, top - 0.32 / size[1], "\n".join(answer), va="top", linespacing=1.35)
    figure.text(left, 0.1 / size[1], "\n".join(caption), va="bottom", color=FAINT, fontsize=8)
    first, *rows = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    _draw_coverage(comparison.coverage, first)
    for kind, row in zip(comparison.kinds, rows, strict=True):
        _draw_kind(kind, row)
    return figure


def _notes(comparison: Comparison) -> tuple[str, ...]:
    return _BARS, caveat(comparison.coverage), summary(comparison)


def _draw_coverage(coverage: Coverage, figure: Any) -> None:
    lines = [lead(coverage), dependence(coverage)]
    found = "\n".join(part for line in lines for part in textwrap.wrap(line, 143))
    figure.suptitle(found, x=0.003, ha="left", fontsize=9.5, linespacing=1.35)
    draw_row(figure, coverage)


def _draw_kind(kind: KindScores, figure: Any) -> None:
    wanted = panels(kind)
    names, order = _order(kind)
    axes = figure.subplots(
        1, len(wanted), sharey=True, squeeze=False, width_ratios=[1.5, *[1.0] * (len(wanted) - 1)]
    )[0]
    for axis, panel in zip(axes, wanted, strict=True):
        _draw_panel(axis, panel, order, kind)
    axes[0].set_yticks(range(len(names)), [*map(shortened, names)])
    axes[0].invert_yaxis()
    if len(names) > len(kind.labels):
        axes[0].get_yticklabels()[-1].set_fontweight("bold")
    handles, titles = axes[0].get_legend_handles_labels()
    figure.legend(handles, titles, loc="outside upper left", ncols=len(titles), frameon=False)


def _order(kind: KindScores) -> tuple[list[str], list[int]]:
    """Return names and positions, best-predicted label first; the average of several comes last."""
    leading = np.nan_to_num(kind.per_label[0, 0], nan=-np.inf)
    order = np.argsort(-leading, kind="stable").tolist()
    names = [kind.labels[position] for position in order]
    return ([*names, "average"], [*order, len(order)]) if len(order) > 1 else (names, order)


def _draw_panel(axis: Any, panel: Panel, order: Sequence[int], kind: KindScores) -> None:
    positions = np.arange(len(order))
    if len(positions) > len(kind.labels):
        axis.axhspan(len(positions) - 1.5, len(positions) - 0.5, color="#F5F5F5", zorder=0)
    if panel.ideal is not None:
        axis.axvline(panel.ideal, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    drawn = zip(TREATMENTS, panel.values[:, order], panel.errors[:, order], strict=True)
    for treatment, scores, errors in drawn:
        colour, marker, shift = _MARKS[treatment]
        name = title(treatment, binary=kind.binary)
        axis.errorbar(
            scores,
            positions + shift,
            xerr=errors,
            color=colour,
            fmt=marker,
            markersize=5,
            markeredgecolor="white",
            markeredgewidth=0.5,
            elinewidth=1.3,
            label=name if np.isfinite(scores).any() else f"{name}: not fitted",
            zorder=3,
        )
    axis.set_xlabel(panel.title)
    axis.set_ylim(-0.5, len(positions) - 0.5)
    axis.grid(axis="x", color=GRID, linewidth=0.7)
    axis.set_axisbelow(True)
    axis.margins(x=0.07)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
