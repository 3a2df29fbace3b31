"""The keywords that every loss takes, with their documentation, defaults and checks."""

from __future__ import annotations

import difflib
import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import EllipsisType
from typing import Any, Literal, NamedTuple, TypedDict, get_args

from .._arrays.kinds import if_traced, integer, is_number, scalar, shown, type_name
from .._arrays.typing import Array
from .missing import Missing

ReductionName = Literal[
    "none", "sum", "sums", "mean", "weighted_mean", "mean_over_all", "macro", "samples"
]
REDUCTIONS: tuple[str, ...] = get_args(ReductionName)


class CommonOptions(TypedDict, total=False):
    """The keywords that every loss takes, those of lists with `groups` too."""

    mask: Array | None
    missing: Missing
    weight: Array | float | None
    reduction: ReductionName
    divisor: Array | float | None
    axis: int | tuple[int, ...] | None
    empty: float | Literal["raise"]


class Options(CommonOptions, total=False):
    """The keywords that every loss takes, for type checkers and editors."""

    groups: Array | None


class Settings(NamedTuple):
    """The same keywords with their defaults."""

    mask: Array | None = None
    missing: Missing = None
    weight: Array | float | None = None
    reduction: ReductionName = "mean"
    divisor: Array | float | None = None
    axis: int | tuple[int, ...] | None = None
    empty: float | Literal["raise"] = 0.0
    groups: Array | None = None


DOCUMENTATION = """\
mask : bool array, optional
    True where the label is observed: a scalar, or an array with the entries' number of
    dimensions and sizes 1 or equal. Numbers 0 and 1 are taken as well. The opposite of the
    mask of `numpy.ma`.
missing : float, or tuple or list of float, optional
    Label values that mean missing, such as ``-1`` or ``nan``. If `mask` is given too, an entry
    is observed where both agree. The mask of `numpy.ma` labels counts as well. A bad label or
    weight of an observed entry, such as NaN, raises `ValueError` where values can be read.
    Under a trace or on an accelerator it makes its entry NaN, and with it the mean.
weight : float or array, optional
    Non-negative weight w per entry, with the shapes of `mask`. A weight is not a mask: an
    entry with weight 0 is observed.
reduction : str, default: "mean"
    How the losses l of the entries are reduced. ``"none"``: w l per entry, 0 where missing.
    ``"sum"``: the sum of w l. ``"mean"``: the sum divided by the number of observed entries.
    ``"weighted_mean"``: the sum divided by the sum of w. ``"mean_over_all"``: the sum divided
    by the number of entries. ``"macro"``: the mean of each class (last axis), averaged over
    the classes with an observed entry. ``"samples"``: the same over the first axis.
    ``"sums"``: a `Sums`, which can be added across steps and devices.
divisor : float or array, optional
    Replaces the denominator of a mean, for example by the count over several steps. With
    `axis`, one number or an array of the results' shape. With ``"macro"`` or ``"samples"``, an
    array with the count of each class or sample. If the gradients of several devices are
    averaged, divide the count over all of them by their number.
axis : int or tuple of int, optional
    Reduce over these axes of the entries only, for example ``axis=0`` for one loss per class.
empty : float or "raise", default: 0.0
    The value of a mean over no observed entry: ``0.0``, ``nan``, or ``"raise"`` for a
    `ValueError` where values can be read."""
GROUPS = """\
groups : int array, shape (T,) or (B, T), optional
    With ``"samples"``, the number of the sequence to which each entry belongs, such as packed
    tokens: the mean of each sequence, averaged over those with an observed entry. One number for
    each place along the first axis of the entries, or the first two. In (B, T), each row has
    sequences of its own."""

_FOREIGN_KEYWORDS = {
    "ignore_index": "`missing`",
    "ignore_class": "`missing`",
    "ignore_value": "`missing`",
    "valid_mask": "`mask`, True where observed",
    "where": "`mask`, True where observed",
    "sample_weight": "`weight`",
    "size_average": '`reduction="mean"`',
    "from_logits": "`cross_entropy` or `binary_cross_entropy_with_logits`, of logits, without it",
}
_SYMBOLS = {"q": "quantile"}
_FOREIGN_REDUCTIONS = {
    "batchmean": 'reduction="sum", divided by the size of the batch',
    "sum_over_batch_size": 'reduction="mean_over_all"',
}


def read_options(function: str, keywords: Sequence[str], options: CommonOptions) -> Settings:
    """Complete `options` with the defaults; refuse keywords that `function` does not know."""
    for name in options:
        if name not in Settings._fields:
            raise TypeError(_unknown_keyword(function, keywords, name))
    settings = Settings(**options)
    reduction: object = settings.reduction  # an array compares element by element
    if not isinstance(reduction, str) or reduction not in REDUCTIONS:
        msg = f"`reduction` must be one of {', '.join(REDUCTIONS)}, got {shown(settings.reduction)}"
        hint = _FOREIGN_REDUCTIONS.get(shown(settings.reduction).strip("'"))
        raise ValueError(f"{msg}; use {hint}" if hint else msg)
    check_empty(settings.empty)
    if settings.axis is not None and settings.reduction in {"none", "macro", "samples"}:
        msg = (
            f"`axis` goes with a sum or a mean; reduction={settings.reduction!r} has axes of its "
            f"own, got axis={shown(settings.axis)}; leave one of them out"
        )
        raise ValueError(msg)
    if settings.divisor is not None and settings.reduction in {"none", "sum", "sums"}:
        msg = (
            f"`divisor` replaces the denominator of a mean; reduction={settings.reduction!r} has "
            f'no denominator; use reduction="mean" or leave `divisor` out'
        )
        raise ValueError(msg)
    if settings.groups is not None:
        _check_groups(settings)
    return settings


def _check_groups(settings: Settings) -> None:
    """Refuse `groups` with another reduction than the mean of the means of samples."""
    if settings.reduction != "samples":
        msg = (
            f'`groups` goes with reduction="samples", the mean of the mean of each group, got '
            f"reduction={settings.reduction!r}"
        )
        raise ValueError(msg)
    if settings.divisor is not None:
        msg = "`divisor` does not go with `groups`, whose counts are the denominators"
        raise ValueError(msg)


def check_keywords(name: str, loss: Callable[..., object], given: Mapping[str, Any]) -> None:
    """Refuse keywords that `loss` does not take, and bad values of the keywords of every loss.

    `name` is what keeps the keywords for later calls; the errors name it.
    """
    parameters = inspect.signature(loss).parameters.values()
    keywords = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    own = keywords[: keywords.index("mask")]  # `groups` may be one of them
    shared: Any = {keyword: value for keyword, value in given.items() if keyword not in own}
    read_options(name, keywords, shared)


def check_fraction(name: str, value: float) -> float:
    """Return a number in [0, 1] as Python's, which promotes no dtype."""
    if isinstance(value, bool) or scalar(value) is None:
        msg = f"`{name}` must be a number in [0, 1], got {shown(value)}{if_traced(name, value)}"
        raise TypeError(msg)
    if not 0 <= value <= 1:
        msg = f"`{name}` must lie in [0, 1], got {shown(value)}"
        raise ValueError(msg)
    return float(value)


def check_number(name: str, value: float, *, least: float = 0.0, above: bool = False) -> float:
    """Return a finite number, `least` or more (with `above`, more than `least`), as Python's."""
    number = scalar(value)
    if number is None or isinstance(value, bool):
        limits = _limits(least, above=above)
        msg = f"`{name}` must be a number{limits}, got {shown(value)}{if_traced(name, value)}"
        raise TypeError(msg)
    if not (least < number if above else least <= number) or abs(number) == math.inf:
        msg = f"`{name}` must be finite{_limits(least, above=above)}, got {shown(value)}"
        raise ValueError(msg)
    return float(number)


def _limits(least: float, *, above: bool) -> str:
    # Called only for an error: Dynamo (torch 2.13) cannot format a symbolic number.
    if least == -math.inf:
        return ""
    return f", more than {least:g}" if above else f", {least:g} or more"


def check_flag(name: str, value: bool) -> bool:  # noqa: FBT001
    """Return a bool, and refuse other values that have a truth value."""
    if not isinstance(value, bool):
        msg = f"`{name}` must be True or False, got {shown(value)}{if_traced(name, value)}"
        raise TypeError(msg)
    return value


def check_choice(name: str, value: object, choices: Iterable[object]) -> None:
    """Raise unless `value` is one of `choices`."""
    # A tuple, as a mapping cannot look up a list, which has no hash.
    allowed = tuple(choices)
    if not (value is None or isinstance(value, str)) or value not in allowed:
        msg = f"`{name}` must be one of {', '.join(map(repr, allowed))}, got {shown(value)}"
        raise ValueError(msg)


def check_integer(name: str, value: object, *, least: int | None = None) -> Any:
    """Return an integer, `least` or more, as Python's; a symbol of torch.export as it is."""
    number: Any = value if is_number(value) else integer(value)
    limits = "" if least is None else f", {least} or more"
    if number is None or isinstance(number, bool | float):
        msg = f"`{name}` must be an integer{limits}, got {shown(value)}{if_traced(name, value)}"
        raise TypeError(msg)
    if least is not None and number < least:
        msg = f"`{name}` must be {least} or more, got {shown(value)}"
        raise ValueError(msg)
    return number


def check_axis(name: str, value: int) -> int:
    """Return an axis as Python's integer."""
    axis = integer(value)
    if axis is None:
        msg = (
            f"`{name}` must be an integer, an axis of the prediction, got {shown(value)}"
            f"{if_traced(name, value)}"
        )
        raise TypeError(msg)
    return axis


def check_axes(
    name: str, value: int | tuple[int, ...] | EllipsisType
) -> tuple[int, ...] | EllipsisType:
    """Return one axis or several as a tuple of Python's integers, and ``...`` as it is."""
    if isinstance(value, EllipsisType):
        return value
    given = value if isinstance(value, tuple) else (value,)
    axes = tuple(axis for axis in map(integer, given) if axis is not None)
    if not given or len(axes) < len(given):
        msg = (
            f"`{name}` must be an integer, a tuple of integers, or ..., got {shown(value)}"
            f"{if_traced(name, value)}"
        )
        raise TypeError(msg)
    return axes


def check_empty(empty: object) -> None:
    """Refuse an invalid `empty`, the mean over no entry."""
    is_word, number = isinstance(empty, str) and empty == "raise", scalar(empty)
    # Not `math.isinf`: torch.compile (torch 2.13) cannot trace it of a float that is a symbol.
    is_too_large = number is not None and abs(number) == math.inf and number != empty
    if not is_word and (number is None or isinstance(empty, bool) or is_too_large):
        msg = f'`empty` must be 0.0, nan or "raise", got {shown(empty)}{if_traced("empty", empty)}'
        raise ValueError(msg)


def too_many_arguments(
    function: str, positional: Sequence[str], keywords: Sequence[str], value: object
) -> str:
    """Return the error of surplus positional arguments, with a likely keyword for the first."""
    dtype = str(getattr(value, "dtype", ""))
    if "bool" in dtype:
        hint = "`mask=`, True where observed"
    elif dtype:
        hint = "`weight=`, one number per entry"
        if "class_weight" in keywords:
            hint = f"`class_weight=`, one number per class, or {hint}"
    else:
        hint = ", ".join(name for name in keywords if name not in positional)
    return (
        f"{function}() takes {len(positional)} positional arguments, {', '.join(positional)}, "
        f"got one more, {type_name(value)}; name it: {hint}"
    )


def _unknown_keyword(function: str, keywords: Sequence[str], name: str) -> str:
    close = difflib.get_close_matches(_SYMBOLS.get(name, name), keywords, n=1)
    hint = _FOREIGN_KEYWORDS.get(name)
    if name == "from_logits" and "activation" in keywords:
        hint = '`activation="sigmoid"`, or "softmax"'
    if name == "dim":
        axis = next((own for own in keywords if own.endswith(("_axis", "_axes"))), None)
        hint = f"`axis` to reduce over, or `{axis}`" if axis else "`axis`"
    hint = hint or (f"`{close[0]}`" if close else None)
    ending = f"; use {hint}" if hint else f"; it takes {', '.join(keywords)}"
    return f"{function}() got an unexpected keyword argument {shown(name)}{ending}"
