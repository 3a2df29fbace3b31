"""Custom JVPs: first and second derivatives by the prediction are those in closed form.

XLA (JAX 0.10.2) takes up to twice as long for the derivative of the plain composition, whose second
derivative cancels in places. JAX differentiates the composition by labels, and a second time by the
prediction where the formula of a row has no `curvature_along`. For a third derivative, it
differentiates the operations of the curvature.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

from .._arrays.typing import Array, Shape
from .._formula import Formula, Terms
from .._inputs.entries import Entries

Arrays = list[Any]
# A function of the prediction, and of all other arrays that may have tangents.
Function = Callable[[Array, Arrays], Array]
TermsOf = Callable[[Array, Arrays], Terms]


def value_of(entries: Entries, formula: Formula) -> Array:
    """Return the value per entry, with the custom JVP."""
    x, *others = entries.arrays()
    positions = [k for k, array in enumerate(others) if isinstance(array, jax.Array)]

    def terms_of(x: Array, arrays: Arrays) -> Terms:
        return formula(entries.with_arrays([x, *_replaced(others, positions, arrays)]))

    arrays = [others[k] for k in positions]
    value: Array = _value(terms_of, entries.layout.row_axes)(x, arrays)
    return value


def _replaced(arrays: Arrays, positions: list[int], others: Arrays) -> Arrays:
    changed = dict(zip(positions, others, strict=True))
    return [changed.get(k, array) for k, array in enumerate(arrays)]


def _value(terms_of: TermsOf, row_axes: Shape) -> Function:
    def composed(x: Array, arrays: Arrays) -> Array:
        return terms_of(x, arrays).value()

    def jvp(primals: Any, tangents: Any) -> Any:
        (x, arrays), (x_tangent, array_tangents) = primals, tangents
        if not _active(array_tangents):
            value, slope = _value_and_slope(terms_of, row_axes, x, arrays)
            return value, jnp.sum(slope * x_tangent, axis=row_axes, keepdims=True)
        x_tangent = jnp.zeros_like(x) if isinstance(x_tangent, SymbolicZero) else x_tangent
        return _jvp_of_active(composed, x, arrays, x_tangent, array_tangents)

    rule = jax.custom_jvp(composed)
    rule.defjvp(jvp, symbolic_zeros=True)
    value: Function = rule
    return value


def _active(tangents: Arrays) -> list[int]:
    """Return the positions of the arrays that have tangents."""
    return [k for k, tangent in enumerate(tangents) if not isinstance(tangent, SymbolicZero)]


def _jvp_of_active(
    function: Function, x: Array, arrays: Arrays, x_tangent: Array, array_tangents: Arrays
) -> Any:
    """Return value and tangent of a composition, with respect to x and the arrays with tangents."""
    active = _active(array_tangents)

    def of_active(x: Array, active_arrays: Arrays) -> Array:
        return function(x, _replaced(arrays, active, active_arrays))

    primals, tangents = ([each[k] for k in active] for each in (arrays, array_tangents))
    return jax.jvp(of_active, (x, primals), (x_tangent, tangents))


def _value_and_slope(
    terms_of: TermsOf, row_axes: Shape, x: Array, arrays: Arrays
) -> tuple[Array, Array]:
    if any(isinstance(array, jax.core.Tracer) for array in (x, *arrays)):
        return terms_of(x, arrays).value(), _slope(terms_of, row_axes)(x, arrays)
    # An eager call compiles nothing and needs no derivative of the slope: share the terms.
    terms = terms_of(x, arrays)
    return terms.value(), terms.slope()


def _slope(terms_of: TermsOf, row_axes: Shape) -> Function:
    def closed(x: Array, arrays: Arrays) -> Array:
        return terms_of(x, arrays).slope()

    def total(x: Array, arrays: Arrays) -> Array:
        return jnp.sum(terms_of(x, arrays).value())

    def jvp(primals: Any, tangents: Any) -> Any:
        (x, arrays), (x_tangent, array_tangents) = primals, tangents
        zero, along = jnp.zeros_like(x), terms_of(x, arrays).along(row_axes)
        x_tangent = zero if isinstance(x_tangent, SymbolicZero) else x_tangent
        if along is None:
            return slope(*primals), by_composition(x, arrays, x_tangent, array_tangents)
        change = along(x_tangent)
        if _active(array_tangents):
            change = change + by_composition(x, arrays, zero, array_tangents)
        return slope(*primals), change

    def by_composition(x: Array, arrays: Arrays, x_tangent: Array, array_tangents: Arrays) -> Array:
        change: Array = _jvp_of_active(jax.grad(total), x, arrays, x_tangent, array_tangents)[1]
        return change

    rule = jax.custom_jvp(closed)
    rule.defjvp(jvp, symbolic_zeros=True)
    slope: Function = rule
    return slope
