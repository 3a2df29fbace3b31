"""Which cases run by default where each takes long; all of them run with `--every-case`.

NumPy and array_api_strict run every case. A slow library and a compiler get one case of each loss.
A test marked `costly` gets there what it names: a case of each keyword, loss, family or kind.
"""

from collections import defaultdict

from tables import cases
from tables.cases import CASES, KINDS

# Libraries whose compiling, building and dispatching takes longer than all else together.
SLOW = {"jax", "dask", "tensorflow"}
FAMILIES = [
    cases.BINARY,
    cases.CATEGORICAL,
    cases.REGRESSION,
    cases.MULTILABEL,
    cases.SEGMENTATION,
    cases.RANKING,
    cases.PARTIAL,
]


def _richest(rows):
    """Return the case that has the most keywords."""
    return max(rows, key=lambda case: len(case.options))


def _covering(rows):
    """Return a few of the cases of a loss that have all its keywords."""
    chosen, rest = [], list(rows)
    lacking = {name for case in rows for name in case.options}
    while lacking or not chosen:
        best = max(rest, key=lambda case: len(lacking & case.options.keys()))
        rest.remove(best)
        chosen.append(best)
        lacking -= best.options.keys()
    return chosen


_LOSSES = [[case for case in CASES if case.loss is loss] for loss in {c.loss: 0 for c in CASES}]
ONE_OF_EACH_LOSS = [_richest(rows) for rows in _LOSSES]
EACH_KEYWORD = [case for rows in _LOSSES for case in _covering(rows)]
# With numbers over the whole range, where the family has some.
ONE_OF_EACH_FAMILY = [_richest([c for c in rows if c.extremes] or rows) for rows in FAMILIES]
_KEPT = {
    "keyword": EACH_KEYWORD,
    "loss": ONE_OF_EACH_LOSS,
    "family": ONE_OF_EACH_FAMILY,
    "kind": KINDS,
}


def chosen_of(items):
    """Return the tests that run by default: of each test on each library at least one case."""
    chosen, rows_of = [], defaultdict(list)
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        case, backend = parameters.get("case"), getattr(parameters.get("backend"), "name", None)
        if _is_in(case, CASES):
            rows_of[item.function, backend].append((case, item))
        else:
            chosen.append(item)
    for (_, backend), rows in rows_of.items():
        kept = _kept(rows[0][1], backend)
        if not any(_is_in(case, kept) for case, _ in rows):
            kept = [_richest([case for case, _ in rows])]
        chosen += [item for case, item in rows if _is_in(case, kept)]
    return chosen


def _kept(item, backend):
    for marker in item.iter_markers("costly"):
        if backend in marker.args:
            return _KEPT[marker.kwargs["of"]]
    is_compiled = any("jit" in marker.args for marker in item.iter_markers("needs"))
    return ONE_OF_EACH_LOSS if backend in SLOW or is_compiled else CASES


def _is_in(case, rows):
    return any(case is row for row in rows)
