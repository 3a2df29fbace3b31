"""The source of a loop over entries that computes the recorded terms of a formula."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from .numba_math import SLOW
from .shape import DERIVATIVES, Shape
from .symbols import Graph

_INFIX = {"+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "&", "|"}
_FORMS = {
    "negative": "-{0}",
    "not": "not {0}",
    "abs": "abs({0})",
    "sqrt": "math.sqrt({0})",
    "where": "{1} if {0} else {2}",
    "round": "np.rint({0})",
    "copysign": "math.copysign({0}, {1})",
    "signbit": "REAL({0}).view(INTEGER) < INTEGER(0)",
    "float": "REAL({0})",
    "is_at": "INTEGER(j) == INTEGER({0})",
    "bits": "REAL({0}).view(INTEGER)",
    "of_bits": "INTEGER({0}).view(REAL)",
}
# An element of an input, by what that has one number for.
_TAKEN = {"element": "{}_row[{}]", "class": "{}_in[{}]", "all": "{}_in[0]"}


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines of a block."""
    return [f"    {line}" for line in lines]


class Printer:
    """Prints loops over entries, which compute the nodes of a graph in their order.

    A processor overlaps as many entries as its window of instructions holds: of a long formula, too
    few, and it waits for each exponential and logarithm. So a loop ends in those that others need,
    and keeps them for the next loop.

    Attributes
    ----------
    constants : dict
        The variable of each constant, given as text and whether it is an index. Constants are
        arguments of the loop: another value of an option is the same loop.
    calls : set of str
        The functions that the loop calls.
    """

    def __init__(self, graph: Graph, outputs: dict[str, int], shape: Shape) -> None:
        self._nodes, self._terms, self._shape = graph.nodes, outputs, shape
        self._kinds = dict(shape.inputs)
        self._derivatives = [name for name in shape.outputs if name in DERIVATIVES]
        self._roots = [outputs[name] for name in (*shape.outputs, "is_bad")]
        self._used = self._needed(self._roots)
        self._kept = set[int]()
        self.constants: dict[tuple[str, bool], str] = {}
        self.calls = set[str]()

    def loop(self) -> str:
        """Return the source of a function of some entries, `part`."""
        loops = list(self._loops())
        head = [f"{name} = REAL({name}_in[0])" for name, of in self._shape.inputs if of == "all"]
        for k, ((_, is_index), name) in enumerate(self.constants.items()):
            head.append(f"{name} = {'np.int64' if is_index else 'REAL'}(constants[{k}])")
        head += [] if "weight" in self._kinds else ["weight = REAL(1)"]
        lines = [
            f"def part({', '.join([*self._shape.arguments, *self.scratch])}, number):",
            *indented(head),
            *indented(self._prepared()),
            "    is_any_bad = False",
            *indented(loops),
            "    return is_any_bad",
        ]
        return "\n".join(lines) + "\n"

    @property
    def scratch(self) -> list[str]:
        """The names of further arguments: arrays of a number per entry that loops keep."""
        return [f"kept{each}" for each in sorted(self._kept)]

    def _prepared(self) -> list[str]:
        """Return the statements before the loops."""
        return []

    def _loops(self) -> Iterator[str]:
        """Yield the loops, which compute all entries and write 0 for the unobserved ones."""
        for kept in self._kept_in_turn():
            lines = [f"kept{each}[i] = t{each}" for each in kept]
            yield from self._over_entries(kept, lines)
            self._kept.update(kept)
        results = {name: self._result(name) for name in self._shape.outputs}
        written = "{}_out[i] = {} if is_observed else REAL(0)"
        lines = [
            f"is_observed = {'observed[i]' if self._shape.is_masked else 'True'}",
            f"is_any_bad |= is_observed & t{self._terms['is_bad']}",
            *(written.format(*result) for result in results.items()),
        ]
        yield from self._over_entries(self._roots, lines)

    def _kept_in_turn(self) -> list[list[int]]:
        """Return the slow calls that each loop but the last keeps: those with k others before."""
        before = dict[int, int]()
        for number in self._used:
            of_arguments = [before[each] + self._is_slow(each) for each in self._arguments(number)]
            before[number] = max(of_arguments, default=0)
        slow = [each for each in self._used if self._is_slow(each)]
        most = max((before[each] for each in slow), default=0)
        return [[each for each in slow if before[each] == k] for k in range(most)]

    def _is_slow(self, number: int) -> bool:
        return self._nodes[number].operation in SLOW

    def _over_entries(self, wanted: Iterable[int], lines: Iterable[str]) -> Iterator[str]:
        """Yield a loop over entries that computes some nodes and then runs some lines."""
        computed = self._needed(wanted, self._kept)
        yield "for i in range(number):"
        body = [*self._read("entry", computed), *self._computed(computed, "i"), *lines]
        yield from indented(body)

    def _computed(self, numbers: Iterable[int], index: str) -> list[str]:
        """Return the assignments of nodes, kept or not."""
        return [
            f"t{each} = kept{each}[{index}]" if each in self._kept else self._assignment(each)
            for each in numbers
        ]

    def _arguments(self, number: int) -> Sequence[int]:
        node = self._nodes[number]
        return () if node.operation in {"input", "constant"} else node.arguments

    def _needed(self, wanted: Iterable[int], kept: Container[int] = ()) -> list[int]:
        """Return the numbers of the nodes that others need, in order; what is kept needs none."""
        used, todo = set[int](), list(wanted)
        while todo:
            number = todo.pop()
            if number not in used and number not in kept:
                todo += self._arguments(number)
            used.add(number)
        return sorted(used)

    def _read(self, of: str, numbers: Iterable[int], source: str = "{}_in[i]") -> list[str]:
        """Return the assignments of the inputs among some nodes, and of the weight of an entry."""
        nodes = [self._nodes[number] for number in numbers]
        names = {n.arguments[0]: n.is_index for n in nodes if n.operation == "input"}
        return [
            f"{name} = {'np.int64' if names[name] else 'REAL'}({source.format(name)})"
            for name, kind in self._shape.inputs
            if kind == of and name in names
        ]

    def _result(self, name: str) -> str:
        # Derivatives are scaled as the mean scales them.
        factor = " * factor" if name in self._derivatives else ""
        return f"t{self._terms[name]} * weight{factor}"

    def _assignment(self, number: int) -> str:
        return f"t{number} = {self._expression(number)}"

    def _expression(self, number: int) -> str:
        operation, arguments, *_ = self._nodes[number]
        if operation == "input":
            return str(arguments[0])
        if operation == "constant":
            return self._constant(number)
        if operation == "take":
            name = self._nodes[arguments[0]].arguments[0]
            return f"REAL({_TAKEN[self._kinds[name]].format(name, f't{arguments[1]}')})"
        names = [f"t{argument}" for argument in arguments]
        if operation in _INFIX:
            return f" {operation} ".join(names)
        if operation in _FORMS:
            return _FORMS[operation].format(*names)
        self.calls.add(operation)
        return f"{operation}({names[0]})"

    def _constant(self, number: int) -> str:
        _, (text,), is_bool, is_index, _ = self._nodes[number]
        if is_bool:
            return str(bool(float(text)))
        return self.constants.setdefault((text, is_index), f"c{len(self.constants)}")
