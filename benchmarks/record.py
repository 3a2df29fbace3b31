"""Measure all that docs/benchmark.md shows, and write it to benchmarks/results.json.

The site makes its tables and pictures of this file at each build. `nox -s record` installs what it
needs; the machine should be idle. Each part says when, where and with what it was measured, so that
one can be measured again alone: `--parts loops,copies`.
"""

import argparse
import datetime as dt
import functools
import importlib.metadata
import json
import os
import platform
import sys
import time
from pathlib import Path

from contest import LIBRARIES, compete

import maskloss

PATH = Path(__file__).with_name("results.json")
PACKAGES = (
    "numpy",
    "scikit-learn",
    "torch",
    "jax",
    "optax",
    "keras",
    "numba",
    "dask",
    "pyarrow",
)
ROUNDS = 7


def contest(library, given):
    """Return time, memory and errors beside the peers of a library."""
    sizes = {"only": "", "rounds": given.rounds, "is_smoke": given.smoke}
    return [
        {
            "task": r.name,
            "peer": r.peer,
            "ms": r.ours_ms,
            "time": [r.low, r.ratio, r.high],
            "mb": None if r.ours_mb is None else [r.theirs_mb, r.ours_mb],
            "counter": r.counter,
            "errors": None if r.ours_error is None else [r.theirs_error, r.ours_error],
            "peer_is_safe": r.peer_is_safe,
            "target": str(r.target),
            "misses": r.misses,
        }
        for r in compete(library, **sizes)
    ]


def entries(given):
    """Return seconds and memory of sums over files."""
    from entries import WAYS, compete

    sizes = [1e7] if given.smoke else [1e7, given.entries]
    ways = ["memmap"] if given.smoke else WAYS
    return [row for size in sizes for row in compete(ways, size, given.folder)]


def accelerator(_):
    """Return counted kernels, traffic and memory."""
    from accelerator import ROWS

    def numbers(cost):
        return [cost.kernels, cost.passes, cost.peak]

    return [
        {"loss": row.name, "ours": numbers(row.ours()), "idiom": numbers(row.theirs())}
        if row.idiom
        else {"loss": row.name, "ours": numbers(row.ours()), "idiom": None}
        for row in ROWS
    ]


def loops(given):
    """Return what compiled loops gain, also in rows of many classes."""
    from loops import gains

    found = [*gains(*_shape(given), given.rounds)]
    rows, classes = (64, 100) if given.smoke else (1024, 32000)
    (wide,) = gains(rows, classes, given.rounds, names=["cross_entropy"])
    return [*found, wide | {"loss": f"cross_entropy, {classes} classes"}]


def copies(given):
    """Return what bounds compiled loops."""
    from loops import limits

    return [*limits(*_shape(given), given.rounds)]


def _shape(given):
    return (64, 50) if given.smoke else (4096, 1000)


PARTS = {
    "accelerator": accelerator,
    **{library: functools.partial(contest, library) for library in LIBRARIES},
    "loops": loops,
    "copies": copies,
    "entries": entries,
}


def surroundings():
    """Return when and where this is, and the versions of the packages."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(": ")[1] for line in info if line.startswith("model name")]
    versions = {"maskloss": maskloss.__version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "processor": names[0] if names else platform.processor(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_gb": memory,
        "system": f"{platform.system()} {platform.release()}",
        "versions": versions,
    }


def written(results):
    """Return the text of the file: a line for each row, and numbers of four digits."""
    parts = []
    for name, part in results.items():
        about = [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in part.items() if k != "rows"]
        rows = ",\n".join(f"   {json.dumps(row)}" for row in part["rows"])
        parts.append(
            f" {json.dumps(name)}: {{\n"
            + ",\n".join([*about, f'  "rows": [\n{rows}\n  ]'])
            + "\n }"
        )
    return "{\n" + ",\n".join(parts) + "\n}\n"


def rounded(value):
    """Return nested numbers with four significant digits."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--parts", default=",".join(PARTS), help="comma-separated")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds")
    options.add_argument("--entries", type=float, default=3e8, help="of the largest file")
    options.add_argument("--folder", help="where the files of entries are written")
    options.add_argument("--smoke", action="store_true", help="small arrays, to see that it runs")
    options.add_argument("--output", type=Path, default=PATH)
    given = options.parse_args()
    path, names = given.output, given.parts.split(",")
    if unknown := [name for name in names if name not in PARTS]:
        options.error(f"--parts has {', '.join(unknown)}: expected some of {', '.join(PARTS)}")
    if given.smoke and path == PATH:
        options.error("--smoke would overwrite what was measured: give --output")
    load = os.getloadavg()[0]  # of others: later it is the load of this program
    results = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name in names:
        start = time.perf_counter()
        rows = PARTS[name](given)
        seconds = time.perf_counter() - start
        part = surroundings() | {"load": load, "rounds": given.rounds, "seconds": seconds}
        part["rows"] = rows
        results[name] = rounded(part)
        print(f"{name}: {seconds:.0f} s", file=sys.stderr)
        # Kept part by part: a run that is stopped has not been in vain.
        path.write_text(written({key: results[key] for key in PARTS if key in results}), "utf-8")


if __name__ == "__main__":
    main()
