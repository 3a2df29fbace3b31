"""The picture of a loss: value and slope over one prediction, for each label and for a gap."""

from matplotlib import rc_context
from matplotlib.figure import Figure

from _site.calls import curves, grid
from _site.option_curves import families

# Colours of Okabe and Ito, which colour-blind readers can tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
DARK = ("#56B4E9", "#E69F00", "#2FC49A", "#E4A0C8")
STYLES = ("-", "--", "-.", (0, (3, 1, 1, 1)))


def style(ink, grid_colour):
    """Return settings for a transparent picture."""
    return {
        "font.size": 10,
        "text.color": ink,
        "axes.labelcolor": ink,
        "axes.edgecolor": grid_colour,
        "xtick.color": ink,
        "ytick.color": ink,
        "grid.color": grid_colour,
        "axes.grid": True,
        "grid.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "legend.frameon": False,
        "svg.hashsalt": "maskloss",
    }


MODES = {
    "light": (style("#323232", "#D4D4D4"), COLOURS, "#777777"),
    "dark": (style("#DADADA", "#4A4F55"), DARK, "#AAAAAA"),
}


def draw(record, folder):
    """Draw a loss for a light and for a dark page, and return what its picture shows."""
    found = curves(record)
    for mode, (settings, colours, faint) in MODES.items():
        with rc_context(settings):
            figure = _figure(record, found, colours, faint)
            path = folder / f"{record.name}-{mode}.svg"
            figure.savefig(path, metadata={"Date": None})
            _thumbnail(record, found, colours, faint).savefig(
                folder / f"{record.name}-small-{mode}.svg", metadata={"Date": None}
            )
    labels = ", ".join(curve.name for curve in found)
    return f"{record.name} and its slope over one prediction, with the curves: {labels}."


def draw_options(record, folder):
    """Draw what the options of a loss do, and return what the picture shows; empty if nothing."""
    found = families(record)
    if not found:
        return ""
    for mode, (settings, colours, _) in MODES.items():
        with rc_context(settings):
            path = folder / f"{record.name}-options-{mode}.svg"
            _options_figure(record, found, colours).savefig(path, metadata={"Date": None})
    names = ", ".join(family.option for family in found)
    return f"{record.name} at a few numbers of its options {names}."


def _options_figure(record, found, colours):
    rows = -(-len(found) // 3)
    figure = Figure(figsize=(7.8, 2.4 * rows), layout="constrained")  # one scale for all losses
    axes = figure.subplots(rows, 3, squeeze=False).ravel()
    for axis, family in zip(axes, found, strict=False):
        for k, (number, curve) in enumerate(family.curves.items()):
            look = {"color": colours[k % 4], "linestyle": STYLES[k % 4], "linewidth": 1.8}
            axis.plot(grid(record), curve.value, label=f"{number:g}", **look)
        axis.set_title(f"{family.option} ({family.label})", loc="left", fontsize=9)
        axis.legend(fontsize=8)
    for axis in axes[len(found) :]:
        axis.remove()
    return figure


def _figure(record, found, colours, faint):
    figure = Figure(figsize=(7.6, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True)
    x, looks = grid(record), _looks(found, colours, faint)
    for curve, look in zip(found, looks, strict=True):
        left.plot(x, curve.value, label=curve.name, **look)
        right.plot(x, curve.slope, **look)
    for axis, title in ((left, "loss"), (right, "slope of the loss")):
        axis.set_xlabel(_one(record.inputs.names[0]))
        axis.set_title(title, loc="left", fontsize=10)
        axis.margins(x=0.01)
    figure.legend(loc="outside upper center", ncols=4)
    return figure


def _thumbnail(record, found, colours, faint):
    """Draw the value alone, without words, as large as a card."""
    figure = Figure(figsize=(3.2, 1.7), layout="constrained")
    axis = figure.subplots()
    for curve, look in zip(found, _looks(found, colours, faint), strict=True):
        axis.plot(grid(record), curve.value, **look)
    axis.tick_params(labelbottom=False, labelleft=False, length=0)
    return figure


def _looks(found, colours, faint):
    labels = [curve.name for curve in found if curve.name != "missing"]
    gap = {"color": faint, "linestyle": ":", "linewidth": 2.2}
    each = {
        name: {"color": colours[k % 4], "linestyle": STYLES[k % 4], "linewidth": 2.0}
        for k, name in enumerate(labels)
    }
    return [each.get(curve.name, gap) for curve in found]


def _one(name):
    """Return the name of one of the predictions."""
    named = {"probabilities": "probability", "input": "prediction"}
    return named.get(name, name.removesuffix("s"))
