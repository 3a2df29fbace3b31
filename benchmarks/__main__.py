"""Measure this library and its peers side by side: a table, JSON, and a picture."""

import argparse
import json
import math
import os
from dataclasses import asdict
from pathlib import Path

os.environ["MASKLOSS_NUM_THREADS"] = "2"

from arrays import SMOKE, Sizes
from contest import measure
from contestant import Contestant
from rich.console import Console
from rich.table import Table

LIBRARIES = ("numpy", "torch", "jax")


def main():
    options = parser().parse_args()
    sizes, results = SMOKE if options.smoke else Sizes(), []
    for library in options.libraries.split(","):
        sides = [Contestant(library, side, sizes) for side in ("ours", "theirs")]
        for number, name in enumerate(sides[0].ask("names")):
            if options.only in name:
                for side in sides:
                    side.ask("take", number)
                results.append(measure(*sides, options.rounds))
                Console(stderr=True).print(f"{name}: {results[-1].ratio:.2f}")
        for side in sides:
            side.stop()
    Console(width=150).print(table(results))
    if options.output:
        path = Path(options.output)
        path.write_text(json.dumps([asdict(r) for r in results], indent=1), encoding="utf-8")
        draw(results, path.with_suffix(".png"))


def parser():
    options = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    options.add_argument("--rounds", type=int, default=7, help="interleaved rounds per task")
    options.add_argument("--only", default="", help="tasks whose name has this in it")
    options.add_argument("--libraries", default=",".join(LIBRARIES), help="comma-separated")
    options.add_argument("--smoke", action="store_true", help="small arrays, to try it out")
    options.add_argument("--output", help="write JSON here, and a picture beside it")
    return options


def table(results):
    """Lay the results out: ratios are theirs by ours, higher is better."""
    grid = Table(title="Value and gradient, float32, 2 threads; ratios are the peer's by ours")
    for name in ("task", "peer"):
        grid.add_column(name)
    for name in ("ours, ms", "time", "quartiles", "target", "memory (RSS)", "errors, eps", "safe"):
        grid.add_column(name, justify="right")
    for r in results:
        memory = f"{r.theirs_mb:.0f} / {r.ours_mb:.0f} MB"
        errors = f"{r.theirs_error:.3g} / {r.ours_error:.3g}"
        style = "" if r.ratio >= r.target else "red"
        cells = (f"{r.ours_ms:.3g}", f"{r.ratio:.2f}", f"{r.low:.2f} to {r.high:.2f}")
        safe = {None: "", True: "yes", False: "no"}[r.peer_is_safe]
        errors = "" if math.isnan(r.ours_error) else errors
        grid.add_row(r.name, r.peer, *cells, f"{r.target:g}", memory, errors, safe, style=style)
    return grid


def draw(results, path):
    """Draw the ratios beside their targets."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 0.4 * len(results) + 1), layout="constrained")
    places = range(len(results))
    axes.barh(places, [r.ratio for r in results], color="#4c78a8")
    axes.plot([r.target for r in results], places, "k|", markersize=12, label="target")
    axes.set_yticks(places, [r.name for r in results])
    axes.invert_yaxis()
    axes.set_xlabel("time of the peer / time of maskloss")
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
