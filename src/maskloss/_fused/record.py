"""From a formula to the expressions of its terms."""

from __future__ import annotations

import functools
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from maskloss._arrays.typing import Array
from maskloss._formula import Formula
from maskloss._fused.recorder import ComposedRecorder, Recorder
from maskloss._fused.symbols import Graph, NotRecordableError, Symbol
from maskloss._inputs.domain import NON_NEGATIVE, WEIGHT, Domain, lies_outside
from maskloss._inputs.entries import CheckedCall, Entries


class Extra(NamedTuple):
    """A further input of a formula: an array of the call, lined up by a method of `Entries`."""

    method: str
    name: str
    domain: Domain
    fill_value: float | None

    def of(self, entries: Entries) -> Array:
        """Return the array for some entries."""
        method = getattr(entries, self.method)
        array: Array = method(self.name, domain=self.domain, fill_value=self.fill_value)
        return array


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The expressions of a formula of the inputs "x", "y", "weight", "extra0", "extra1", ...

    Attributes
    ----------
    graph : Graph
        The nodes of all expressions.
    outputs : mapping
        The numbers of the nodes of "value", "slope", "curvature" and "weight", each to be
        multiplied by the weight; and of "is_bad", true of an entry that the loss refuses.
    has_weight : bool
        Whether the formula has a weight of its own.
    extras : tuple of Extra
        The inputs beside prediction, label and weight.
    """

    graph: Graph
    outputs: dict[str, int]
    has_weight: bool
    extras: tuple[Extra, ...]
    kernels: dict[Hashable, Any] = field(default_factory=dict)


class _Layout:
    """What a formula may know of the layout."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def __getattr__(self, name: str) -> Any:
        raise NotRecordableError(name)


@dataclass(frozen=True, slots=True)
class RecordedEntries(Entries):
    """One entry, of symbols; the arrays of the call that a formula asks for become inputs."""

    extras: list[Extra] = field(default_factory=list)

    def _extra(self, method: str, name: str, domain: Domain, fill_value: float | None) -> Symbol:
        extra = Extra(method, name, domain, fill_value)
        if extra not in self.extras:
            self.extras.append(extra)
        number = self.extras.index(extra)
        symbol: Symbol = self.prediction.graph.symbol("input", f"extra{number}")
        return symbol

    def per_entry(
        self, name: str, *, domain: Domain = NON_NEGATIVE, fill_value: float = 0.0
    ) -> Array:
        """Return an input; nothing to line up is an error of the evaluator that reads arrays."""
        if self.checked.arrays[name] is None:
            raise NotRecordableError(name)
        return self._extra("per_entry", name, domain, fill_value)

    def per_class(
        self, name: str, *, domain: Domain = NON_NEGATIVE, fill_value: float | None = None
    ) -> Array | None:
        """Return an input."""
        if self.checked.arrays[name] is None:
            return None
        return self._extra("per_class", name, domain, fill_value)

    def class_mask(self, name: str) -> Array | None:
        """Refuse a mask."""
        raise NotRecordableError(name)

    def alongside(self, name: str) -> Array:
        """Refuse an array of another meaning."""
        raise NotRecordableError(name)


def record(formula: Formula, checked: CheckedCall) -> Recording | None:
    """Return the expressions of a formula, or None if it has none; calls alike share them."""
    arrays = tuple((name, _kind(array)) for name, array in checked.arrays.items())
    call = (str(checked.dtype), checked.layout.classes, checked.spec, arrays)
    try:
        key = _key(formula), call
        if key not in _RECORDINGS:
            if len(_RECORDINGS) >= _MOST:
                _RECORDINGS.clear()
            _RECORDINGS[key] = _record(formula, checked)
        return _RECORDINGS[key]
    except (KeyError, TypeError):  # another thread made room, or an option cannot be hashed
        return _record(formula, checked)


# A schedule gives an option a new value in each step.
_MOST = 256
_RECORDINGS: dict[Hashable, Recording | None] = {}


def _kind(array: object) -> str:
    """Return what a formula may ask of an array of the call: its dtype, or the type of a number."""
    return str(getattr(array, "dtype", type(array)))


def _key(formula: Any) -> Hashable:
    """Return what is equal for formulas that do the same."""
    if isinstance(formula, list | tuple):
        return tuple(map(_key, formula))
    if not isinstance(formula, functools.partial):
        key: Hashable = formula
        return key
    keywords = tuple((name, _key(value)) for name, value in sorted(formula.keywords.items()))
    return _key(formula.func), tuple(map(_key, formula.args)), keywords


def _record(formula: Formula, checked: CheckedCall) -> Recording | None:
    is_wide = checked.xp.finfo(checked.dtype).bits > 64  # a loop has 32 or 64 bits
    if checked.layout.row_axes or checked.is_placed is not None or is_wide:
        return None
    for kind in (Recorder, ComposedRecorder):
        try:
            return _record_by(kind(checked.xp), formula, checked)
        except (NotRecordableError, TypeError, ValueError):
            continue  # the evaluators of arrays raise the errors of the formula
    return None


def _record_by(recorder: Recorder, formula: Formula, checked: CheckedCall) -> Recording:
    xp, arrays = recorder, checked.xp
    dtypes = [arrays.empty((), dtype=each).dtype for each in (checked.dtype, arrays.bool)]
    graph = Graph(*dtypes)
    x = graph.symbol("input", "x")
    y = graph.symbol("input", "y") if checked.spec.has_labels else x
    layout: Any = _Layout(checked.layout.classes)
    entries = RecordedEntries(checked, xp, layout, x, y, None, None, _refuse)  # type: ignore[arg-type]
    terms = formula(entries)
    if terms.counted is not None or terms.of_sum is not None:
        msg = "rows that may not count"
        raise NotRecordableError(msg)
    weight = graph.symbol("input", "weight")
    is_bad = lies_outside(xp, weight, WEIGHT)  # type: ignore[arg-type]
    for symbol, domain in zip((x, y), checked.spec.domains, strict=True):
        if not domain.is_unbounded:
            is_bad |= lies_outside(xp, symbol, domain, or_nan=symbol is y)  # type: ignore[arg-type]
    if checked.spec.has_labels:
        is_bad |= xp.isnan(y)
    outputs = {"value": terms.value(), "slope": terms.slope(), "curvature": terms.curvature()}
    outputs["weight"] = x.constant(1.0) if terms.weight is None else terms.weight()
    numbers = {name: graph.as_symbol(symbol).number for name, symbol in outputs.items()}
    for is_wrong in recorder.wrong:
        is_bad |= is_wrong
    numbers["is_bad"] = is_bad.number
    return Recording(graph, numbers, terms.weight is not None, tuple(entries.extras))


def _refuse(array: Array) -> Array:
    msg = f"a selection of {array}"
    raise NotRecordableError(msg)
