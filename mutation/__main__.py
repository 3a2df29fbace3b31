"""Change the formulas, one place at a time, and count how many changes the tests find.

`survivors.toml` lists those that they do not find. The run fails where they find less than 90 % of
what it does not call the same program, or miss a change that it does not list.
"""

import argparse
import gc
import os
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

from mutants import PACKAGE, mutants_of
from suite import Oracles, tests_of_lines
from trial import try_all

LEAST = 0.9
SURVIVORS = Path(__file__).with_name("survivors.toml")

# The folders and files that hold formulas; the others bring these their arrays.
PATHS = ("_losses", "_math", "_labels/counts.py", "_labels/*_weights.py")
FORMULAS = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for pattern in PATHS
    for path in PACKAGE.glob(pattern if pattern.endswith(".py") else f"{pattern}/**/*.py")
    if path.name != "__init__.py"
)


def main():
    options = parser().parse_args()
    # One core for each mutant; read by the package, which is not imported yet.
    os.environ["MASKLOSS_NUM_THREADS"] = "1"
    backends = ("--array-backend", options.array_backend)
    oracles = Oracles()
    tests = tests_of_lines(options.modules, backends, oracles)
    gc.freeze()  # or else each child copies the oracles' numbers to look for cycles
    mutants = [mutant for module in options.modules for mutant in mutants_of(module)]
    outcomes = {}
    for mutant, failed in try_all(mutants, options.processes, tests, backends, oracles):
        outcomes[mutant] = failed
        print(f"{mutant.name}: {mutant.change}\n    {failed or 'SURVIVED'}", flush=True)
    return report(outcomes, options.modules)


def parser():
    parser = argparse.ArgumentParser(prog="mutation", description=__doc__)
    parser.add_argument(
        "modules", nargs="*", default=FORMULAS, help="as _math.softmax; by default, all formulas"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="%(default)s")
    parser.add_argument(
        "--array-backend", default="numpy,array_api_strict", help="of the tests: %(default)s"
    )
    return parser


def report(outcomes, modules):
    """Print what came of the mutants; return whether the tests find too few of them."""
    reasons = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["reason"]
    listed = {name for reason in reasons for name in reason["mutants"]}
    equivalent = {n for reason in reasons if reason["is_equivalent"] for n in reason["mutants"]}
    for module in modules:
        print(
            f"{module:48}", share_of({m: how for m, how in outcomes.items() if m.module == module})
        )
    survivors = {mutant.name for mutant, how in outcomes.items() if how is None}
    for name in sorted(survivors - listed):
        print("survives, and is not listed:", name)
    for name in sorted(listed & {mutant.name for mutant in outcomes} - survivors):
        print("is listed, and does not survive:", name)
    others = {m: how for m, how in outcomes.items() if how or m.name not in equivalent}
    print("all:", share_of(outcomes))
    print("without those that are no change:", share := share_of(others))
    return share.killed < LEAST * share.number or not survivors <= listed


class Share(NamedTuple):
    """How many of some mutants are killed."""

    killed: int
    number: int

    def __str__(self):
        return f"{self.killed} of {self.number} killed, {self.killed / max(self.number, 1):.1%}"


def share_of(outcomes):
    return Share(sum(how is not None for how in outcomes.values()), len(outcomes))


if __name__ == "__main__":
    sys.exit(main())
