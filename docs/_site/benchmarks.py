"""Pictures of the numbers on the benchmark page, drawn from its tables at each build."""

import re
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from _site.curves import MODES

DOCS = Path(__file__).parents[1]
FOLDER = "pictures"
MARKS = ("o", "D")


def tables(text):
    """Return the rows of the first table below each heading: its cells by column."""
    found = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, rest = section.partition("\n")
        if table := re.search(r"(?:^\|.*\n)+", rest, re.MULTILINE):
            lines = [line.strip("| ").split(" | ") for line in table[0].splitlines()]
            columns = [cell.strip() for cell in lines[0]]
            padded = [[*line, *[""] * (len(columns) - len(line))] for line in lines[2:]]
            found[heading] = [dict(zip(columns, map(_plain, row), strict=True)) for row in padded]
    return found


def _plain(cell):
    return cell.strip(" |`").replace("`", "")


def numbers(cell):
    """Return the numbers of a cell, such as "28 / 33.3 / 5.0" or "50 MB, 0.8 s"."""
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", cell)]


def memory(rows, colours):
    """Draw memory and seconds of each way to read a file, for two numbers of entries."""
    way, *sizes = rows[0]
    figure, axes = _axes(rows, way, ["peak memory, MB", "seconds, logarithmic"], width=0.55)
    for k, size in enumerate(sizes):
        for axis, numbers_of_panel in zip(axes, _columns(rows, size), strict=True):
            _bars(axis, numbers_of_panel, k, colours[k], size)
    axes[1].set_xscale("log")
    return figure


def accelerator(rows, colours):
    """Draw kernels, traffic and peak memory of each loss, and of the idiom where it has one."""
    loss, *contestants = rows[0]
    titles = ["kernels", "memory traffic", "peak memory"]
    figure, axes = _axes(rows, loss, titles, width=0.2)
    for k, contestant in enumerate(contestants):
        for axis, column in zip(axes, _columns(rows, contestant), strict=True):
            known = [place for place, number in enumerate(column) if number is not None]
            points = [column[place] for place in known]
            axis.plot(points, known, MARKS[k], color=colours[k], label=contestant)
    for axis in axes:
        axis.set_xlim(left=0)
    return figure


def loops(rows, colours):
    """Draw how many times as fast each loss is with compiled loops."""
    loss, *shares = rows[0]
    figure, (axis,) = _axes(rows, loss, ["time without compiled loops / time with"], width=0.4)
    for k, share in enumerate(shares):
        _bars(axis, _columns(rows, share)[0], k, colours[k], share)
    axis.axvline(1.0, color=colours[3], linewidth=1.2)
    return figure


PICTURES = {
    "More entries than memory holds": (memory, "Memory and time of each way, for two sizes"),
    "On an accelerator": (accelerator, "Kernels, memory traffic and peak memory of each loss"),
    "Compiled loops": (loops, "How many times as fast each loss is with compiled loops"),
}


def _columns(rows, name):
    """Return the numbers of a column of the table, one list for each place in its cells."""
    cells = [numbers(row[name]) for row in rows]
    places = max(map(len, cells))
    return [[cell[k] if cell else None for cell in cells] for k in range(places)]


def _axes(rows, name, titles, width):
    figure = Figure(figsize=(7.6, 0.7 + width * len(rows)), layout="constrained")
    axes = figure.subplots(1, len(titles), sharey=True, squeeze=False)[0]
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, loc="left", fontsize=9)
        axis.grid(visible=False, axis="y")
        axis.set_axisbelow(True)
    axes[0].set_yticks(range(len(rows)), [row[name] for row in rows], fontsize=8)
    axes[0].set_ylim(len(rows) - 0.4, -0.6)
    return figure, axes


def _bars(axis, column, k, colour, label):
    places = [place + 0.38 * k - 0.19 for place in range(len(column))]
    bars = axis.barh(places, column, height=0.36, color=colour, label=label)
    axis.bar_label(bars, fmt="%g", padding=2, fontsize=8)
    axis.margins(x=0.12)


def add_pictures(app, docname, source):
    """Draw the tables of the benchmark page, and show each picture below its heading."""
    if docname != "benchmark":
        return
    folder = DOCS / FOLDER
    folder.mkdir(exist_ok=True)
    found = tables(source[0])
    for number, (heading, (draw, alt)) in enumerate(PICTURES.items()):
        shown = ""
        for mode, (settings, colours, _) in MODES.items():
            path = folder / f"benchmark-{number}-{mode}.svg"
            with rc_context(settings):
                figure = draw(found[heading], colours)
                handles, labels = figure.axes[0].get_legend_handles_labels()
                figure.legend(handles, labels, loc="outside upper right", ncols=2, fontsize=9)
                figure.savefig(path, metadata={"Date": None})
            shown += f"![{alt}]({FOLDER}/{path.name}){{.only-{mode} .curve}}\n\n"
        source[0] = source[0].replace(f"## {heading}\n", f"## {heading}\n\n{shown}", 1)


def setup(app):
    app.connect("source-read", add_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
