"""Measure maskloss and its peers side by side; write a table, JSON and a picture."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from contest import LIBRARIES, compete
from report import draw, table
from rich.console import Console


def main():
    options = parser().parse_args()
    chosen = {"only": options.only, "rounds": options.rounds, "is_smoke": options.smoke}
    results = [r for library in options.libraries.split(",") for r in compete(library, **chosen)]
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


if __name__ == "__main__":
    main()
