"""The decorator `loss`: from a function that returns a `Call` to a public loss."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar, get_type_hints

from ._arrays.namespace import no_autograph
from ._arrays.typing import Array
from ._classes import with_classes
from ._docstrings import document_loss
from ._evaluation.evaluate import evaluate
from ._formula import Call, Results, Wanted
from ._inputs.checked_call import InputSpec
from ._inputs.domain import REAL, Domain
from ._inputs.dtypes import check_numbers
from ._inputs.options import (
    DOCUMENTATION,
    GROUPS,
    CommonOptions,
    Settings,
    read_options,
    too_many_arguments,
)
from ._registry import REGISTRY, LossRecord
from ._signatures import shared_beside, shown_signature

P = ParamSpec("P")
_VALUE = Wanted(value=True)


class HasOptions(Protocol):
    """The result of a function that describes a loss."""

    @property
    def options(self) -> CommonOptions:
        """The keywords of every loss that the caller gave."""


C = TypeVar("C", bound=HasOptions)
C_contra = TypeVar("C_contra", bound=HasOptions, contravariant=True)


class Evaluate(Protocol[C_contra]):
    """A function that returns the results of a call."""

    def __call__(self, call: C_contra, *, settings: Settings, wanted: Wanted) -> Results: ...


def loss(
    *, prediction: Domain = REAL, labels: Domain = REAL, has_classes: bool = True
) -> Callable[[Callable[P, Call]], Callable[P, Array]]:
    """Return a decorator that makes a loss of a function that returns its `Call`.

    `prediction` and `labels` are the domains of its two arrays. Unless `has_classes` is False, a
    loss without an axis keyword also takes `class_weight` and `class_axis`.
    """

    def decorate(build: Callable[P, Call]) -> Callable[P, Array]:
        first, second, *_ = inspect.signature(build).parameters
        inputs = InputSpec((first, second), (prediction, labels))
        if has_classes and not _names_an_axis(build):
            build = with_classes(build)
        return register(build, functools.partial(evaluate, spec=inputs), inputs)

    return decorate


def _names_an_axis(build: Callable[..., object]) -> bool:
    """Return whether a loss has an axis keyword of its own, as losses of rows have."""
    return any(name.endswith(("_axis", "_axes")) for name in inspect.signature(build).parameters)


def register(
    build: Callable[P, C], evaluate: Evaluate[C], inputs: InputSpec | None = None
) -> Callable[P, Array]:
    """Make the public function of a loss from `build`, which describes a call, and register it.

    The attribute `record` of the function is its `LossRecord`.
    """
    own = _own_parameters(build)
    shared = shared_beside(own).values()
    name, keywords = build.__name__, (*own, *(p.name for p in shared))
    positional = [p.name for p in own.values() if p.kind is not p.KEYWORD_ONLY]
    first, _, *options = own

    def results(wanted: Wanted, /, *args: P.args, **kwargs: P.kwargs) -> Results:
        try:
            call = build(*args, **kwargs)
        except TypeError:
            if len(args) <= len(positional):
                raise
            first_too_many = args[len(positional)]
            msg = too_many_arguments(name, positional, keywords, first_too_many)
            raise TypeError(msg) from None
        settings = read_options(name, keywords, call.options)
        # Of two positional arguments, none is an option.
        given = kwargs if len(args) == 2 else {**dict(zip(own, args, strict=False)), **kwargs}
        check_numbers(args[0] if args else kwargs[first], given, options)
        return evaluate(call, settings=settings, wanted=wanted)

    @functools.wraps(build)
    def function(*args: P.args, **kwargs: P.kwargs) -> Array:
        return results(_VALUE, *args, **kwargs).value

    text = build.__doc__ or ""
    shared_options = DOCUMENTATION if "groups" in own else f"{DOCUMENTATION}\n{GROUPS}"
    function.__doc__ = document_loss(text, name=name, options=shared_options, prediction=first)
    parameters = (*own.values(), *shared)
    function.__annotations__ = {**{p.name: p.annotation for p in parameters}, "return": Array}
    record = LossRecord(
        function=function,
        name=name,
        family=_package_of(build),
        summary=text.partition("\n")[0],
        inputs=inputs,
        parameters=own,
        build=build,
        evaluate=results,
    )
    signature = shown_signature(parameters, returns="Array | Sums")
    vars(function).update(record=record, __signature__=signature)
    REGISTRY[name] = record
    return no_autograph(function)


def _package_of(function: Callable[..., object]) -> str:
    package = function.__module__.rpartition(".")[0]
    return package.rpartition(".")[2].lstrip("_")


def _own_parameters(build: Callable[..., object]) -> dict[str, inspect.Parameter]:
    """Return the parameters of `build` except `**options`, with evaluated types."""
    hints = get_type_hints(build)
    return {
        name: parameter.replace(annotation=hints.get(name, parameter.annotation))
        for name, parameter in inspect.signature(build).parameters.items()
        if parameter.kind is not parameter.VAR_KEYWORD
    }
