"""Symbols that record the arithmetic of a formula; equal expressions are one symbol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from .._arrays.kinds import scalar

# What makes one number of a row.
REDUCTIONS = {"total", "max", "first"}


# Operations, and those whose sign they undo: -(-x) is x, and |-x| and ||x|| are |x|.
_WITHOUT_SIGN = {"negative": {"negative"}, "abs": {"negative", "abs"}}


class NotRecordableError(Exception):
    """A formula does what an expression of one entry cannot hold."""


class Node(NamedTuple):
    """An operation, its arguments (earlier nodes by number), and what its result is.

    The operation "input" has a name, "constant" a number. A result that is neither a bool nor an
    index is a floating-point number. Where an entry is a row, a result may have one number for each
    of its elements.
    """

    operation: str
    arguments: tuple[Any, ...]
    is_bool: bool = False
    is_index: bool = False
    is_row: bool = False


class Graph:
    """All nodes of an expression, each after its arguments.

    Parameters
    ----------
    dtypes : sequence of dtype
        What symbols say of themselves: of a number, a bool and an index.
    row : tuple of int
        The shape of a row; empty where an entry is an element.
    """

    def __init__(self, dtypes: Sequence[Any], row: tuple[int, ...] = ()) -> None:
        self.dtypes, self.row = dtypes, row
        self.nodes: list[Node] = []
        self._numbers: dict[Node, int] = {}

    def symbol(
        self, operation: str, *arguments: Any, is_bool: bool = False, is_index: bool = False
    ) -> Symbol:
        """Return the symbol of an operation on symbols and numbers."""
        has_index = any(isinstance(each, Symbol) and each.node.is_index for each in arguments)
        symbols = [self.as_symbol(each, is_index=has_index) for each in arguments]
        if operation in _WITHOUT_SIGN and symbols[0].node.operation in _WITHOUT_SIGN[operation]:
            inner = Symbol(self, symbols[0].node.arguments[0], symbols[0].dtype)
            return inner if operation == "negative" else self.symbol(operation, inner)
        is_row = operation not in {*REDUCTIONS, "take"} and any(each.is_row for each in symbols)
        numbers = tuple(each.number for each in symbols)
        return self.add(Node(operation, numbers, is_bool, is_index, is_row))

    def input(self, name: str, *, is_index: bool = False, is_row: bool = False) -> Symbol:
        """Return the symbol of an input."""
        return self.add(Node("input", (name,), is_index=is_index, is_row=is_row))

    def add(self, node: Node) -> Symbol:
        """Return the symbol of a node, which is added unless there is an equal one."""
        if node not in self._numbers:
            self._numbers[node] = len(self.nodes)
            self.nodes.append(node)
        return Symbol(self, self._numbers[node], self.dtypes[node.is_bool + 2 * node.is_index])

    def as_symbol(self, value: Any, *, is_index: bool = False) -> Symbol:
        """Return a number as a constant, maybe an integer, and a symbol as it is."""
        if isinstance(value, Symbol):
            return value
        number = scalar(value)
        if number is None or (is_index and not float(number).is_integer()):
            msg = f"an array of {type(value)} beside symbols"
            raise NotRecordableError(msg)
        # As text, in which 0.0 and -0.0 differ and NaN equals itself.
        is_bool = isinstance(number, bool)
        text = repr(float(number))
        return self.add(Node("constant", (text,), is_bool, is_index and not is_bool))


class Symbol:
    """One number or bool of each entry."""

    __slots__ = ("dtype", "graph", "number")

    # NumPy leaves operators with its arrays and scalars to the symbol.
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, graph: Graph, number: int, dtype: Any) -> None:
        self.graph, self.number, self.dtype = graph, number, dtype

    @property
    def node(self) -> Node:
        """The operation whose result it stands for."""
        return self.graph.nodes[self.number]

    @property
    def is_bool(self) -> bool:
        """Whether it stands for a bool."""
        return self.node.is_bool

    @property
    def is_row(self) -> bool:
        """Whether it stands for a number of each element of a row."""
        return self.node.is_row

    @property
    def is_minus_abs(self) -> bool:
        """Whether it is -abs(x) of some x."""
        nodes = self.graph.nodes
        operation, arguments, *_ = self.node
        return operation == "negative" and nodes[arguments[0]].operation == "abs"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one entry."""
        row = self.graph.row
        return row if self.is_row else (1,) * len(row)

    def __bool__(self) -> bool:
        msg = "a branch on a value"
        raise NotRecordableError(msg)

    def apply(
        self, operation: str, *others: Any, is_bool: bool = False, is_index: bool = False
    ) -> Symbol:
        """Return the result of an operation on this symbol and others."""
        return self.graph.symbol(operation, self, *others, is_bool=is_bool, is_index=is_index)

    def constant(self, value: float) -> Symbol:
        """Return a number as a symbol, of each element where this one is."""
        return self.graph.add(Node("constant", (repr(float(value)),), is_row=self.is_row))

    def __add__(self, other: Any) -> Symbol:
        return self.apply("+", other)

    def __sub__(self, other: Any) -> Symbol:
        return self.apply("-", other)

    def __mul__(self, other: Any) -> Symbol:
        return self.apply("*", other)

    def __truediv__(self, other: Any) -> Symbol:
        return self.apply("/", other)

    def __radd__(self, other: Any) -> Symbol:
        return self.graph.symbol("+", other, self)

    def __rsub__(self, other: Any) -> Symbol:
        return self.graph.symbol("-", other, self)

    def __rmul__(self, other: Any) -> Symbol:
        return self.graph.symbol("*", other, self)

    def __rtruediv__(self, other: Any) -> Symbol:
        return self.graph.symbol("/", other, self)

    def __neg__(self) -> Symbol:
        return self.apply("negative")

    def __pos__(self) -> Self:
        return self

    def __lt__(self, other: Any) -> Symbol:
        return self.apply("<", other, is_bool=True)

    def __le__(self, other: Any) -> Symbol:
        return self.apply("<=", other, is_bool=True)

    def __gt__(self, other: Any) -> Symbol:
        return self.apply(">", other, is_bool=True)

    def __ge__(self, other: Any) -> Symbol:
        return self.apply(">=", other, is_bool=True)

    def __eq__(self, other: object) -> Symbol:  # type: ignore[override]
        return self.apply("==", other, is_bool=True)

    def __ne__(self, other: object) -> Symbol:  # type: ignore[override]
        return self.apply("!=", other, is_bool=True)

    def __and__(self, other: Any) -> Symbol:
        return self.apply("&", other, is_bool=True)

    def __or__(self, other: Any) -> Symbol:
        return self.apply("|", other, is_bool=True)

    def __invert__(self) -> Symbol:
        return self.apply("not", is_bool=True)
