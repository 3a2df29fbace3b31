"""The namespace of a formula of rows: reductions along a row, and its elements by position."""

from __future__ import annotations

from typing import Any

from .recorder import ComposedRecorder
from .symbols import Node, Symbol


class RowRecorder(ComposedRecorder):
    """Takes symbols of the elements of a row, which is reduced by its sum or maximum."""

    def broadcast_to(self, array: Symbol, shape: object) -> Symbol:  # noqa: ARG002
        """Return the symbol."""
        return array

    def sum_along(self, array: Symbol, axes: object) -> Symbol:  # noqa: ARG002
        """Return the sum of a row."""
        return array.apply("total") if array.is_row else array

    def max(self, x: Symbol, *, axis: int, keepdims: bool) -> Symbol:  # noqa: ARG002
        """Return the largest number of a row."""
        return _largest(_ranked(x)).apply("flipped", is_index=True).apply("of_bits")

    def argmax(self, x: Symbol, *, axis: int, keepdims: bool) -> Symbol:  # noqa: ARG002
        """Return the position of the largest number of a row, the first of equal ones."""
        ranked = _ranked(x)
        return (ranked == _largest(ranked)).apply("first", is_index=True)

    def one_hot_mask(self, array: Symbol, index: Symbol, axis: int) -> Symbol:  # noqa: ARG002
        """Return True at the element of a row whose position is `index`."""
        return array.graph.add(Node("is_at", (index.number,), is_bool=True, is_row=True))

    def put_along_axis(self, array: Symbol, index: Symbol, values: Any, axis: int) -> Symbol:
        """Replace one element of a row."""
        return self.where(self.one_hot_mask(array, index, axis), values, array)

    def sum_without(self, array: Symbol, index: Symbol, axis: int) -> Symbol:
        """Sum a row without one element."""
        return self.sum_along(self.put_along_axis(array, index, 0.0, axis), (axis,))

    def take_along_axis(self, array: Symbol, index: Symbol, axis: int) -> Symbol:
        """Return the element of a row at `index`: its expression of the inputs there."""
        node, graph = array.node, array.graph
        if not node.is_row:
            return array
        if node.operation == "constant":
            return graph.add(node._replace(is_row=False))
        if node.operation == "input":
            return array.apply("take", index)
        arguments = [Symbol(graph, each, None) for each in node.arguments]
        if node.operation == "is_at":
            return arguments[0] == index
        taken = [self.take_along_axis(each, index, axis) for each in arguments]
        return graph.symbol(node.operation, *taken, is_bool=node.is_bool, is_index=node.is_index)


def _ranked(x: Symbol) -> Symbol:
    """Return integers in the order of floating-point numbers, of which wide maxima are quick."""
    return x.apply("bits", is_index=True).apply("flipped", is_index=True)


def _largest(ranked: Symbol) -> Symbol:
    return ranked.apply("max", is_index=True)
