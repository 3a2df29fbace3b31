"""Pictures of the numbers on the benchmark page, drawn from its tables at each build.

The tables themselves are made of what the benchmark has recorded.
"""

import re
from pathlib import Path

from matplotlib import rc_context, rcParams
from matplotlib.figure import Figure

from _site import recorded
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
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", cell)]


def contest(rows, colours):
    """Draw the time of each peer by ours, with quartiles and target, and memory and errors."""
    columns = "extra MB", "errors"
    titles = ["time of the peer / ours", "extra memory, MB", "errors, epsilons"]
    named = [row | {"both": "\n".join([*row.values()][:2])} for row in rows]
    figure, axes = _axes(named, "both", titles, width=0.42, shares=[1.3, 1, 1])
    for place, row in enumerate(rows):
        (median,), (low, high) = numbers(row["time"]), numbers(row["quartiles"])
        axes[0].plot([low, high], [place, place], color=colours[0], linewidth=2.5)
        axes[0].plot(median, place, MARKS[0], color=colours[0])
        if target := re.match(r"[\d.]+", row["target"]):
            axes[0].plot(float(target[0]), place, "|", color=colours[1], markersize=13)
    for axis, column in zip(axes[1:], columns, strict=True):
        for k, found in enumerate(_columns(rows, column)):
            known = [place for place, number in enumerate(found) if number is not None]
            points = [found[place] for place in known]
            look = {"color": colours[1 - k], "label": ("the peer", "maskloss")[k]}
            axis.plot(points, known, MARKS[1 - k], **look)
        axis.set_xscale("symlog", linthresh=1.0)  # some tasks take no extra memory
        axis.xaxis.get_major_locator().set_params(numticks=5)
        axis.set_xlim(left=0)
    axes[0].set_xscale("log")
    _mark_equal(axes[0], colours)
    return figure


def memory(rows, colours):
    """Draw memory and seconds of each way to read a file, for two numbers of entries."""
    way, *sizes = rows[0]
    figure, axes = _axes(rows, way, ["peak memory, MB", "seconds, logarithmic"], width=0.55)
    for k, size in enumerate(sizes):
        for axis, numbers_of_panel in zip(axes, _columns(rows, size), strict=True):
            _, bars = _bars(axis, numbers_of_panel, k, colours[k], size)
            axis.bar_label(bars, fmt="%g", padding=2, fontsize=8)
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
        medians, *quartiles = _columns(rows, share)
        places, _ = _bars(axis, medians, k, colours[k], share)
        for place, low, high in zip(places, *quartiles, strict=True):
            axis.plot([low, high], [place, place], color=rcParams["text.color"], linewidth=1.2)
    _mark_equal(axis, colours)
    return figure


BESIDE = "Time of each peer divided by that of maskloss, extra memory, and errors"
PICTURES = {
    "NumPy": (contest, f"{BESIDE}, on NumPy arrays"),
    "torch": (contest, f"{BESIDE}, on torch tensors"),
    "JAX": (contest, f"{BESIDE}, on JAX arrays"),
    "More entries than memory holds": (memory, "Memory and time of each way, for two sizes"),
    "On an accelerator": (accelerator, "Kernels, memory traffic and peak memory of each loss"),
    "Compiled loops": (loops, "How many times as fast each loss is with compiled loops"),
}


def _columns(rows, name):
    """Return the numbers of a column of the table, one list for each place in its cells."""
    cells = [numbers(row[name]) for row in rows]
    places = max(map(len, cells))
    return [[cell[k] if cell else None for cell in cells] for k in range(places)]


def _axes(rows, name, titles, width, shares=None):
    figure = Figure(figsize=(7.6, 0.7 + width * len(rows)), layout="constrained")
    axes = figure.subplots(1, len(titles), sharey=True, squeeze=False, width_ratios=shares)[0]
    for axis, title in zip(axes, titles, strict=True):
        axis.tick_params(labelsize=8)
        axis.set_title(title, loc="left", fontsize=9)
        axis.grid(visible=False, axis="y")
        axis.set_axisbelow(True)
    axes[0].set_yticks(range(len(rows)), [row[name] for row in rows], fontsize=8)
    axes[0].set_ylim(len(rows) - 0.4, -0.6)
    return figure, axes


def _bars(axis, column, k, colour, label):
    places = [place + 0.38 * k - 0.19 for place in range(len(column))]
    bars = axis.barh(places, column, height=0.36, color=colour, label=label)
    axis.margins(x=0.12)
    return places, bars


def _mark_equal(axis, colours):
    """Draw a line where both are equally fast."""
    axis.axvline(1.0, color=colours[3], linewidth=1.2, gid="equal")


def _add_legend(figure):
    """Name each mark once, though several panels have it."""
    marks = {}
    for axis in figure.axes:
        for mark, label in zip(*axis.get_legend_handles_labels(), strict=True):
            marks.setdefault(label, mark)
    figure.legend(marks.values(), marks, loc="outside upper right", ncols=2, fontsize=9)


def add_pictures(app, docname, source):
    """Fill and draw the tables of the benchmark page; show each picture below its heading."""
    if docname != "benchmark":
        return
    app.env.note_dependency(str(recorded.RESULTS))
    source[0] = recorded.filled(source[0], recorded.read())
    folder = DOCS / FOLDER
    folder.mkdir(exist_ok=True)
    found = tables(source[0])
    for number, (heading, (draw, alt)) in enumerate(PICTURES.items()):
        shown = ""
        for mode, (settings, colours, _) in MODES.items():
            path = folder / f"benchmark-{number}-{mode}.svg"
            with rc_context(settings):
                figure = draw(found[heading], colours)
                _add_legend(figure)
                figure.savefig(path, metadata={"Date": None})
            shown += f"![{alt}]({FOLDER}/{path.name}){{.only-{mode} .curve}}\n\n"
        source[0] = source[0].replace(f"## {heading}\n", f"## {heading}\n\n{shown}", 1)


def setup(app):
    app.connect("source-read", add_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
