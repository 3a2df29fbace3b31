"""The picture that other sites show beside a link to this one."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

TABLE = ("1?0?1", "?01??", "0?1?0", "??0?1")
COLOURS = {"1": "#0072B2", "0": "#9CC9E6", "?": "none"}


def draw_card(path):
    """Draw a table of labels with gaps beside the name of the package."""
    figure = Figure(figsize=(12, 6.3), facecolor="#FBFBF8")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, 12), ylim=(0, 6.3))
    axis.axis("off")
    for row, labels in enumerate(TABLE):
        for column, label in enumerate(labels):
            box = FancyBboxPatch(
                (7.2 + 0.82 * column, 4.05 - 0.82 * row),
                0.62,
                0.62,
                boxstyle="round,pad=0,rounding_size=0.1",
                facecolor=COLOURS[label],
                edgecolor="#B8B8B8" if label == "?" else "none",
                linestyle="--" if label == "?" else "-",
                linewidth=1.6,
            )
            axis.add_patch(box)
    axis.text(0.8, 3.65, "maskloss", fontsize=56, fontweight="bold", color="#1F1F1F")
    lines = "Losses for incomplete labels,\non every array library"
    axis.text(0.83, 2.1, lines, fontsize=25, color="#444444", linespacing=1.35)
    figure.savefig(path, dpi=100)
