"""Measure maskloss and its peers side by side; write a table, JSON and a picture."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from arrays import SMOKE, Sizes
from contest import measure
from contestant import Contestant
from report import draw, table
from rich.console import Console
from room import NoRoomError

LIBRARIES = ("import", "numpy", "torch", "jax")


def main():
    options = parser().parse_args()
    results = [r for library in options.libraries.split(",") for r in compete(library, options)]
    Console(width=240).print(table(results))
    if options.output:
        path = Path(options.output)
        path.write_text(json.dumps([asdict(r) for r in results], indent=1), encoding="utf-8")
        if results:
            draw(results, path.with_suffix(".png"))


def parser():
    options = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    options.add_argument("--rounds", type=int, default=7, help="interleaved rounds per task")
    options.add_argument("--only", default="", help="run the tasks whose name contains this")
    options.add_argument("--libraries", default=",".join(LIBRARIES), help="comma-separated")
    options.add_argument("--smoke", action="store_true", help="small arrays, to see that it runs")
    options.add_argument("--output", help="write JSON here, and a picture beside it")
    return options


def compete(library, options):
    """Run the tasks of a library and yield their results."""
    sizes = SMOKE if options.smoke else Sizes()
    sides = [Contestant(library, side, sizes) for side in ("ours", "theirs")]
    for number, name in enumerate(sides[0].ask("names")):
        if options.only not in name:
            continue
        try:
            for side in sides:
                side.ask("take", number)
        except NoRoomError as reason:
            print(f"{name}: left out, {reason}", file=sys.stderr)
            continue
        result = measure(*sides, options.rounds)
        print(f"{name}, beside {result.peer}: {result.ratio:.2f}", file=sys.stderr)
        yield result
    for side in sides:
        side.stop()


if __name__ == "__main__":
    main()
