"""The keywords of a loss for Keras: those of its function, and those of every loss."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from keras import ops

from .._arrays.kinds import scalar, shown
from .._inputs.missing import Missing
from .._inputs.options import REDUCTIONS, Options, Settings, read_options
from .._registry import LossRecord
from .._signatures import shown_signature

Parameters = dict[str, inspect.Parameter]

# Keras' names of reductions, and ours.
_KERAS_REDUCTIONS: Final = {
    "sum_over_batch_size": "mean",
    "mean_with_sample_weight": "weighted_mean",
    None: "none",
}
# Keywords that belong to each call, and where Keras takes them.
_CALL_KEYWORDS: Final = {
    "mask": "mark labels by `missing`; layers pass a mask of Keras on by themselves",
    "weight": "give `sample_weight` to fit, or to the call",
    "groups": "lay lists out along `list_axis`, and sequences along the first axis",
    "max_group_size": "lay the lists out along `list_axis`",
}


def _shared(
    *,
    missing: Missing = None,
    reduction: str | None = "sum_over_batch_size",
    divisor: float | None = None,
    axis: int | tuple[int, ...] | None = None,
    empty: float | Literal["raise"] = 0.0,
    name: str | None = None,
    dtype: Any = None,
) -> None:
    """Declare the keywords of every loss."""


_SHARED: Final = inspect.signature(_shared, eval_str=True).parameters
_FROM_LOGITS: Final = inspect.Parameter(
    "from_logits", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=bool
)


def parameters_of(
    record: LossRecord, *, takes_probabilities: bool, defaults: Mapping[str, object]
) -> Parameters:
    """Return the keywords of a loss: those of its function, with `defaults`, and of every loss."""
    own = {
        name: parameter.replace(default=defaults.get(name, parameter.default))
        for name, parameter in record.options.items()
        if name not in _CALL_KEYWORDS
    }
    choice = {"from_logits": _FROM_LOGITS} if takes_probabilities else {}
    return {**own, **choice, **_SHARED}


def with_signature(init: Callable[..., None], parameters: Parameters) -> Callable[..., None]:
    """Return `init` with a signature that shows its keywords.

    A signature on the class would hide that of `__call__`.
    """

    @functools.wraps(init)
    def initialise(self: object, **keywords: Any) -> None:
        init(self, **keywords)

    (this, *_) = inspect.signature(init).parameters.values()
    shown = [this.replace(annotation=this.empty), *parameters.values()]
    vars(initialise)["__signature__"] = shown_signature(shown, array="Any")
    return initialise


def check_keywords(loss: str, parameters: Parameters, given: Mapping[str, Any]) -> None:
    """Refuse unknown and missing keywords of a loss, and values that no loss takes."""
    for name in given:
        if name in _CALL_KEYWORDS:
            msg = f"{loss}() takes no {name!r}, which belongs to each call; {_CALL_KEYWORDS[name]}"
            raise TypeError(msg)
    own = set(parameters) - {*Settings._fields}
    shared: Any = {name: value for name, value in given.items() if name not in own}
    options: Options = shared | {"reduction": as_reduction(shared["reduction"])}
    read_options(loss, tuple(parameters), options)
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in given:
            msg = f"{loss}() needs {name!r}; give it by name"
            raise TypeError(msg)


def check_of_probabilities(
    loss: str, function: Callable[..., Any], given: Mapping[str, Any]
) -> None:
    """Refuse keywords that only the function of logits has."""
    known = {*inspect.signature(function).parameters, *_SHARED, "from_logits"}
    for name in given:
        if name not in known:
            msg = (
                f"{loss}() takes {name!r} for logits only; let the model end without sigmoid or "
                f"softmax, and pass from_logits=True"
            )
            raise TypeError(msg)


def as_reduction(reduction: str | None) -> Any:
    """Return our name of a reduction, given Keras' name or ours."""
    word = _KERAS_REDUCTIONS.get(reduction, reduction)
    known = [name for name in REDUCTIONS if name != "sums"]  # Sums are no tensor
    if word not in known:
        words = ", ".join(map(repr, dict.fromkeys([*_KERAS_REDUCTIONS, *known])))
        msg = f"`reduction` must be one of {words}, got {shown(reduction)}"
        raise ValueError(msg)
    return word


def as_option(name: str, value: Any) -> Any:
    """Return a keyword as Python's numbers, an array as lists, for every backend."""
    if value is None or isinstance(value, str) or value is ...:
        return value
    number = scalar(value)
    if number is not None:
        return number
    numbers = ops.convert_to_numpy(value).tolist()
    is_array = isinstance(numbers, list) and name != "missing" and "ax" not in name
    return tuple(numbers) if isinstance(numbers, list) and not is_array else numbers


def in_configuration(value: Any) -> Any:
    """Return an option as JSON, which has no tuples."""
    return list(value) if isinstance(value, tuple) else value
