"""The source of a function that runs a loop part by part, and adds up its numbers per entry."""

from __future__ import annotations

from collections.abc import Sequence

from .numba_source import indented
from .shape import DERIVATIVES, Shape

# So many numbers stay in a first-level cache until they are added up.
_ENTRIES = 1024
_TEXT = """

def loop({arguments}, sums, number, first, last):
    is_any_bad, count = False, 0
    is_summed = sums.size > 0
{prepared}
    for start in range(first, last, {entries}):
        stop = min(start + {entries}, last)
{chosen}
        is_any_bad |= part({of_part}, stop - start)
        count += {counted}
        if is_summed:
{added}
    return is_any_bad, count
"""


def loop_over_parts(shape: Shape, scratch: Sequence[str]) -> str:
    """Return the source of `loop`, which calls `part` for the entries from `first` to `last`.

    `scratch` are the names of arrays that `part` takes for numbers of its own. Values and weights
    are written for each entry, or, if `sums` has a place for each, added up: in float64, from
    pairwise sums in the dtype of the loop. The function returns whether an observed entry is
    outside its domain, and the number of the observed.
    """
    numbers = [name for name in shape.outputs if name not in DERIVATIVES]
    arrays = [*(f"{name}_part" for name in numbers), *scratch]
    prepared = [f"{name} = np.empty({_ENTRIES}, REAL)" for name in arrays]
    if shape.is_of_rows:
        prepared.append("length = x_in.size // number")
    chosen = [
        f"{name}_each = {name}_part[: stop - start] if is_summed else {name}_out[start:stop]"
        for name in numbers
    ]
    added = [f"sums[{k}] += total({name}_each)" for k, name in enumerate(numbers)]
    return _TEXT.format(
        arguments=", ".join(shape.arguments),
        prepared="\n".join(indented(prepared)),
        entries=_ENTRIES,
        chosen="\n".join(indented(indented(chosen))),
        of_part=", ".join([*_of_part(shape), *scratch]),
        counted="count_of(observed[start:stop])" if shape.is_masked else "stop - start",
        added="\n".join(indented(indented(indented(added or ["pass"])))),
    )


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
