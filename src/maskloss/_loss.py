"""From the `Call` of a formula to a loss: a documented function with derivatives."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeVar, get_type_hints

from maskloss._arrays.namespace import no_autograph
from maskloss._arrays.typing import Array
from maskloss._closed_form import closed_form
from maskloss._docstrings import document_loss
from maskloss._evaluation.evaluate import evaluate
from maskloss._formula import Call, Part
from maskloss._inputs.domain import REAL, Domain
from maskloss._inputs.entries import InputSpec
from maskloss._inputs.options import (
    DOCUMENTATION,
    Options,
    Settings,
    read_options,
    too_many_arguments,
)

P = ParamSpec("P")


class HasOptions(Protocol):
    """What a function that describes a loss returns."""

    @property
    def options(self) -> Options:
        """The keywords that every loss takes, as far as they are given."""


C = TypeVar("C", bound=HasOptions)
Evaluate = Callable[[C, Settings, tuple[Part, ...]], list[Any]]


def loss(
    *, prediction: Domain = REAL, labels: Domain = REAL
) -> Callable[[Callable[P, Call]], Callable[P, Array]]:
    """Make a loss of a function that returns its `Call`, given where its arrays may lie.

    The loss has three attributes: `spec`, `describe`, which returns its `Call`, and `evaluate`,
    which returns the parts that its first argument names.
    """

    def decorate(build: Callable[P, Call]) -> Callable[P, Array]:
        first, second, *_ = inspect.signature(build).parameters
        spec = InputSpec((first, second), (prediction, labels))

        def parts(call: Call, settings: Settings, wanted: tuple[Part, ...]) -> list[Any]:
            return evaluate(call, spec, settings, wanted)

        return as_loss(build, parts, spec=spec, describe=build)

    return decorate


def as_loss(
    build: Callable[P, C], evaluate: Evaluate[C], **attributes: object
) -> Callable[P, Array]:
    """Make a documented function, of a function that describes a loss and how to evaluate that."""
    signature = _full_signature(build)
    keywords = tuple(signature.parameters)
    places = [p.name for p in signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]

    @closed_form
    def parts(_: object, wanted: tuple[Part, ...], *args: P.args, **kwargs: P.kwargs) -> list[Any]:
        try:
            call = build(*args, **kwargs)
        except TypeError:
            if len(args) <= len(places):
                raise
            first_too_many = args[len(places)]
            msg = too_many_arguments(build.__name__, places, keywords, first_too_many)
            raise TypeError(msg) from None
        return evaluate(call, read_options(build.__name__, keywords, call.options), wanted)

    @functools.wraps(build)
    def function(*args: P.args, **kwargs: P.kwargs) -> Array:
        return parts(None, ("value",), *args, **kwargs)[0]

    method = types.MethodType(parts, function)
    vars(function).update(attributes, evaluate=method, __signature__=signature)
    function.__doc__ = document_loss(build.__doc__, options=DOCUMENTATION, prediction=keywords[0])
    return no_autograph(function)


def _full_signature(build: Callable[..., object]) -> inspect.Signature:
    """Return the signature of `build` with the shared keywords in place of `**options`."""
    own = inspect.signature(build)
    hints = get_type_hints(Options)
    shared = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name]
        )
        for name, default in Settings._field_defaults.items()
    ]
    parameters = [p for p in own.parameters.values() if p.kind is not p.VAR_KEYWORD]
    return own.replace(parameters=parameters + shared, return_annotation=Array)
