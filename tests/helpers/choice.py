"""Which tests `--cases` runs where each takes long: a `few`, the `rest`, or `every` one.

NumPy, where mutants are tried, and array_api_strict run every test that is not marked `costly`;
torch runs all of these that compile nothing. On a slow library, of a compiled loss, and where a
test is marked `costly`, a property gets one row of the tables for every sixth loss or other
function, other properties get the others, and of several parameters each value comes once.

By default, every fourth of these tests runs, counted over all libraries: a few that end in a
quarter of an hour. The rest runs where a change is checked, in about 40 minutes with all else: of
those that are left, each whose function its library has not met so far, and each with a value that
no slow library has met in that function. Which library comes first depends on the function's name,
so that they share such values. So each loss and each property meets each library, and each value of
its parameters at least one. A test marked `every_loss` is among the few with one row of each loss,
and one marked `long` is among the rest alone.
"""

import zlib
from collections import defaultdict

from tables.cases import CASES

# Libraries whose compiling, building and dispatching takes longer than all else together.
SLOW = {"jax", "dask", "mlx", "tensorflow"}
# The parameters that are rows of a table, or losses.
_ROWS = {"case", "row", "record", "loss"}
_SHARES = 6
_FEW = 4


def _keywords_of(row):
    return getattr(row, "keywords", None) or getattr(row, "options", {})


def _subject_of(row):
    """Return what a row tests: a loss, another function, without keywords, or an encoding."""
    names = ("loss", "function", "encoding")
    subject = next((getattr(row, name) for name in names if hasattr(row, name)), row)
    return getattr(subject, "func", subject)


def _of_each_loss(rows):
    """Return of each loss the row that has the most keywords."""
    parts = defaultdict(list)
    for row in rows:
        parts[_subject_of(row)].append(row)
    return [max(part, key=lambda row: len(_keywords_of(row))) for part in parts.values()]


ONE_OF_EACH_LOSS = _of_each_loss(CASES)


def chosen_of(items, cases):
    """Return the tests that run with `--cases`."""
    if cases == "every":
        return items
    few, rest, tests = [], [], defaultdict(lambda: defaultdict(list))
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        backend = getattr(parameters.get("backend"), "name", None)
        if parameters and _takes_long(item, backend):
            tests[item.function][backend].append(item)
        else:
            (rest if _is_long(item) else few).append(item)
    chosen = [
        [item for some in _rotated([*of_libraries.values()]) for item in _in_turn(some)]
        for of_libraries in tests.values()
    ]
    few_of_slow = [item for of_one in chosen for item in _few(of_one)]
    if cases == "few":
        return few + few_of_slow
    met = {pair for item in few_of_slow for pair in _pairs(item)}
    for of_one in chosen:
        first = _few(of_one)
        for item in of_one:
            if item not in first and (_is_long(item) or not met.issuperset(_pairs(item))):
                rest.append(item)
                met.update(_pairs(item))
    return rest


def _pairs(item):
    """Return what meets in a test: library and function, and function and values of parameters."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    backend = getattr(parameters.get("backend"), "name", None)
    values = {
        (item.function, name, str(_subject_of(value) if name in _ROWS else value))
        for name, value in parameters.items()
        if name != "backend"
    }
    return values | {(backend, "function", item.function)}


def _is_long(item):
    return item.get_closest_marker("long") is not None


def _few(items):
    """Return one in `_FEW` tests of a function, or one; which of them depends on its name."""
    if _is_long(items[0]):
        return []
    if items[0].get_closest_marker("every_loss"):
        return items
    return items[_number_of(items[0]) % _FEW :: _FEW] or items[:1]


def _number_of(item):
    """Return a number for the function of a test, the same in each process."""
    return zlib.crc32(item.originalname.encode())


def _rotated(of_libraries):
    """Let the name of a function say which library comes first, and so meets the most values."""
    start = _number_of(of_libraries[0][0]) // (_SHARES * _FEW) % len(of_libraries)
    return of_libraries[start:] + of_libraries[:start]


def _takes_long(item, backend):
    is_compiled = any("jit" in marker.args for marker in item.iter_markers("needs"))
    return backend in SLOW or is_compiled or item.get_closest_marker("costly")


def _covered(item, rows):
    """Return the rows that a test gets."""
    rows = _of_each_loss(rows)
    if item.get_closest_marker("every_loss"):
        return rows
    return rows[_number_of(item) % _SHARES :: _SHARES] or rows[:1]


def _in_turn(items):
    """Return tests in which each row that is covered, and each value of each parameter, occurs."""
    names = [name for name in items[0].callspec.params if name != "backend"]
    values = []  # of each parameter, by identity: pytest gives all tests the same objects
    for name in names:
        found = {id(value): value for value in (item.callspec.params[name] for item in items)}
        if name in _ROWS and all(map(_is_row, found.values())):
            kept = {id(row) for row in _covered(items[0], list(found.values()))}
            found = {key: row for key, row in found.items() if key in kept}
        values.append([*found])
    turns = range(max(map(len, values), default=1))
    wanted = {tuple(keys[k % len(keys)] for keys in values) for k in turns}
    return [item for item in items if tuple(id(item.callspec.params[n]) for n in names) in wanted]


def _is_row(value):
    return hasattr(value, "__dataclass_fields__") or callable(value)
