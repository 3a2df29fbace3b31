"""The losses of several heads of a model, and their weighted total."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from .._arrays.kinds import type_name
from .._arrays.namespace import no_autograph
from .._arrays.typing import Array
from .._formula import Results, Wanted
from .._registry import HasClosedForm
from .evaluate import evaluate_heads
from .head import Head
from .heads import Heads
from .results import ObjectiveSums, ObjectiveValue
from .steps import combine_sums, share_of_batch


@no_autograph
class MultiObjective(HasClosedForm):
    r"""The total of the losses of several heads, each over its observed entries.

    .. math:: \sum_h w_h L_h \quad\text{or}\quad \sum_h w_h \,
        \bigl(c_h e^{-s_h} L_h + \tfrac 1 2 s_h\bigr)

    The sum on the right applies if a call gives log-variances s. Either sum is over the heads h
    with an observed entry; other heads add exactly nothing to the total and to all gradients.

    Parameters
    ----------
    heads : mapping or tuple of Head
        The heads by name, or in order. Predictions and targets have the same structure.

    Raises
    ------
    TypeError
        If `heads` is neither a mapping nor a tuple of `Head`.
    ValueError
        If there is no head.

    Notes
    -----
    L is the value that the loss of a head returns by itself: by default, the mean over its own
    observed entries. The weights w are factors and not shares, as in ``loss_weights`` of Keras and
    in sums written by hand in torch: the total is not divided by the sum of the weights. So the
    term of one head does not depend on the observed entries of another. An entry of weight 0 is
    observed.

    With log-variances, the total is the loss of Kendall, Gal and Cipolla, Multi-Task Learning
    Using Uncertainty to Weigh Losses for Scene Geometry and Semantics (2018), with each term
    multiplied by w. The factor c is 1/2 for the squared error `mse_loss`, so that exp(s) is its
    variance, and 1 for all other losses. Automatic differentiation gives the derivative by s,
    :math:`w_h (\tfrac 1 2 - c_h e^{-s_h} L_h)`.

    `value_and_grad` and `grad_and_hessian` accept an objective. They return its result, and the
    gradients of the total in the structure of the predictions.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> objective = ml.MultiObjective({
    ...     "kind": ml.Head(ml.cross_entropy, missing=-1, weight=0.5),
    ...     "depth": ml.Head(ml.mse_loss, missing=-1.0, weight=0.5),
    ... })
    >>> predictions = {"kind": np.zeros((3, 2)), "depth": np.asarray([1.0, 2.0, 3.0])}
    >>> targets = {"kind": np.full(3, -1), "depth": np.asarray([3.0, -1.0, 5.0])}
    >>> result, gradients = ml.value_and_grad(objective)(predictions, targets)
    >>> float(result.total), int(result.counts["kind"]), int(result.counts["depth"])
    (2.0, 0, 2)
    >>> gradients["depth"]
    array([-1.,  0., -1.])
    """

    def __init__(self, heads: Mapping[Any, Head] | Sequence[Head]) -> None:
        self._heads = Heads(heads)
        self.heads: Any = self._heads.structure.build(list(self._heads))

    def __call__(
        self,
        predictions: Mapping[Any, Array] | Sequence[Array],
        targets: Mapping[Any, Array] | Sequence[Array],
        *,
        log_variances: Array | None = None,
        reduction: Literal["sums"] | None = None,
        **keywords: Mapping[Any, Any] | Sequence[Any] | None,
    ) -> Any:
        """Return the total, and the value and the count of each head.

        Parameters
        ----------
        predictions : mapping or tuple of array
            The first argument of each head's loss.
        targets : mapping or tuple of array
            The second argument of each head's loss.
        log_variances : array, shape (heads,), optional
            Learned log-variances s in the order of the heads, of real floating dtype.
        reduction : "sums", optional
            Return the `Sums` of each head instead, to be added across steps; `combine` computes
            the total from them. Gradients are then of each head's sum, without its weight.
        **keywords : mapping or tuple
            Keywords of the losses for this call, such as `mask` and `weight`. A mapping names the
            heads that get the keyword, ``mask={"depth": known}``; a tuple has None for the others.

        Returns
        -------
        ObjectiveValue or ObjectiveSums
            The total, and each head's value and count, in float32 at least.

        Raises
        ------
        TypeError
            If an argument has another structure than the heads, or a loss raises a `TypeError`.
        ValueError
            If a head is missing or unknown, or a loss raises a `ValueError`.
        """
        return self.evaluate(
            Wanted(value=True),
            predictions,
            targets,
            log_variances=log_variances,
            reduction=reduction,
            **keywords,
        ).value

    @no_autograph
    def evaluate(
        self,
        wanted: Wanted,
        predictions: Mapping[Any, Array] | Sequence[Array],
        targets: Mapping[Any, Array] | Sequence[Array],
        *,
        log_variances: Array | None = None,
        reduction: Literal["sums"] | None = None,
        **keywords: Mapping[Any, Any] | Sequence[Any] | None,
    ) -> Results:
        """Return the results; derivatives have the structure of the predictions."""
        return evaluate_heads(
            self._heads,
            wanted,
            predictions,
            targets,
            keywords,
            reduction=reduction,
            log_variances=log_variances,
        )

    @no_autograph
    def combine(self, sums: ObjectiveSums, *, log_variances: Array | None = None) -> ObjectiveValue:
        """Return the total, and the value and count of each head, from sums over steps or devices.

        Parameters
        ----------
        sums : ObjectiveSums
            The results of calls with ``reduction="sums"``, added up.
        log_variances : array, shape (heads,), optional
            Learned log-variances s in the order of the heads.

        Returns
        -------
        ObjectiveValue
            The result of one call over all entries of the sums.

        Raises
        ------
        TypeError
            If `sums` is no `ObjectiveSums`.
        ValueError
            If `sums` has other heads.
        """
        if not isinstance(sums, ObjectiveSums):
            msg = (
                f"`sums` must be ObjectiveSums, got {type_name(sums)}; call the objective with "
                f'reduction="sums", and add the results'
            )
            raise TypeError(msg)
        return combine_sums(self._heads, sums, log_variances)

    @no_autograph
    def share(
        self,
        predictions: Mapping[Any, Array] | Sequence[Array],
        targets: Mapping[Any, Array] | Sequence[Array],
        *,
        counts: ObjectiveSums,
        processes: int = 1,
        log_variances: Array | None = None,
        **keywords: Mapping[Any, Any] | Sequence[Any] | None,
    ) -> ObjectiveValue:
        """Return the share of a batch in the total over all batches of a step.

        Parameters
        ----------
        predictions : mapping or tuple of array
            The first argument of each head's loss.
        targets : mapping or tuple of array
            The second argument of each head's loss.
        counts : ObjectiveSums
            What `count` returns for this objective, added over all batches and devices of the step.
        processes : int, default: 1
            The number of devices over which an engine averages gradients; the share is multiplied
            by it.
        log_variances : array, shape (heads,), optional
            Learned log-variances s in the order of the heads.
        **keywords : mapping or tuple
            Keywords of the losses for this call.

        Returns
        -------
        ObjectiveValue
            The shares of the total and of each head's value, and the counts of this batch. The
            shares of all batches add up to the total of one call with all of them.
        """
        sums = self(predictions, targets, reduction="sums", **keywords)
        return share_of_batch(self._heads, sums, counts, processes, log_variances)

    def count_of(self, count: Callable[..., Any], targets: Any, **keywords: Any) -> ObjectiveSums:
        """Return `count` of the loss, the labels and the keywords of each head."""
        labels = self._heads.arrays("targets", targets)
        parts = zip(self._heads, labels, self._heads.keywords(keywords), strict=True)
        counts = [
            count(head.loss, array, **{**head.options, **options}) for head, array, options in parts
        ]
        return ObjectiveSums(self._heads.structure.build(counts))
