"""One of several objectives: a loss with its keywords and its importance."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from maskloss._arrays.typing import Array, Namespace
from maskloss._closed_form import evaluator
from maskloss._evaluation.sums import Sums
from maskloss._formula import Part
from maskloss._inputs.dtypes import cast, compute_dtype
from maskloss._inputs.options import check_keywords, check_number
from maskloss._losses.regression.squared_and_absolute import mse_loss

# What makes a loss the negative log-likelihood of a unit variance, where that is not 1.
_OF_LIKELIHOOD = {mse_loss: 0.5}
_FROM_SUMS = ("mean", "weighted_mean", "sum")


class Head:
    """A loss of one output of a model, with its keywords and its importance.

    Parameters
    ----------
    loss : callable
        A loss of maskloss, or a `functools.partial` of one.
    weight : float, default: 1.0
        The importance of the head: a factor in the total. Weights of entries come with the call.
    **options : dict
        Keywords of `loss` but for its `weight`, such as ``missing=-1`` or ``reduction="macro"``.
        What a call gives for the head comes before them.

    Raises
    ------
    TypeError
        If `loss` is no loss of maskloss, or does not know a keyword.
    ValueError
        If `weight` is negative or not finite, if a keyword has an unknown value, or if the
        reduction leaves more than one number.

    Examples
    --------
    >>> import maskloss as ml
    >>> head = ml.Head(ml.cross_entropy, missing=-1, label_smoothing=0.1, weight=0.5)
    >>> head.weight, head.options
    (0.5, {'missing': -1, 'label_smoothing': 0.1})
    """

    def __init__(self, loss: Callable[..., Array], *, weight: float = 1.0, **options: Any) -> None:
        whole: Any = loss
        while isinstance(whole, functools.partial) and not whole.args:
            whole, options = whole.func, {**whole.keywords, **options}
        evaluator(whole)
        if not hasattr(whole, "spec"):
            msg = (
                f"`loss` must be a loss of one prediction and its labels, got {whole!r}; call it "
                f"by itself, and add what it gives to the total"
            )
            raise TypeError(msg)
        self.loss = whole
        self.weight = check_number("weight", weight)
        self.options = options
        self.likelihood = _OF_LIKELIHOOD.get(whole, 1.0)
        check_keywords(whole.__name__, whole, options)
        _check_one_number(options)

    def evaluate(
        self,
        xp: Namespace,
        key: object,
        parts: tuple[Part, ...],
        prediction: Array,
        target: Array,
        given: Mapping[str, Any],
        *,
        as_sums: bool,
    ) -> list[Any]:
        """Return the parts of the loss in the dtype that it is computed in.

        What a call gives comes before the head's own keywords.
        """
        options = {**self.options, **given}
        try:
            _check_one_number(options)
            if as_sums:
                _check_from_sums(options)
                options["reduction"] = "sums"
            # Derivatives are to be rounded once, after the factor that they have in the total.
            dtype = compute_dtype(xp, self.loss.spec.names[0], prediction)
            prediction = cast(xp, prediction, dtype)
            outcome: list[Any] = self.loss.evaluate(parts, prediction, target, **options)
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            msg = f"head {key!r}: {error}"
            raise kind(msg) from error
        return outcome

    def reduce(self, sums: Sums) -> Array:
        """Return what the reduction of the head makes of sums."""
        reduction = self.options.get("reduction", "mean")
        if reduction == "sum":
            return sums.total
        mean = sums.mean if reduction == "mean" else sums.weighted_mean
        return mean(empty=self.options.get("empty", 0.0))


def _check_one_number(options: Mapping[str, Any]) -> None:
    reduction, axis = options.get("reduction"), options.get("axis")
    if reduction in {"none", "sums"} or axis is not None:
        msg = (
            f"a head must come to one number, got reduction={reduction!r} and axis={axis!r}; use "
            f'a mean without `axis`, and give reduction="sums" to the call of the objective'
        )
        raise ValueError(msg)


def _check_from_sums(options: Mapping[str, Any]) -> None:
    reduction = options.get("reduction", "mean")
    if reduction not in _FROM_SUMS:
        msg = (
            f"sums do not add up to reduction={reduction!r}, only to one of "
            f"{', '.join(_FROM_SUMS)}; give one of them to Head(...)"
        )
        raise ValueError(msg)
