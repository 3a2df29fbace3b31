"""From a formula to the expressions of its terms, which calls alike share."""

from __future__ import annotations

import functools
from collections.abc import Hashable
from typing import Any

from .._arrays.typing import Array
from .._formula import Formula
from .._inputs.checked_call import CheckedCall, InputSpec
from .._inputs.domain import WEIGHT, classes_of, is_no_number_of, lies_outside
from .recorder import ComposedRecorder, Recorder
from .recording import RecordedEntries, RecordedLayout, Recording
from .row_recorder import RowRecorder
from .symbols import Graph, NotRecordableError, Symbol


def record(formula: Formula, checked: CheckedCall) -> Recording | None:
    """Return the expressions of a formula, or None if it has none; calls alike share them."""
    arrays = tuple((name, _kind(array)) for name, array in checked.arrays.items())
    layout = checked.layout
    kind = (layout.classes, len(layout.row_axes), layout.has_class_indices)
    key = formula_key(formula), checked.dtype, kind, checked.spec, arrays
    try:
        found: Recording | None = _RECORDINGS.get(key, _UNKNOWN)
    except TypeError:  # an option cannot be hashed
        return _record(formula, checked)
    if found is _UNKNOWN:
        if len(_RECORDINGS) >= _MOST:
            _RECORDINGS.clear()
        found = _RECORDINGS[key] = _record(formula, checked)
    return found


# A schedule gives an option a new value in each step.
_MOST = 256
_RECORDINGS: dict[Hashable, Recording | None] = {}
_UNKNOWN: Any = object()


def _kind(array: object) -> Any:
    """Return what a formula may ask of an array of the call: its dtype, or the type of a number."""
    kind: type[object] = type(array)
    return getattr(array, "dtype", kind)


def formula_key(formula: Any) -> Hashable:
    """Return what is equal for formulas that do the same."""
    if isinstance(formula, list | tuple):
        return tuple(map(formula_key, formula))
    if not isinstance(formula, functools.partial):
        key: Hashable = formula
        return key
    keywords = tuple((name, formula_key(value)) for name, value in sorted(formula.keywords.items()))
    return formula_key(formula.func), tuple(map(formula_key, formula.args)), keywords


def _record(formula: Formula, checked: CheckedCall) -> Recording | None:
    layout = checked.layout
    is_wide = checked.xp.finfo(checked.dtype).bits > 64  # a loop has 32 or 64 bits
    row = tuple(layout.shape[axis] for axis in layout.row_axes)
    if checked.is_placed is not None or is_wide or (row and (len(row) > 1 or row[0] < 2)):
        return None
    if layout.coupled:  # elements of a row may be unobserved
        return None
    for kind in (RowRecorder,) if row else (Recorder, ComposedRecorder):
        try:
            return _record_by(kind(checked.xp), formula, checked, row)
        except (NotRecordableError, TypeError, ValueError):
            continue  # the evaluators of arrays raise the errors of the formula
    return None


def _record_by(
    recorder: Recorder, formula: Formula, checked: CheckedCall, row: tuple[int, ...]
) -> Recording:
    xp, arrays = recorder, checked.xp
    dtypes = (checked.dtype, arrays.bool, arrays.index_dtype)
    graph = Graph([arrays.empty((), dtype=each).dtype for each in dtypes], row)
    x = y = graph.input("x", is_row=bool(row))
    has_indices = checked.layout.has_class_indices
    if checked.spec.has_labels:
        y = graph.input("y", is_index=has_indices, is_row=bool(row) and not has_indices)
    layout: Any = RecordedLayout(checked.layout, row)
    entries = RecordedEntries(checked, xp, layout, x, y, None, None, _refuse)  # type: ignore[arg-type]
    terms = formula(entries)
    if terms.counted is not None or terms.of_sum is not None:
        msg = "rows that may not count"
        raise NotRecordableError(msg)
    outputs = {"value": terms.value(), "slope": terms.slope(), "curvature": terms.curvature()}
    outputs["weight"] = 1.0 if terms.weight is None else terms.weight()
    symbols = {name: graph.as_symbol(symbol) for name, symbol in outputs.items()}
    if symbols["value"].is_row or symbols["weight"].is_row:
        msg = "a loss of each element of a row"
        raise NotRecordableError(msg)
    symbols["is_bad"] = _is_bad(recorder, checked.spec, x, y)
    numbers = {name: symbol.number for name, symbol in symbols.items()}
    return Recording(graph, numbers, terms.weight is not None, tuple(entries.extras))


def _is_bad(recorder: Recorder, spec: InputSpec, x: Symbol, y: Symbol) -> Symbol:
    """Return whether the loss refuses an entry, or an element of a row."""
    xp: Any = recorder
    is_bad: Symbol = lies_outside(xp, x.graph.input("weight"), WEIGHT)
    of_x, of_y = spec.domains
    if not of_x.is_unbounded:
        is_bad |= lies_outside(xp, x, of_x)
    if y is not x:
        of_y = classes_of(x.shape[0], "") if y.node.is_index else of_y
        is_bad |= is_no_number_of(xp, y, of_y)
    for is_wrong in recorder.wrong:
        is_bad |= is_wrong
    return is_bad


def _refuse(array: Array) -> Array:
    msg = f"a selection of {array}"
    raise NotRecordableError(msg)
