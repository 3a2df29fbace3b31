"""Censored targets: the target is an upper or a lower bound of the true number.

Only for losses that are 0, their minimum, where prediction equals target. Likelihoods are not such
losses: the likelihood of a bound is the probability of all numbers beyond it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, get_type_hints

from ..._arrays.kinds import integer, scalar
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._docstrings import fill
from ..._formula import Call, Formula, Terms
from ..._inputs.domain import Domain
from ..._inputs.entries import Entries
from ..._inputs.options import Options

P = ParamSpec("P")

_MEANING = "-1: the target is an upper bound, 0: exact, 1: a lower bound"
SIDES = Domain(values=(-1, 0, 1), advice=f" ({_MEANING})")


class CensorableOptions(Options, total=False):
    """The keywords of a loss whose targets can be bounds."""

    censoring: Array | int | None


_INPUT_AND_TARGET = """\
input : array
    Predictions x, of any shape and real floating dtype. Each element is an entry.
target : array
    Numbers y of the same shape."""
_OPTIONS = """\
censoring : int array or int, optional
    Which targets are bounds: -1 for an upper bound (the true number is at most the target), 0
    for an exact number, 1 for a lower bound; of the same shapes as `weight`. An observed entry
    whose prediction satisfies its bound has loss and derivatives 0, and counts in a mean.
**options"""


def censorable(build: Callable[P, Call]) -> Callable[P, Call]:
    """Add the keyword `censoring` to a loss of numbers; apply it before the decorator `loss`.

    In the docstring, it replaces ``**input_and_target``.
    """

    @functools.wraps(build)
    def function(*args: P.args, **kwargs: P.kwargs) -> Call:
        censoring = kwargs.pop("censoring", None)
        call = build(*args, **kwargs)
        if censoring is None:
            return call
        formula = functools.partial(_censored, formula=call.formula)
        return replace(call, formula=formula, arrays={**call.arrays, "censoring": censoring})

    function.__doc__ = fill(build.__doc__, input_and_target=_INPUT_AND_TARGET, options=_OPTIONS)
    vars(function).update(__signature__=_with_censoring(inspect.signature(build)))
    return function


def _with_censoring(signature: inspect.Signature) -> inspect.Signature:
    *own, options = signature.parameters.values()
    keyword = inspect.Parameter(
        "censoring",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=get_type_hints(CensorableOptions)["censoring"],
    )
    return signature.replace(parameters=[*own, keyword, options])


def _censored(entries: Entries, *, formula: Formula) -> Terms:
    """Evaluate a formula, with 0 for predictions that satisfy their bound, or equal it."""
    xp, x, y = entries.xp, entries.prediction, entries.labels
    check_integers(xp, entries.checked.arrays["censoring"])
    side = entries.per_entry("censoring", domain=SIDES)
    y = y + 0 * side  # NaN if it is no side, where it cannot be read
    # A NaN satisfies no bound, so that the loss is NaN.
    is_below = xp.logical_and(side < 0, x <= y)
    is_satisfied = xp.logical_or(is_below, xp.logical_and(side > 0, x >= y))

    def zero_satisfied(array: Array) -> Array:
        return xp.where(is_satisfied, 0.0, array)

    # Value and slope are 0 where both numbers are 0. This also removes infinite bounds.
    terms = formula(replace(entries, prediction=zero_satisfied(x), labels=zero_satisfied(y)))
    return replace(terms, curvature=lambda: zero_satisfied(terms.curvature()))


def check_integers(xp: Namespace, censoring: Array) -> None:
    """Refuse bounds that are no integers."""
    if scalar(censoring) is None:
        is_integer, got = xp.isdtype(censoring.dtype, "integral"), censoring.dtype
    else:
        is_integer, got = integer(censoring) is not None, repr(censoring)
    if not is_integer:
        msg = f"`censoring` must be integers ({_MEANING}), got {got}; cast them"
        raise TypeError(msg)
