"""Draw the two diagrams of the pages: ``python docs/_site/diagrams.py``, which writes to docs."""

from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

DOCS = Path(__file__).parents[1]
STYLE = {"font.size": 10, "svg.hashsalt": "maskloss", "text.color": "#222222"}
LOSSES = ((1, 2, 6), (5, None, None))
GROUPS = ("#CFE5F4", "#FBE3C8", "#CDEBDF")
MEANS = {
    "mean": ("(1 + 2 + 6 + 5) / 4", "3.5", None),
    "mean_over_all": ("(1 + 2 + 6 + 5) / 6", "2.33", None),
    "macro": ("(6/2 + 2/1 + 6/1) / 3", "3.67", "column"),
    "samples": ("(9/3 + 5/1) / 2", "4", "row"),
    "sums": ("total 14, count 4", "Sums", None),
}


def means():
    """Draw the table of two samples and three classes once for each reduction."""
    figure = Figure(figsize=(10, 2.5), facecolor="white")
    for k, (name, (working, result, group)) in enumerate(MEANS.items()):
        axis = figure.add_axes((0.01 + 0.198 * k, 0, 0.185, 1))
        axis.set(xlim=(0, 3), ylim=(-1.25, 2.6))
        axis.axis("off")
        for row, losses in enumerate(LOSSES):
            for column, loss in enumerate(losses):
                colour = GROUPS[{"row": row, "column": column}.get(group, 0)]
                _cell(axis, column, 1 - row, loss, colour, name)
        axis.text(1.5, 2.2, f'"{name}"', ha="center", fontweight="bold", family="monospace")
        axis.text(1.5, -0.42, working, ha="center")
        axis.text(1.5, -0.98, result, ha="center", fontsize=12, fontweight="bold")
    _save(figure, "which-mean.svg")


def _cell(axis, column, row, loss, colour, name):
    is_counted = loss is not None or name == "mean_over_all"
    box = FancyBboxPatch(
        (column + 0.08, row + 0.08),
        0.84,
        0.84,
        boxstyle="round,pad=0,rounding_size=0.1",
        facecolor=colour if is_counted else "white",
        edgecolor="#9A9A9A",
        linestyle="-" if loss is not None else "--",
    )
    axis.add_patch(box)
    if loss is not None:
        axis.text(column + 0.5, row + 0.47, loss, ha="center", va="center", fontsize=13)


LAYERS = (
    (("maskloss", "functions"), ("torch, keras", "modules, classes"),
     ("boosting, sklearn", "objectives, estimators"),
     ("chemprop, neuralforecast, verl", "losses in their registries"),
     ("testing", "checks"), ("_cli", "command")),
    (("_losses/", "one formula each"), ("_linear", "large output layers"),
     ("_objectives", "several heads")),
    (("_loss, _formula, _transforms", "the decorator, the call, the derivatives"),
     ("_labels", "weights, encodings, tables")),
    (("_evaluation", "whole arrays, blocks, reductions, Sums"), ("_fused", "compiled loops"),
     ("_inputs", "arguments in, safe entries out"), ("_math", "exact special functions")),
    (("_arrays", "NumPy, torch, JAX, TensorFlow, dask, MLX: a file for each"),),
)  # fmt: skip
TINTS = ("#DCEBF7", "#FBE9D3", "#EFE3F2", "#DDF1E7", "#EDEDED")


def packages():
    """Draw the packages as layers; each imports from below."""
    figure = Figure(figsize=(9, 4.6), facecolor="white")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, 9), ylim=(0, 4.6))
    axis.axis("off")
    for level, (layer, tint) in enumerate(zip(LAYERS, TINTS, strict=True)):
        widths = [max(1.15 * len(name), len(note)) + 3 for name, note in layer]
        left, bottom = 0.25, 3.75 - 0.88 * level
        for (name, note), width in zip(layer, widths, strict=True):
            wide = 8.2 * width / sum(widths)
            _box(axis, left, bottom, wide - 0.14, tint, name, note)
            left += wide
    axis.add_patch(
        FancyArrowPatch(
            (8.68, 4.35), (8.68, 0.3), arrowstyle="-|>", mutation_scale=14, color="#555"
        )
    )
    axis.text(8.84, 2.3, "imports", rotation=-90, va="center", ha="center", color="#555555")
    _save(figure, "how-it-works.svg")


def _box(axis, left, bottom, width, tint, name, note):
    rounded = "round,pad=0,rounding_size=0.08"
    axis.add_patch(
        FancyBboxPatch(
            (left, bottom), width, 0.68, boxstyle=rounded, facecolor=tint, edgecolor="#888"
        )
    )
    middle = left + width / 2
    axis.text(
        middle,
        bottom + (0.44 if note else 0.34),
        name,
        ha="center",
        va="center",
        family="monospace",
        fontsize=8.5,
    )
    axis.text(middle, bottom + 0.19, note, ha="center", va="center", fontsize=7.5, color="#444444")


def _save(figure, name):
    figure.savefig(DOCS / name, metadata={"Date": None})


if __name__ == "__main__":
    with rc_context(STYLE):
        means()
        packages()
