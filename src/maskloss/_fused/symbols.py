"""Symbols that record the arithmetic of a formula; equal expressions are one symbol."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from maskloss._arrays.kinds import scalar


class NotRecordableError(Exception):
    """A formula does what an expression of one entry cannot hold."""


class Node(NamedTuple):
    """An operation, its arguments (earlier nodes by number), and whether its result is a bool.

    The operation "input" has a name, "constant" a number.
    """

    operation: str
    arguments: tuple[Any, ...]
    is_bool: bool = False


class Graph:
    """All nodes of an expression, each after its arguments.

    Parameters
    ----------
    float_dtype, bool_dtype : dtype
        What symbols say of themselves.
    """

    def __init__(self, float_dtype: Any, bool_dtype: Any) -> None:
        self.dtypes = (float_dtype, bool_dtype)
        self.nodes: list[Node] = []
        self._numbers: dict[Node, int] = {}

    def symbol(self, operation: str, *arguments: Any, is_bool: bool = False) -> Symbol:
        """Return the symbol of an operation on symbols and numbers."""
        if operation not in {"input", "constant"}:
            arguments = tuple(self.as_symbol(each).number for each in arguments)
        node = Node(operation, arguments, is_bool)
        if node not in self._numbers:
            self._numbers[node] = len(self.nodes)
            self.nodes.append(node)
        return Symbol(self, self._numbers[node], self.dtypes[is_bool])

    def as_symbol(self, value: Any) -> Symbol:
        """Return a number as a constant, and a symbol as it is."""
        if isinstance(value, Symbol):
            return value
        number = scalar(value)
        if number is None:
            msg = f"an array of {type(value)} beside symbols"
            raise NotRecordableError(msg)
        # As text, in which 0.0 and -0.0 differ and NaN equals itself.
        return self.symbol("constant", repr(float(number)), is_bool=isinstance(number, bool))


class Symbol:
    """One number or bool of each entry."""

    __slots__ = ("dtype", "graph", "number")

    # NumPy leaves operators with its arrays and scalars to the symbol.
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, graph: Graph, number: int, dtype: Any) -> None:
        self.graph, self.number, self.dtype = graph, number, dtype

    @property
    def is_bool(self) -> bool:
        """Whether it stands for a bool."""
        return self.graph.nodes[self.number].is_bool

    @property
    def is_minus_abs(self) -> bool:
        """Whether it is -abs(x) of some x."""
        nodes = self.graph.nodes
        operation, arguments, _ = nodes[self.number]
        return operation == "negative" and nodes[arguments[0]].operation == "abs"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one entry."""
        return ()

    def __bool__(self) -> bool:
        msg = "a branch on a value"
        raise NotRecordableError(msg)

    def apply(self, operation: str, *others: Any, is_bool: bool = False) -> Symbol:
        """Return the result of an operation on this symbol and others."""
        return self.graph.symbol(operation, self, *others, is_bool=is_bool)

    def constant(self, value: float) -> Symbol:
        """Return a number as a symbol."""
        return self.graph.symbol("constant", repr(float(value)))

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
