"""The registry of losses, from which modules, stubs, docs and tests are made."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

from ._arrays.kinds import shown
from ._formula import Link, Results, Wanted
from ._inputs.checked_call import InputSpec
from ._inputs.options import Settings, read_options


@dataclass(frozen=True, eq=False)
class LossRecord:
    """The description of a loss; the attribute `record` of its function.

    Attributes
    ----------
    function : callable
        The public function.
    name, family, summary : str
        Its name, the package of its formula, such as ``"binary"``, and the first line of its
        documentation.
    inputs : InputSpec or None
        Names and domains of its two arrays; None if it takes others, as a linear layer does.
    parameters : mapping
        Its own parameters by name, with evaluated types, without the keywords of every loss.
    build : callable
        Takes the arguments of the function and returns the `Call`.
    evaluate : callable
        Takes `Wanted`, then the arguments of the function, and returns `Results`.
    """

    function: Callable[..., Any]
    name: str
    family: str
    summary: str
    inputs: InputSpec | None
    parameters: Mapping[str, inspect.Parameter] = field(repr=False)
    build: Callable[..., Any] = field(repr=False)
    evaluate: Callable[..., Results] = field(repr=False)

    @property
    def options(self) -> dict[str, inspect.Parameter]:
        """Its own keywords."""
        return {name: p for name, p in self.parameters.items() if p.kind is p.KEYWORD_ONLY}

    @property
    def has_rows_of_classes(self) -> bool:
        """Whether an entry is a row of classes: an axis of element losses has no default."""
        axis = self.parameters.get("class_axis")
        return axis is not None and axis.default is not None

    @property
    def required(self) -> dict[str, inspect.Parameter]:
        """Its parameters without a default, besides its two arrays."""
        parameters = list(self.parameters.items())[2:]
        return {name: p for name, p in parameters if p.default is p.empty}


# Filled by the decorator of each loss; complete once `maskloss._public` is imported.
REGISTRY: dict[str, LossRecord] = {}


def record_of(loss: object) -> LossRecord | None:
    """Return the record of a loss; None for anything else."""
    record = getattr(loss, "record", None)
    # `functools.wraps` copies attributes: a wrapper of a loss is not a loss.
    is_loss = isinstance(record, LossRecord) and record.function is loss
    return record if is_loss else None


def check_options(record: LossRecord, options: Mapping[str, Any], taken: Collection[str]) -> None:
    """Refuse options of a loss that it does not take, or that its caller sets itself: `taken`."""
    for name in options:
        if name in taken:
            msg = f"`{name}` of `{record.name}` is set for each batch; leave it out"
            raise TypeError(msg)
    shared = {name: value for name, value in options.items() if name not in record.options}
    read_options(record.name, [*record.options, *Settings._fields], cast("Any", shared))


def without_partial(loss: object) -> tuple[Any, dict[str, Any]]:
    """Return the loss inside any `functools.partial`, and the keywords of these."""
    function: Any = loss
    options: dict[str, Any] = {}
    while isinstance(function, functools.partial) and not function.args:
        function, options = function.func, {**function.keywords, **options}
    return function, options


def link_of(loss: object) -> Link:
    """Return the `link` of a loss or a `functools.partial` of one; "identity" of anything else."""
    function, options = without_partial(loss)
    record = record_of(function)
    if record is None or record.inputs is None:
        return "identity"
    link: Link = record.build(None, None, **options).link
    return link


class HasClosedForm:
    """An object with derivatives in closed form that is not a loss."""

    def evaluate(self, wanted: Wanted, /, *args: Any, **kwargs: Any) -> Results:
        """Return the results of a call with these arguments."""
        raise NotImplementedError


def refuse_non_loss(loss: object) -> NoReturn:
    """Raise the error of an argument that is not a loss."""
    msg = (
        f"`loss` must be a loss of maskloss, got {shown(loss)}; only losses of maskloss "
        f"have derivatives in closed form, so pass the loss itself, not a function around it"
    )
    raise TypeError(msg)


def evaluator(loss: object) -> Callable[..., Results]:
    """Return `evaluate` of a loss or an objective; refuse anything else."""
    record = record_of(loss)
    if record is not None:
        return record.evaluate
    if isinstance(loss, HasClosedForm):
        return loss.evaluate
    refuse_non_loss(loss)
