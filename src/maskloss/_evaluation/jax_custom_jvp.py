"""The slope in closed form as the first derivative that JAX finds of a value.

That of the plain composition takes XLA up to twice as long. The composition stays the truth for
all others: higher derivatives, and those by labels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

from maskloss._arrays.typing import Array, Shape
from maskloss._formula import Formula, Terms
from maskloss._inputs.entries import Entries

Arrays = list[Any]
# Of predictions, and of all other arrays that may change.
Function = Callable[[Array, Arrays], Array]
TermsOf = Callable[[Array, Arrays], Terms]


def value_of(entries: Entries, formula: Formula) -> Array:
    """Return the value."""
    x, *others = entries.arrays()
    places = [place for place, array in enumerate(others) if isinstance(array, jax.Array)]

    def terms_of(x: Array, arrays: Arrays) -> Terms:
        return formula(entries.with_arrays([x, *_replaced(others, places, arrays)]))

    arrays = [others[place] for place in places]
    value: Array = _value(terms_of, entries.layout.row_axes)(x, arrays)
    return value


def _replaced(arrays: Arrays, places: list[int], others: Arrays) -> Arrays:
    changed = dict(zip(places, others, strict=True))
    return [changed.get(place, array) for place, array in enumerate(arrays)]


def _value(terms_of: TermsOf, row_axes: Shape) -> Function:
    def composed(x: Array, arrays: Arrays) -> Array:
        return terms_of(x, arrays).value()

    def with_change(primals: Any, tangents: Any) -> Any:
        (x, arrays), (step, steps) = primals, tangents
        moving = [k for k, each in enumerate(steps) if not isinstance(each, SymbolicZero)]
        if not moving:
            value, slope = _value_and_slope(terms_of, x, arrays)
            return value, jnp.sum(slope * step, axis=row_axes, keepdims=True)

        def of_moving(x: Array, moved: Arrays) -> Array:
            return composed(x, _replaced(arrays, moving, moved))

        step = jnp.zeros_like(x) if isinstance(step, SymbolicZero) else step
        moved, steps = ([each[k] for k in moving] for each in (arrays, steps))
        return jax.jvp(of_moving, (x, moved), (step, steps))

    rule = jax.custom_jvp(composed)
    rule.defjvp(with_change, symbolic_zeros=True)
    value: Function = rule
    return value


def _value_and_slope(terms_of: TermsOf, x: Array, arrays: Arrays) -> tuple[Array, Array]:
    if any(isinstance(array, jax.core.Tracer) for array in (x, *arrays)):
        return terms_of(x, arrays).value(), _slope(terms_of)(x, arrays)
    # Nothing compiles the two, or differentiates the slope.
    terms = terms_of(x, arrays)
    return terms.value(), terms.slope()


def _slope(terms_of: TermsOf) -> Function:
    def closed(x: Array, arrays: Arrays) -> Array:
        return terms_of(x, arrays).slope()

    def total(x: Array, arrays: Arrays) -> Array:
        return jnp.sum(terms_of(x, arrays).value())

    def with_change(primals: Any, tangents: Any) -> Any:
        return slope(*primals), jax.jvp(jax.grad(total), primals, tangents)[1]

    rule = jax.custom_jvp(closed)
    rule.defjvp(with_change)
    slope: Function = rule
    return slope
