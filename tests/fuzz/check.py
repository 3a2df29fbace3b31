"""What must hold of a call: its value, its indifference to what is missing, its errors."""

import numpy as np

import maskloss as ml
from fuzz.make import make
from fuzz.palette import palette_of
from fuzz.wrong import spoil
from helpers.frameworks import asnumpy, dtype_of
from helpers.named import parameters_of, strangers
from tables.oracles.exact import loop

# Of the sum of the sizes of the terms, a few of which cancel within an entry.
TOLERANCE = {"bfloat16": 1e-2, "float16": 2e-3, "float32": 3e-5, "float64": 1e-11}

MOST_OF_FLOAT16 = 65504


class Failure(Exception):  # noqa: N818
    """A call that did something else than it must."""


def check(backend, seed, number):
    """Make the call of this number and check it; raise a `Failure`."""
    rng = np.random.default_rng([seed, number])
    call = make(backend, rng, palette_of(backend, seed, number))
    if number % 3 == 2:
        _check_wrong(rng, call)
    else:
        _check_value(call)
        _check_derivatives(call, _check_poison(call))


def _run(call, function, arguments):
    (_, x), (_, y), *keywords = arguments.items()
    try:
        return function(x, y, **dict(keywords))
    except Exception as error:
        msg = f"{call}\n    {type(error).__name__}: {error}"
        raise Failure(msg) from error


def _parts(value):
    return [asnumpy(part) for part in (value if isinstance(value, tuple) else (value,))]


def _check_value(call):
    value = _run(call, call.loss, call.arguments)
    got = _parts(value)
    want = _reduced(call, call.terms)
    sizes = {
        k: t._replace(value=abs(t.value) + 1, weight=abs(t.weight)) for k, t in call.terms.items()
    }
    size = _reduced(call, sizes)
    tolerance = TOLERANCE[dtype_of(value[0] if isinstance(value, tuple) else value)]
    for part, wanted, scale in zip(got, want, size, strict=True):
        bound = tolerance * np.nan_to_num(np.abs(scale)) + tolerance
        is_close = (np.abs(part - wanted) <= bound) | (np.isnan(part) & np.isnan(wanted))
        if part.shape != wanted.shape or not is_close.all():
            msg = f"{call}\n    got {part.tolist()}, of exact entries {wanted.tolist()}"
            raise Failure(msg)


def _reduced(call, terms):
    """Return the results of a plain loop as arrays."""
    results = loop(terms, call.counted, call.weight.astype(float), **call.way)
    shape, reduction = call.way["shape"], call.way["reduction"]
    if reduction in {"macro", "samples"}:
        shape = ()
    elif reduction != "none":
        axis = call.way.get("axis", range(len(shape)))
        shape = tuple(size for k, size in enumerate(shape) if k not in axis)
    width = 3 if reduction == "sums" else 1
    columns = np.zeros((width, *shape))
    for key, result in results.items():
        columns[(slice(None), *key)] = [float(v) for v in (result if width == 3 else (result,))]
    return list(columns)


def _check_poison(call):
    derive = ml.value_and_grad(call.loss)
    value, gradient = _run(call, derive, call.arguments)
    dirty_value, dirty_gradient = _run(call, derive, call.dirty)
    clean, dirty = (
        [*_parts(value), asnumpy(gradient)],
        [*_parts(dirty_value), asnumpy(dirty_gradient)],
    )
    for one, other in zip(clean, dirty, strict=True):
        if not np.array_equal(one, other, equal_nan=True):
            msg = f"{call}\n    what is missing changes {one.tolist()} to {other.tolist()}"
            raise Failure(msg)
    if dirty[-1].shape != call.hidden.shape or dirty[-1][call.hidden].any():
        msg = f"{call}\n    what is missing has a derivative: {dirty[-1].tolist()}"
        raise Failure(msg)
    return gradient


def _check_derivatives(call, gradient):
    """Compare the gradient, and the diagonal of the Hessian, with exact ones."""
    _, hessian = _run(call, ml.grad_and_hessian(call.loss), call.arguments)
    parts = {"gradient": (gradient, call.slopes), "Hessian": (hessian, call.curvatures)}
    scale = _scales(call)[call.owners]
    for name, (derivative, exact) in parts.items():
        got, want = asnumpy(derivative), scale * exact
        largest = np.zeros(call.numbers.size)
        np.maximum.at(largest, call.owners, np.abs(want))
        bound = TOLERANCE[dtype_of(derivative)] * (largest[call.owners] + scale)
        is_infinite = dtype_of(derivative) == "float16" and np.abs(want) > MOST_OF_FLOAT16
        is_right = np.where(
            is_infinite, got == np.copysign(np.inf, want), np.abs(got - want) <= bound
        )
        if got.shape != want.shape or not is_right.all():
            msg = f"{call}\n    {name} {got.tolist()}, of exact entries {want.tolist()}"
            raise Failure(msg)


def _scales(call):
    """Return the derivative of the sum of the results by each exact entry."""
    ones = np.eye(call.numbers.size)
    terms = {
        key: term._replace(value=ones[call.numbers[key]], weight=float(term.weight))
        for key, term in call.terms.items()
    }
    way = call.way | {"empty": 0.0}
    results = loop(terms, call.counted, call.weight.astype(float), **way).values()
    totals = (result[0] if isinstance(result, tuple) else result for result in results)
    return sum(totals, np.zeros(call.numbers.size))


def _check_wrong(rng, call):
    names, arguments = spoil(rng, call)
    call.arguments = arguments
    (_, x), (_, y), *keywords = arguments.items()
    try:
        call.loss(x, y, **dict(keywords))
    except (TypeError, ValueError) as error:
        if others := strangers(str(error), parameters_of(call.loss)):
            msg = f"{call}\n    {type(error).__name__} names {others}, no arguments: {error}"
            raise Failure(msg) from error
        if any(f"`{name}`" in str(error) or f"'{name}'" in str(error) for name in names):
            return
        msg = f"{call}\n    {type(error).__name__} does not name {' or '.join(names)}: {error}"
        raise Failure(msg) from error
    except Exception as error:
        msg = f"{call}\n    wrong {names[0]}: {type(error).__name__}: {error}"
        raise Failure(msg) from error
    msg = f"{call}\n    wrong {names[0]}: no error"
    raise Failure(msg)
