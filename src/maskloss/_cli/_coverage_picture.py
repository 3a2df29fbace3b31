"""Draw which labels of a table are observed."""

import textwrap

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ._advice import advice, caveat, lead
from ._canvas import FAINT, STYLE, save
from ._coverage import Coverage
from ._coverage_panels import draw_square, height

__all__ = ["draw"]

_LOW = 2.5


def draw(coverage: Coverage, path: str) -> None:
    """Draw the coverage of a table in four panels, with the advice above them, to a file."""
    with rc_context(STYLE):
        save(_figure(coverage), path)


def _figure(coverage: Coverage) -> Figure:
    lines = [part for line in (lead(coverage), *advice(coverage)) for part in _wrapped(line, 140)]
    caption = _wrapped(caveat(coverage), 165)
    head, foot = 0.6 + 0.19 * len(lines), 0.15 + 0.14 * len(caption)
    size = (10.0, head + height(coverage) + _LOW + foot)
    bottom = foot / size[1]
    layout = ConstrainedLayoutEngine(rect=(0.012, bottom, 0.98, 1 - head / size[1] - bottom))
    figure = Figure(figsize=size, facecolor="white", layout=layout)
    left, top = 0.015, 1 - 0.15 / size[1]
    title = f"Which labels of {coverage.table.name} are observed?"
    figure.text(left, top, title, va="top", fontsize=14, fontweight="bold")
    figure.text(left, top - 0.32 / size[1], "\n".join(lines), va="top", linespacing=1.35)
    figure.text(left, 0.06 / size[1], "\n".join(caption), va="bottom", color=FAINT, fontsize=8)
    draw_square(figure, coverage, _LOW)
    return figure


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width)
