"""The losses of several heads of a model, and their weighted total."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from maskloss._arrays.kinds import type_name
from maskloss._arrays.lookup import array_namespace
from maskloss._arrays.namespace import Namespace, no_autograph
from maskloss._arrays.typing import Array
from maskloss._evaluation.sums import Sums, ratio
from maskloss._formula import Derivative, Results, Wanted
from maskloss._inputs.dtypes import cast
from maskloss._objectives.head import Head
from maskloss._objectives.results import ObjectiveSums, ObjectiveValue
from maskloss._objectives.structure import Structure
from maskloss._objectives.weighting import Weighting
from maskloss._registry import HasClosedForm

# Advice in the errors about an argument that does not fit the heads.
_ARRAY_ADVICE = "a head without a label in this batch has labels that are all missing"
KEYWORD_ADVICE = (
    "say which head takes it; a keyword that is the same in every call belongs to its Head(...)"
)


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
        structure = Structure.of(
            "heads", heads, "give every Head a name, or put the heads in a tuple"
        )
        if not structure.keys:
            msg = f"`heads` must have at least one Head, got {structure}"
            raise ValueError(msg)
        for key in structure.keys:
            head: object = heads[key]
            if not isinstance(head, Head):
                msg = (
                    f"`heads[{key!r}]` must be a Head, got {type_name(head)}; write Head(loss, ...)"
                )
                raise TypeError(msg)
        self.heads: Any = structure.build([heads[key] for key in structure.keys])
        self._structure = structure
        self._heads = {key: heads[key] for key in structure.keys}

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
        structure = self._structure
        as_sums = _is_sums(reduction, log_variances)
        inputs = structure.items_of("predictions", predictions, _ARRAY_ADVICE)
        labels = structure.items_of("targets", targets, _ARRAY_ADVICE)
        options = self._options(keywords)
        xp = self._namespace("predictions", inputs, log_variances)
        with xp.ignore_fp_errors():
            of_heads = [
                head.evaluate(xp, key, wanted._replace(count=True), *arrays, as_sums=as_sums)
                for (key, head), *arrays in zip(
                    self._heads.items(), inputs, labels, options, strict=True
                )
            ]
            counts = [results.count for results in of_heads]
            weighting = Weighting(xp, self._heads, counts, log_variances)

            def value() -> ObjectiveSums | ObjectiveValue:
                values = [results.value for results in of_heads]
                if as_sums:
                    return ObjectiveSums(structure.build(values))
                return self._value(weighting, values, counts)

            def derivative(name: Derivative) -> Any:
                arrays = [getattr(results, name) for results in of_heads]
                weighted = arrays if as_sums else weighting.derivatives(arrays)
                rounded = [
                    cast(xp, array, x.dtype) for array, x in zip(weighted, inputs, strict=True)
                ]
                return structure.build_like(predictions, rounded)

            return Results(
                value=value() if wanted.value else None,
                **{name: derivative(name) for name in wanted.derivatives},
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
        items = self._structure.items_of("sums", sums.heads, "give sums of this objective")
        xp = self._namespace("sums", [item.total for item in items], log_variances)
        values = [head.reduce(item) for head, item in zip(self._heads.values(), items, strict=True)]
        counts = [item.count for item in items]
        with xp.ignore_fp_errors():
            weighting = Weighting(xp, self._heads, counts, log_variances)
            return self._value(weighting, values, counts)

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
        items, wholes = (
            self._structure.items_of(name, given.heads, "give sums of this objective")
            for name, given in (("sums", sums), ("counts", counts))
        )
        xp = self._namespace("sums", [item.total for item in items], log_variances)
        with xp.ignore_fp_errors():
            pairs = list(zip(self._heads.values(), items, wholes, strict=True))
            values = [processes * head.share(xp, item, whole) for head, item, whole in pairs]
            parts = [processes * _part(xp, item, whole) for _, item, whole in pairs]
            weighting = Weighting(xp, self._heads, [w.count for w in wholes], log_variances)
            total = weighting.total(values, parts)
        build = self._structure.build
        return ObjectiveValue(total, build(values), build([item.count for item in items]))

    def count_of(self, count: Callable[..., Any], targets: Any, **keywords: Any) -> ObjectiveSums:
        """Return `count` of the loss, the labels and the keywords of each head."""
        structure = self._structure
        labels = structure.items_of("targets", targets, _ARRAY_ADVICE)
        parts = zip(self._heads.values(), labels, self._options(keywords), strict=True)
        counts = [
            count(head.loss, array, **{**head.options, **options}) for head, array, options in parts
        ]
        return ObjectiveSums(structure.build(counts))

    def _value(
        self, weighting: Weighting, values: Sequence[Array], counts: Sequence[Array]
    ) -> ObjectiveValue:
        build = self._structure.build
        return ObjectiveValue(weighting.total(values), build(values), build(counts))

    def _options(self, keywords: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the keywords of a call for each head."""
        options: list[dict[str, Any]] = [{} for _ in self._heads]
        for name, given in keywords.items():
            if given is not None:
                items = self._structure.items_of(name, given, KEYWORD_ADVICE, partial=True)
                for head_options, item in zip(options, items, strict=True):
                    if item is not None:
                        head_options[name] = item
        return options

    def _namespace(self, name: str, arrays: Sequence[Array], log_variances: object) -> Namespace:
        named = {f"{name}[{key!r}]": a for key, a in zip(self._structure.keys, arrays, strict=True)}
        if log_variances is not None:
            named["log_variances"] = log_variances
        return array_namespace(named)


def _part(xp: Namespace, own: Sums, whole: Sums) -> Array:
    """Return the part of the entries of a head that belongs to one batch."""
    number, everything = (xp.astype(sums.count, own.total.dtype) for sums in (own, whole))
    return ratio(xp, number, everything, 0.0)


def _is_sums(reduction: object, log_variances: object) -> bool:
    """Return whether a call asks for sums; raise if its arguments do not go together."""
    if reduction is None:
        return False
    if reduction != "sums":
        msg = (
            f'`reduction` of an objective must be "sums" or None, got {reduction!r}; each head '
            f"has a reduction of its own: Head(..., reduction={reduction!r})"
        )
        raise ValueError(msg)
    if log_variances is not None:
        msg = (
            '`log_variances` weight the heads in a total, but reduction="sums" gives none; pass '
            "them to `combine`"
        )
        raise ValueError(msg)
    return True
