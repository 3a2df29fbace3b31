"""Which tests run by default where each takes long; all run with `--every-case`.

NumPy, where mutants are tried, and array_api_strict run every test; torch and MLX run all that
compile nothing. A slow library, and a compiler, get at most one row of the tables for each loss or
other function, and of several parameters each value once. On a slow library a property gets every
third loss, and other properties the others: so each loss, dtype and way to reduce meets each
library, and each property does. A test marked `costly` gets the rows it names: of each keyword,
loss, family or kind, or every other loss.
"""

import zlib
from collections import defaultdict

from tables.cases import CASES, FAMILIES, KINDS

# Libraries whose compiling, building and dispatching takes longer than all else together.
SLOW = {"jax", "dask", "tensorflow"}
# Libraries whose compiled functions are tested.
COMPILERS = ("jax", "mlx", "tensorflow", "torch")
# The parameters that are rows of a table, or losses.
_ROWS = {"case", "row", "record"}
_FAMILY_OF = {case.loss: k for k, rows in enumerate(FAMILIES) for case in rows}


def _keywords_of(row):
    return getattr(row, "keywords", None) or getattr(row, "options", {})


def _subject_of(row):
    """Return what a row tests: a loss, another function, without keywords, or an encoding."""
    names = ("loss", "function", "encoding")
    subject = next(getattr(row, name) for name in names if hasattr(row, name))
    return getattr(subject, "func", subject)


def _richest(rows):
    """Return the row that has the most keywords."""
    return max(rows, key=lambda row: len(_keywords_of(row)))


def _covering(rows):
    """Return a few of the rows of a loss that have all its keywords."""
    chosen, rest = [], list(rows)
    lacking = {name for row in rows for name in _keywords_of(row)}
    while lacking or not chosen:
        best = max(rest, key=lambda row: len(lacking & _keywords_of(row).keys()))
        rest.remove(best)
        chosen.append(best)
        lacking -= _keywords_of(best).keys()
    return chosen


def _split(rows, key):
    parts = defaultdict(list)
    for row in rows:
        parts[key(row)].append(row)
    return parts.values()


def _of_each_loss(rows):
    return [_richest(part) for part in _split(rows, _subject_of)]


def _of_each_keyword(rows):
    return [row for part in _split(rows, _subject_of) for row in _covering(part)]


def _of_each_family(rows):
    """With numbers over the whole range, where the family has some."""
    families = _split(rows, lambda case: _FAMILY_OF[case.loss])
    return [_richest([case for case in part if case.extremes] or part) for part in families]


def _of_each_kind(rows):
    return [case for case in rows if _is_in(case, KINDS)] or [_richest(rows)]


ONE_OF_EACH_LOSS = _of_each_loss(CASES)
_KEPT = {
    "keyword": _of_each_keyword,
    "loss": _of_each_loss,
    "odd loss": lambda rows: _of_each_loss(rows)[::2],
    "even loss": lambda rows: _of_each_loss(rows)[1::2] or rows[:1],
    **{f"third {k}": lambda rows, k=k: _of_each_loss(rows)[k::3] or rows[:1] for k in range(3)},
    "family": _of_each_family,
    "kind": _of_each_kind,
}


def chosen_of(items):
    """Return the tests that run by default."""
    chosen, tests = [], defaultdict(list)
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        backend = getattr(parameters.get("backend"), "name", None)
        if coverage := parameters and _coverage(item, backend):
            tests[item.function, backend, coverage].append(item)
        else:
            chosen.append(item)
    for (_, _, coverage), some in tests.items():
        chosen += _in_turn(some, coverage)
    return chosen


def _coverage(item, backend):
    """Return the name of the rows that a test gets on a library; None for all."""
    for marker in item.iter_markers("costly"):
        if backend in marker.args:
            return marker.kwargs["of"]
    if backend in SLOW:
        return f"third {zlib.crc32(item.originalname.encode()) % 3}"
    is_compiled = any("jit" in marker.args for marker in item.iter_markers("needs"))
    return "loss" if is_compiled else None


def _in_turn(items, coverage):
    """Return tests in which each row that is covered, and each value of each parameter, occurs."""
    names = [name for name in items[0].callspec.params if name != "backend"]
    values = []  # of each parameter, by identity: pytest gives all tests the same objects
    for name in names:
        found = {id(value): value for value in (item.callspec.params[name] for item in items)}
        if name in _ROWS and all(hasattr(row, "__dataclass_fields__") for row in found.values()):
            kept = _KEPT[coverage](list(found.values()))
            found = {key: row for key, row in found.items() if _is_in(row, kept)}
        values.append([*found])
    turns = range(max(map(len, values), default=1))
    wanted = {tuple(keys[k % len(keys)] for keys in values) for k in turns}
    return [item for item in items if tuple(id(item.callspec.params[n]) for n in names) in wanted]


def _is_in(case, rows):
    return any(case is row for row in rows)
