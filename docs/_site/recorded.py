"""The tables of the benchmark page, made at each build of what the benchmark has recorded.

A line such as ``<!-- recorded: contest torch -->`` on the page becomes a table or a sentence.
"""

import json
import re
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results.json"
_MARK = re.compile(r"<!-- recorded:(.*?)-->", re.DOTALL)
_FIRST = "torch"  # the page names its machine and versions at the top
_NAMES = {
    "python": "Python",
    "numpy": "NumPy",
    "scipy": "SciPy",
    "jax": "JAX",
    "keras": "Keras",
    "numba": "Numba",
}


def read():
    """Return what the benchmark has recorded."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def filled(text, results):
    """Return a page with its marks replaced."""

    def shown(mark):
        name, *arguments = mark[1].split() or [""]
        missing = {name} - {*SHOWN} | {*arguments} - {*results}
        if missing:
            msg = (
                f"{mark[0]} names {', '.join(sorted(missing))}, which is neither a table nor a "
                f"part of {RESULTS.name}; the tables are {', '.join(SHOWN)}, the parts "
                f"{', '.join(results)}"
            )
            raise ValueError(msg)
        return SHOWN[name](results, *arguments)

    return _MARK.sub(shown, text)


def about(results, part):
    """Say when, where and with what a part was measured, and how busy the machine was."""
    of = results[part]
    if part != _FIRST and all(
        of[key] == results[_FIRST][key] for key in ("date", "load", "versions")
    ):
        return "Measured in the same run as the first tables."
    versions = (f"{_NAMES.get(name, name)} {v}" for name, v in of["versions"].items())
    return (
        f"Measured on {of['date']} with {of['processors']} processors ({of['processor']}), "
        f"{of['memory_gb']:.0f} GB of memory, {of['system']}; {', '.join(versions)}. "
        f"Load average before: {of['load']:.1f}."
    )


def contest(results, library):
    """Return the table of tasks of a library beside its peers."""
    columns = ("task", "peer", "time", "quartiles", "extra MB", "errors", "peer safe", "target")
    return _table(columns, (_contestants(r, library) for r in results[library]["rows"]))


def _contestants(row, library):
    task = row["task"].removeprefix("NumPy, ").removeprefix("torch, ").removeprefix("jax.jit, ")
    return (
        f"`{task}`" if library == "import" else task,
        f"`{row['peer']}`" if re.match(r"import|F\.|\(", row["peer"]) else row["peer"],
        _number(row["time"][1]),
        f"{_number(row['time'][0])}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}{_number(row['time'][2])}",
        _pair(row["mb"]),
        _pair(row["errors"]),
        {None: "", True: "yes", False: "no"}[row["peer_is_safe"]],
        f"{row['target']}: missed ({', '.join(row['misses'])})" if row["misses"] else row["target"],
    )


def entries(results):
    """Return the table of seconds and memory of sums over files."""
    rows = results["entries"]["rows"]
    sizes = sorted({row["entries"] for row in rows})
    cells = {
        (row["way"], row["entries"]): f"{row['mb']:.0f} MB, {_number(row['seconds'])} s"
        for row in rows
    }
    columns = ("way", *(f"{size:.0e} entries".replace("e+0", "e") for size in sizes))
    return _table(columns, ((name, *(cells[way, s] for s in sizes)) for way, name in WAYS.items()))


WAYS = {
    "memmap": "`np.memmap`, one call",
    "Arrow": "Parquet, record batches through `from_table`",
    "dask": "dask, chunks of 1e6 entries",
}


def accelerator(results):
    """Return the table of counted kernels, memory traffic and peak memory."""

    def cost(numbers):
        return "" if numbers is None else "{} / {:.1f} / {:.1f}".format(*numbers)

    rows = results["accelerator"]["rows"]
    cells = ((f"`{row['loss']}`", cost(row["ours"]), cost(row["idiom"])) for row in rows)
    return _table(("loss, value and gradient", "maskloss", "the unsafe idiom"), cells)


def loops(results):
    """Return the table of what compiled loops gain."""
    rows = results["loops"]["rows"]
    cells = ((_loss(row), _spread(row["some"]), _spread(row["all"])) for row in rows)
    return _table(("loss", "30 % observed", "all observed"), cells)


def copies(results):
    """Return the table of what bounds compiled loops."""
    rows = results["copies"]["rows"]
    columns = {
        "ns": "ns an element",
        "copy": "time / copy",
        "threads": "one thread / two",
        "copy_threads": "copy: one thread / two",
    }
    cells = ((_loss(row), *(_spread(row[key]) for key in columns)) for row in rows)
    return _table(("loss", *columns.values()), cells)


SHOWN = {f.__name__: f for f in (about, contest, entries, accelerator, loops, copies)}


def _table(columns, rows):
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _loss(row):
    name, comma, rest = row["loss"].partition(",")
    return f"`{name}`{comma}{rest}"


def _spread(quartiles):
    low, median, high = map(_number, quartiles)
    return f"{median} ({low} to {high})"


def _pair(numbers):
    return "" if numbers is None else " / ".join(map(_number, numbers))


def _number(value):
    """Return a number of two or three digits, such as 0.31, 4.2, 37 or 8.4e6."""
    if value >= 1e5:
        return f"{value:.1e}".replace("e+0", "e").replace("e+", "e")
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}" if value < 1 else f"{value:.3g}"
