"""The source of a function that runs a loop part by part, and adds up its numbers per entry."""

from __future__ import annotations

from collections.abc import Sequence

from .numba_source import indented
from .shape import DERIVATIVES, Shape, numbers_of

# So many numbers stay in a first-level cache until they are added up.
_ENTRIES = 1024
_TEXT = """

def loop({arguments}, totals, number, bounds):
    is_any_bad, is_summed = False, totals.shape[1] > 1
{prepared}
    for block in range(bounds.size - 1):
        last = bounds[block + 1]
        for start in range(bounds[block], last, {entries}):
            stop = min(start + {entries}, last)
{chosen}
            is_any_bad |= part({of_part}, stop - start)
            totals[block, 0] += {counted}
            if is_summed:
{added}
    return is_any_bad
"""


def loop_over_parts(shape: Shape, scratch: Sequence[str]) -> str:
    """Return the source of `loop`, which calls `part` for the entries of each block.

    `scratch` are the names of arrays that `part` takes for numbers of its own. `bounds` are the
    entries at which blocks start and end, and `totals` has a row for each block: how many of its
    entries are observed and, if it has further places, the sums of values and weights, in float64
    from pairwise sums in the dtype of the loop; else these are written for each entry. The function
    returns whether an observed entry is outside its domain.
    """
    numbers = numbers_of(shape.outputs)
    arrays = [*(f"{name}_part" for name in numbers), *scratch]
    prepared = [f"{name} = np.empty({_ENTRIES}, REAL)" for name in arrays]
    if shape.is_of_rows:
        prepared.append("length = x_in.size // number")
    chosen = [
        f"{name}_each = {name}_part[: stop - start] if is_summed else {name}_out[start:stop]"
        for name in numbers
    ]
    added = [f"totals[block, {k}] += total({name}_each)" for k, name in enumerate(numbers, 1)]
    return _TEXT.format(
        arguments=", ".join(shape.arguments),
        prepared=_inside(1, prepared),
        entries=_ENTRIES,
        chosen=_inside(3, chosen),
        of_part=", ".join([*_of_part(shape), *scratch]),
        counted="count_of(observed[start:stop])" if shape.is_masked else "stop - start",
        added=_inside(4, added or ["pass"]),
    )


def _inside(depth: int, lines: Sequence[str]) -> str:
    """Return lines inside a number of blocks of code."""
    for _ in range(depth):
        lines = indented(lines)
    return "\n".join(lines)


def _of_part(shape: Shape) -> list[str]:
    """Return the arguments for the entries from `start` to `stop`."""
    entries, rows = "{}[start:stop]", "{}[start * length : stop * length]"
    forms = {"all": "{}", "class": "{}", "entry": entries, "element": rows}
    inputs = [forms[kind].format(f"{name}_in") for name, kind in shape.inputs]
    observed = [entries.format("observed")] * shape.is_masked
    derivative = rows if shape.is_of_rows else entries
    outputs = [
        derivative.format(f"{name}_out") if name in DERIVATIVES else f"{name}_each"
        for name in shape.outputs
    ]
    return [*inputs, *observed, "constants", "factor", *outputs]
