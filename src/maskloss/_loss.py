"""From a formula to a loss: a function of arrays and keywords, with derivatives."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, ParamSpec, get_type_hints

from maskloss._domain import REAL, Domain
from maskloss._namespace import quiet
from maskloss._observation import Entries, Facts, observe
from maskloss._options import DOCUMENTATION, Options, Settings, read_options
from maskloss._reduction import Reduction
from maskloss._typing import Array

P = ParamSpec("P")
Part = Literal["value", "slope", "curvature"]


@dataclass(frozen=True, slots=True)
class Terms:
    """A formula at given entries, each part computed when it is asked for.

    Attributes
    ----------
    value, slope, curvature : callable
        The loss per entry, its first and its second derivative by the prediction; for a row, the
        gradient and the diagonal of the Hessian.
    weight : callable, optional
        The factor in the value that counts as weight of the entry, such as that of its class.
    """

    value: Callable[[], Array]
    slope: Callable[[], Array]
    curvature: Callable[[], Array]
    weight: Callable[[], Array] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a loss: arrays, formula and keywords.

    Attributes
    ----------
    terms : callable
        The formula, which gets the entries once they are checked and safe.
    class_axis : int, optional
        Where given, an entry is a row along this axis.
    arrays : mapping
        Further arrays by name, which must belong to the same library.
    """

    prediction: Array
    labels: Array
    terms: Callable[[Entries], Terms]
    options: Options
    class_axis: int | None = None
    arrays: Mapping[str, object] = field(default_factory=dict)


def loss(
    *, prediction: Domain = REAL, labels: Domain = REAL
) -> Callable[[Callable[P, Call]], Callable[P, Array]]:
    """Make a loss of a function that returns its `Call`, given where its arrays may lie."""

    def decorate(build: Callable[P, Call]) -> Callable[P, Array]:
        signature = _full_signature(build)
        first, second, *_ = signature.parameters
        facts = Facts((first, second), (prediction, labels))

        @functools.wraps(build)
        def function(*args: P.args, **kwargs: P.kwargs) -> Array:
            return evaluate(("value",), *args, **kwargs)[0]

        def evaluate(parts: tuple[Part, ...], *args: P.args, **kwargs: P.kwargs) -> list[Array]:
            call = build(*args, **kwargs)
            settings = read_options(build.__name__, tuple(signature.parameters), call.options)
            return _evaluate(call, facts, settings, parts)

        attributes: dict[str, Any] = {
            "facts": facts,
            "evaluate": evaluate,
            "__signature__": signature,
            "__doc__": (build.__doc__ or "").replace("**options", DOCUMENTATION, 1),
        }
        function.__dict__.update(attributes)
        function.__doc__ = attributes.pop("__doc__")
        return function

    return decorate


def _full_signature(build: Callable[..., Call]) -> inspect.Signature:
    """Return the signature of `build` with the shared keywords in place of `**options`."""
    own = inspect.signature(build)
    types = get_type_hints(Options)
    shared = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=types[name]
        )
        for name, default in Settings._field_defaults.items()
    ]
    parameters = [p for p in own.parameters.values() if p.kind is not p.VAR_KEYWORD]
    return own.replace(parameters=parameters + shared, return_annotation=Array)


def _evaluate(call: Call, facts: Facts, settings: Settings, parts: tuple[Part, ...]) -> list[Array]:
    """Return the parts: the reduced value, or derivatives of the sum of all that it holds."""
    arrays = (call.prediction, call.labels)
    entries = observe(facts, *arrays, call.arrays, settings, call.class_axis)
    xp, grid, weight = entries.xp, entries.grid, entries.weight
    terms = call.terms(entries)
    counted = weight
    if terms.weight is not None:
        factor = entries.guard(terms.weight(), 0.0)
        counted = factor if weight is None else factor * weight

    def per_entry(array: Array | None) -> Array | None:
        return None if array is None else grid.squeeze(xp, array)

    reduction = Reduction(
        xp, grid.entries, per_entry(entries.observed), per_entry(counted), settings
    )

    def weighted(part: Array, factor: Array | float | None) -> Array:
        return part if factor is None else part * factor

    def derivative(part: Array) -> Array:
        scale = reduction.scale(part)
        scale = scale if isinstance(scale, float) else grid.expand(xp, scale)
        part = entries.guard(weighted(part, weight) * scale, 0.0)
        return xp.astype(part, call.prediction.dtype)

    def compute(part: Part) -> Array:
        if part == "value":
            values = entries.guard(weighted(terms.value(), weight), 0.0)
            return reduction.result(per_entry(values))
        return derivative(terms.slope() if part == "slope" else terms.curvature())

    with quiet(xp):
        return [compute(part) for part in parts]
