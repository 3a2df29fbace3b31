"""The source of a loop over entries that computes the recorded terms of a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from maskloss._fused.numba_math import functions, in_dtype
from maskloss._fused.symbols import Graph, Node

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
}
# Derivatives are scaled as the mean scales them.
_FACTORS = {"slope": " * factor", "curvature": " * factor"}
_HEADER = """\
import math

import numpy as np
from numba import njit

"""


class Shape(NamedTuple):
    """What a loop reads and writes.

    Attributes
    ----------
    outputs : tuple of str
        The wanted terms.
    arrays : tuple of str
        The inputs that have one number per entry.
    numbers : tuple of str
        The inputs that have one number for all.
    is_masked : bool
        Whether entries may be unobserved.
    """

    outputs: tuple[str, ...]
    arrays: tuple[str, ...]
    numbers: tuple[str, ...]
    is_masked: bool


class Source(NamedTuple):
    """A printed loop and the constants that it takes."""

    text: str
    constants: tuple[float, ...]


def printed(graph: Graph, outputs: dict[str, int], shape: Shape, dtype: str) -> Source:
    """Return the source of a loop over entries.

    Its constants are arguments: another value of an option is the same loop.
    """
    names = (*shape.outputs, "is_bad")
    used = _used(graph, [outputs[name] for name in names])
    constants: dict[str, str] = {}
    calls, body = set[str](), list[str]()
    for number in used:
        body.append(f"t{number} = {_expression(graph.nodes[number], constants, calls)}")
    text = _loop(shape, {name: f"t{outputs[name]}" for name in names}, body, constants)
    text = _HEADER + functions(sorted(calls), dtype) + text
    return Source(in_dtype(text, dtype), tuple(map(float, constants)))


def _used(graph: Graph, wanted: Sequence[int]) -> list[int]:
    """Return the numbers of the nodes that others need, in order."""
    used, todo = set[int](), list(wanted)
    while todo:
        number = todo.pop()
        node = graph.nodes[number]
        if number not in used and node.operation not in {"input", "constant"}:
            todo += node.arguments
        used.add(number)
    return sorted(used)


def _expression(node: Node, constants: dict[str, str], calls: set[str]) -> str:
    operation, arguments, is_bool = node
    if operation == "input":
        return str(arguments[0])
    if operation == "constant":
        if is_bool:
            return str(bool(float(arguments[0])))
        return constants.setdefault(arguments[0], f"c{len(constants)}")
    names = [f"t{argument}" for argument in arguments]
    if operation in _INFIX:
        return f" {operation} ".join(names)
    if operation in _FORMS:
        return _FORMS[operation].format(*names)
    calls.add(operation)
    return f"{operation}({names[0]})"


def _loop(shape: Shape, terms: dict[str, str], body: list[str], constants: dict[str, str]) -> str:
    """Return the source of the function; what is not observed is computed, and dropped."""
    inputs = [*shape.arrays, *shape.numbers]
    head = [f"{name} = REAL({name}_in[0])" for name in shape.numbers]
    head += [f"{name} = constants[{k}]" for k, name in enumerate(constants.values())]
    head += [] if "weight" in inputs else ["weight = REAL(1)"]
    each = [f"{name} = REAL({name}_in[i])" for name in shape.arrays]
    each += [*body, f"is_observed = {'observed[i]' if shape.is_masked else 'True'}"]
    each += [f"is_any_bad |= is_observed & {terms['is_bad']}"]
    for name in shape.outputs:
        result = f"{terms[name]} * weight{_FACTORS.get(name, '')}"
        each.append(f"{name}_out[i] = {result} if is_observed else REAL(0)")
    arguments = [f"{name}_in" for name in inputs] + ["observed"] * shape.is_masked
    arguments += ["constants", "factor", *(f"{name}_out" for name in shape.outputs)]
    lines = [
        f"def loop({', '.join(arguments)}):",
        *(f"    {line}" for line in head),
        "    is_any_bad = False",
        f"    for i in range({shape.outputs[0]}_out.size):",
        *(f"        {line}" for line in each),
        "    return is_any_bad",
    ]
    return "\n".join(lines) + "\n"
