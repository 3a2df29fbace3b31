"""A head of a multi-task model: its loss, the keywords of the loss, and its weight."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from .._arrays.kinds import shown
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .._evaluation.sums import Sums, ratio
from .._formula import Results, Wanted
from .._inputs.dtypes import cast, compute_dtype
from .._inputs.options import check_keywords, check_number
from .._losses.regression.squared_and_absolute import mse_loss
from .._registry import evaluator, record_of

# The factor c that turns a loss into a negative log-likelihood of unit variance, where c is not 1.
_LIKELIHOOD_FACTORS = {mse_loss: 0.5}
# The reductions that `Head.reduce` computes from sums.
_REDUCTIONS_OF_SUMS = ("mean", "weighted_mean", "sum")


class Head:
    """The loss of one output of a model, with its keywords and its weight in the total.

    Parameters
    ----------
    loss : callable
        A loss of maskloss, or a `functools.partial` of one.
    weight : float, default: 1.0
        The importance of the head: a factor in the total. Weights of entries come with the call.
    **options : dict
        Keywords of `loss` other than its `weight`, such as ``missing=-1`` or ``reduction="macro"``.
        Keywords that a call gives for the head override them.

    Raises
    ------
    TypeError
        If `loss` is no loss of maskloss, or does not know a keyword.
    ValueError
        If `weight` is negative or not finite, if a keyword has an unknown value, or if the
        reduction gives more than one number.

    Examples
    --------
    >>> import maskloss as ml
    >>> head = ml.Head(ml.cross_entropy, missing=-1, label_smoothing=0.1, weight=0.5)
    >>> head.weight, head.options
    (0.5, {'missing': -1, 'label_smoothing': 0.1})
    """

    def __init__(self, loss: Callable[..., Array], *, weight: float = 1.0, **options: Any) -> None:
        bare: Any = loss
        while isinstance(bare, functools.partial) and not bare.args:
            bare, options = bare.func, {**bare.keywords, **options}
        evaluator(bare)
        record = record_of(bare)
        if record is None or record.inputs is None:
            msg = (
                f"`loss` must be a loss of one prediction and its labels, got {shown(bare)}; call "
                f"it by itself, and add its value to the total"
            )
            raise TypeError(msg)
        self.loss: Any = bare
        self.weight: float = check_number("weight", weight)
        self.options: dict[str, Any] = options
        self.likelihood_factor: float = _LIKELIHOOD_FACTORS.get(bare, 1.0)
        check_keywords(bare.__name__, bare, options)
        _check_one_number(options)

    def evaluate(
        self,
        xp: Namespace,
        key: object,
        wanted: Wanted,
        prediction: Array,
        target: Array,
        given: Mapping[str, Any],
        *,
        as_sums: bool,
    ) -> Results:
        """Return the results of the loss, in the dtype of its computation.

        The keywords `given` by a call override the head's own.
        """
        options = {**self.options, **given}
        try:
            _check_one_number(options)
            if as_sums:
                _check_from_sums(options)
                options["reduction"] = "sums"
            record = self.loss.record
            # The objective rounds derivatives once, after it multiplies them by the head's factor.
            dtype = compute_dtype(xp, record.inputs.names[0], prediction)
            prediction = cast(xp, prediction, dtype)
            results: Results = record.evaluate(wanted, prediction, target, **options)
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            msg = f"head {key!r}: {error}"
            raise kind(msg) from error
        return results

    def share(self, xp: Namespace, own: Sums, whole: Sums) -> Array:
        """Return the share of some sums in the reduced loss over all entries."""
        _check_from_sums(self.options)
        reduction = self.options.get("reduction", "mean")
        if reduction == "sum":
            return own.total
        divisor = whole.count if reduction == "mean" else whole.weight
        return ratio(xp, own.total, xp.astype(divisor, own.total.dtype), 0.0)

    def reduce(self, sums: Sums) -> Array:
        """Compute the reduced loss of the head from sums."""
        reduction = self.options.get("reduction", "mean")
        if reduction == "sum":
            return sums.total
        mean = sums.mean if reduction == "mean" else sums.weighted_mean
        return mean(empty=self.options.get("empty", 0.0))


def _check_one_number(options: Mapping[str, Any]) -> None:
    """Raise if the options reduce the loss to more than one number."""
    reduction, axis = options.get("reduction"), options.get("axis")
    if reduction in {"none", "sums"} or axis is not None:
        msg = (
            f"a head must give one number, got reduction={reduction!r} and axis={axis!r}; use "
            f'a mean without `axis`, and give reduction="sums" to the call of the objective'
        )
        raise ValueError(msg)


def _check_from_sums(options: Mapping[str, Any]) -> None:
    """Raise if sums across calls do not determine the reduction of the head."""
    reduction = options.get("reduction", "mean")
    if reduction not in _REDUCTIONS_OF_SUMS:
        msg = (
            f"reduction={reduction!r} cannot be computed from sums, only "
            f"{', '.join(_REDUCTIONS_OF_SUMS)} can; give one of them to Head(...)"
        )
        raise ValueError(msg)
