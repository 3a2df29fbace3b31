"""The source of a loop over rows, each of which is read in a few passes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .numba_source import Printer, indented
from .shape import Shape
from .symbols import REDUCTIONS, Graph

_ROW = "[i * length : (i + 1) * length]"
# A reduction before a pass, in it, and after it.
_REDUCED = {
    "total": ("", "total{0}[j] = t{1}", "t{0} = total(total{0})"),
    "max": ("t{0} = INTEGER(np.iinfo(INTEGER).min)", "t{0} = max(t{0}, t{1})", ""),
    "first": (
        "t{0} = INTEGER(length)",
        "t{0} = min(t{0}, INTEGER(j) if t{1} else INTEGER(length))",
        "",
    ),
}


class RowPrinter(Printer):
    """Prints a loop over rows; those that are not observed are not read.

    A pass over a row ends in the reductions that the next one needs. What takes long is kept for
    later passes; other operations are repeated.
    """

    def __init__(self, graph: Graph, outputs: dict[str, int], shape: Shape) -> None:
        super().__init__(graph, outputs, shape)
        self._numbers = {each for each in self._used if not graph.nodes[each].is_row}
        # The number of passes before that in which a node is computed.
        self._pass: dict[int, int] = {}
        for number in self._used:
            before = [self._pass[each] for each in self._arguments(number)]
            self._pass[number] = max(before, default=0) + self._is_reduced(number)
        self._passes = range(max(self._pass.values()) + 1)

    def _is_reduced(self, number: int) -> bool:
        return self._nodes[number].operation in REDUCTIONS

    @property
    def scratch(self) -> list[str]:
        """Return none: `part` makes its own arrays, as long as a row."""
        return []

    def _prepared(self) -> list[str]:
        arrays = [f"kept{each}" for each in sorted(self._kept)]
        arrays += [f"total{each}" for each in self._used if self._nodes[each].operation == "total"]
        empty = [f"{name} = np.empty(length, REAL)" for name in arrays]
        return ["length = x_in.size // number", *empty]

    def _loops(self) -> Iterator[str]:
        """Yield the loop over rows."""
        yield "for i in range(number):"
        yield from indented(self._body())

    def _body(self) -> list[str]:
        elements = [name for name, kind in self._shape.inputs if kind == "element"]
        lines = [f"{name}_row = {name}_in{_ROW}" for name in elements]
        lines += [f"{name}_row = {name}_out{_ROW}" for name in self._derivatives]
        numbers = [name for name in self._shape.outputs if name not in self._derivatives]
        if self._shape.is_masked:
            skipped = [f"{name}_row[:] = REAL(0)" for name in self._derivatives]
            skipped += [f"{name}_out[i] = REAL(0)" for name in numbers]
            lines += ["if not observed[i]:", *indented([*skipped, "continue"])]
        lines += self._read("entry", self._used)
        for number in self._passes:
            lines += self._numbers_before(number)
            lines += self._one_pass(number)
        lines += [f"{name}_out[i] = {self._result(name)}" for name in numbers]
        bad = self._terms["is_bad"]
        return lines if self._nodes[bad].is_row else [*lines, f"is_any_bad |= t{bad}"]

    def _numbers_before(self, number: int) -> Iterator[str]:
        """Yield the assignments of the numbers of a row that a pass may need."""
        for each in self._used:
            is_before = self._pass[each] == number and not self._is_reduced(each)
            if is_before and each in self._numbers:
                yield self._assignment(each)

    def _one_pass(self, number: int) -> list[str]:
        """Return the loop over the elements of a row, and what is before and after it."""
        reduced, written, roots = self._ends(number)
        if not roots and not written:
            return []
        computed = self._row_nodes(roots)
        lines = self._read("element", computed, "{}_row[j]")
        lines += self._read("class", computed, "{}_in[j]")
        lines += self._computed(computed, "j")
        for each in self._taken_later(number, computed):
            self._kept.add(each)
            lines.append(f"kept{each}[j] = t{each}")
        lines += [f"{name}_row[j] = {self._result(name)}" for name in written]
        bad = self._terms["is_bad"]
        lines += [f"is_any_bad |= t{bad}"] if bad in roots else []
        before, inside, after = self._reductions(reduced)
        return [*before, "for j in range(length):", *indented([*lines, *inside]), *after]

    def _ends(self, number: int) -> tuple[list[int], list[str], list[int]]:
        """Return the reductions of a pass, the terms that it writes, and the nodes for both."""
        reduced = [k for k in self._used if self._is_reduced(k) and self._pass[k] == number + 1]
        written = [name for name in self._derivatives if self._pass[self._terms[name]] == number]
        roots = [self._nodes[each].arguments[0] for each in reduced]
        roots += [self._terms[name] for name in written]
        bad = self._terms["is_bad"]
        roots += [bad] if self._pass[bad] == number else []
        return reduced, written, [each for each in roots if self._nodes[each].is_row]

    def _row_nodes(self, roots: Iterable[int], known: Iterable[int] = ()) -> list[int]:
        """Return the nodes of elements that others need; what is kept or known needs none."""
        needed = self._needed(roots, {*self._numbers, *self._kept, *known})
        return [each for each in needed if self._nodes[each].is_row]

    def _taken_later(self, number: int, computed: list[int]) -> list[int]:
        """Return what later passes take from a pass, if it takes longer than to read it again."""
        slow, taken = set[int](), set[int]()
        for each in computed:
            if (self._is_slow(each) and each not in self._kept) or slow.intersection(
                self._arguments(each)
            ):
                slow.add(each)
        for later in self._passes[number + 1 :]:
            taken.update(self._row_nodes(self._ends(later)[2], computed))
        return sorted(slow & taken - self._kept)

    def _reductions(self, reduced: Iterable[int]) -> Iterator[list[str]]:
        """Yield what reductions do before a pass, in it, and after it."""
        operations = [self._nodes[each].operation for each in reduced]
        self.calls.update({"total"}.intersection(operations))
        for step in range(3):
            lines = [
                _REDUCED[self._nodes[each].operation][step].format(each, *self._arguments(each))
                for each in reduced
            ]
            yield [line for line in lines if line]
