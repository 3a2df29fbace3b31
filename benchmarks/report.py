"""The results as a table and as a picture."""

import math

from rich.markup import escape
from rich.table import Table

TITLE = "Value and gradient, float32, 2 threads unless said"
CAPTION = (
    "time: the peer's divided by ours, median and quartiles of the rounds; extra MB: peak memory "
    "beyond arguments and results, the peer's / ours; errors: the largest, in epsilons, the peer's "
    "/ ours; target: the least ratio of times, of memory, or a bound on our memory"
)


def table(results):
    """Return the table of results; a row that misses its target is red."""
    grid = Table(title=TITLE, caption=CAPTION)
    grid.add_column("task", no_wrap=True)
    grid.add_column("peer", min_width=32)
    for name in ("ours, ms", "time", "quartiles", "extra MB", "counted by", "errors"):
        grid.add_column(name, justify="right")
    for name in ("peer safe", "target", "reached"):
        grid.add_column(name)
    for r in results:
        cells = (
            escape(r.name),
            escape(r.peer),
            _number(r.ours_ms),
            f"{r.ratio:.2f}",
            f"{r.low:.2f} to {r.high:.2f}",
            _pair(r.theirs_mb, r.ours_mb),
            r.counter or "",
            _pair(r.theirs_error, r.ours_error),
            {None: "", True: "yes", False: "no"}[r.peer_is_safe],
            str(r.target),
            _verdict(r),
        )
        grid.add_row(*cells, style="red" if r.misses else "")
    return grid


def draw(results, path):
    """Draw the ratio of times of each task, with its target."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(11, 0.4 * len(results) + 1), layout="constrained")
    places = range(len(results))
    targets = [math.nan if r.target.time is None else r.target.time for r in results]
    axes.barh(places, [r.ratio - 1 for r in results], left=1, color="#4c78a8")
    axes.plot(targets, places, "k|", markersize=12, label="target")
    axes.set_yticks(places, [f"{r.name}\n{r.peer}" for r in results], fontsize=7)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("time of the peer / time of maskloss")
    axes.legend()
    figure.savefig(path, dpi=120)


def _verdict(result):
    if result.misses:
        return "no: " + ", ".join(result.misses)
    return "yes" if str(result.target) else ""


def _pair(theirs, ours):
    return "" if ours is None else f"{_number(theirs)} / {_number(ours)}"


def _number(value):
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
