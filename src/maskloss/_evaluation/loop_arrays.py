"""What a compiled loop reads: flat arrays of some entries, or of a whole call."""

from __future__ import annotations

import math
from typing import NamedTuple

from .._arrays.typing import Array
from .._fused.recording import Recording
from .._inputs.bound_layout import BoundLayout
from .._inputs.checked_call import CheckedCall
from .._inputs.dtypes import cast
from .._inputs.entries import Entries
from .selection import Selection


class LoopArrays(NamedTuple):
    """What a loop reads.

    Attributes
    ----------
    inputs : list of array
        The entries of each input, flat.
    observed : array, optional
        The mask of the entries.
    spread : tuple of (str, str)
        The name of each input, and what it has one number for.
    number : int
        The number of entries.
    """

    inputs: list[Array]
    observed: Array | None
    spread: tuple[tuple[str, str], ...]
    number: int


def are_in_place(checked: CheckedCall, recording: Recording, all_entries: Selection) -> bool:
    """Return whether a loop can read all arrays of a call as they are."""
    labels, missing = checked.labels, checked.settings.missing
    if recording.extras or labels.own_mask is not None or missing is not None:
        return False
    read = [array for array in _given(checked).values() if array is not None]
    arrays = read if labels.mask is None else [*read, labels.mask]
    return all(map(_is_readable, read)) and all(map(all_entries.is_view, arrays))


def arrays_of(
    checked: CheckedCall, recording: Recording, layout: BoundLayout, selection: Selection
) -> LoopArrays:
    """Return what a loop reads of the selected entries, whose layout is given."""
    xp = checked.xp
    observed = checked.observed(layout, selection)
    if observed is not None:
        # A row has one mask.
        rows = (1,) * len(layout.row_axes)
        observed = xp.broadcast_to(observed, (selection.number, *rows))
    inputs = {
        name: _readable(checked, selection(array))
        for name, array in _given(checked).items()
        if array is not None
    }
    if recording.extras:
        prediction = cast(xp, inputs["x"], checked.dtype)
        labels = inputs.get("y", prediction)
        entries = Entries(
            checked, xp, layout, prediction, labels, observed, checked.weight, selection
        )
        inputs |= {f"extra{k}": extra.of(entries) for k, extra in enumerate(recording.extras)}
    return LoopArrays(
        [array.reshape(-1) for array in inputs.values()],
        None if observed is None else observed.reshape(-1),
        tuple((name, _spread(array)) for name, array in inputs.items()),
        selection.number,
    )


def _given(checked: CheckedCall) -> dict[str, Array | None]:
    """Return the arrays of a call by the names of a recording."""
    labels = checked.labels.values if checked.spec.has_labels else None
    return {"x": checked.prediction, "y": labels, "weight": checked.weight}


def _readable(checked: CheckedCall, array: Array) -> Array:
    """Return an array in a dtype that a loop reads."""
    return array if _is_readable(array) else cast(checked.xp, array, checked.dtype)


def _is_readable(array: Array) -> bool:
    return array.dtype.char in _READABLE and bool(array.dtype.isnative)


def _spread(array: Array) -> str:
    """Return whether an array has a number per element, per entry or per class, or one for all."""
    is_of_rows = math.prod(array.shape[1:]) > 1
    if array.shape[0] > 1:
        return "element" if is_of_rows else "entry"
    return "class" if is_of_rows else "all"


# The characters of bool, all integers, float32 and float64: names take longer to look up.
_READABLE = frozenset("?bBhHiIlLqQfd")
