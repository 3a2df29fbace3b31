"""Targets that are bounds: the true number is at most the target, or at least it.

For losses that are 0, and least, where prediction and target are equal. A likelihood is not: that
of a bound is a probability of the whole side.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, get_type_hints

from maskloss._arrays.namespace import integer, scalar
from maskloss._arrays.typing import Array, Namespace
from maskloss._docstrings import fill
from maskloss._formula import Call, Formula, Terms
from maskloss._inputs.domain import Domain
from maskloss._inputs.entries import Entries
from maskloss._inputs.options import Options

P = ParamSpec("P")

_MEANING = "-1: the target is an upper bound, 0: exact, 1: a lower bound"
_SIDES = Domain(values=(-1, 0, 1), advice=f" ({_MEANING})")


class CensorableOptions(Options, total=False):
    """The keywords of a loss whose targets may be bounds."""

    censoring: Array | int | None


_DOCUMENTATION = """\
censoring : int array or int, optional
    Which targets are bounds: -1 for an upper bound (the true number is at most the target), 0
    for the number itself, 1 for a lower bound; with the shapes of `weight`. An observed entry
    whose prediction keeps to its bound counts, with loss and derivatives 0.
**options"""


def censorable(build: Callable[P, Call]) -> Callable[P, Call]:
    """Give a loss the keyword `censoring`; goes under the decorator `loss`."""

    @functools.wraps(build)
    def function(*args: P.args, **kwargs: P.kwargs) -> Call:
        censoring = kwargs.pop("censoring", None)
        call = build(*args, **kwargs)
        if censoring is None:
            return call
        formula = functools.partial(_censored, formula=call.formula)
        return replace(call, formula=formula, arrays={**call.arrays, "censoring": censoring})

    function.__doc__ = fill(build.__doc__, options=_DOCUMENTATION)
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
    """Evaluate a formula with 0 on the side of a bound that satisfies it, the bound included."""
    xp, x, y = entries.xp, entries.prediction, entries.labels
    _check_integers(xp, entries.checked.arrays["censoring"])
    side = entries.per_entry("censoring", domain=_SIDES)
    # A NaN satisfies no bound, and stays visible.
    is_under = xp.logical_and(side < 0, x <= y)
    is_met = xp.logical_or(is_under, xp.logical_and(side > 0, x >= y))

    def without_met(array: Array) -> Array:
        return xp.where(is_met, 0.0, array)

    # Value and slope are 0 at equal numbers. Not even an infinite bound that is met gets there.
    terms = formula(replace(entries, prediction=without_met(x), labels=without_met(y)))
    return replace(terms, curvature=lambda: without_met(terms.curvature()))


def _check_integers(xp: Namespace, censoring: Array) -> None:
    if scalar(censoring) is None:
        is_integer, got = xp.isdtype(censoring.dtype, "integral"), censoring.dtype
    else:
        is_integer, got = integer(censoring) is not None, repr(censoring)
    if not is_integer:
        msg = f"`censoring` must be integers ({_MEANING}), got {got}; cast them"
        raise TypeError(msg)
