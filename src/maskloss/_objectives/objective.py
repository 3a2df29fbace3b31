"""Several objectives at once: the losses of the heads of a model, and their total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from maskloss._arrays.namespace import array_namespace, ignore_fp_errors, library, no_autograph
from maskloss._arrays.typing import Array, Namespace
from maskloss._closed_form import closed_form
from maskloss._formula import Part
from maskloss._inputs.dtypes import cast
from maskloss._objectives.head import Head
from maskloss._objectives.results import ObjectiveSums, ObjectiveValue
from maskloss._objectives.structure import Structure
from maskloss._objectives.weighting import Weighing

_FOR_EACH = "a head without a label in this batch has labels that are all missing"
FOR_SOME = "say which head takes it; what is the same in every call belongs to its Head(...)"


@no_autograph
class MultiObjective:
    r"""The total of the losses of several heads, each over what is observed of it.

    .. math:: \sum_h w_h L_h \quad\text{or}\quad \sum_h w_h \,
        \bigl(c_h e^{-s_h} L_h + \tfrac 1 2 s_h\bigr)

    with the log-variances s in the call, over the heads h of which anything is observed. The
    others add exactly nothing, to the total or to a gradient.

    Parameters
    ----------
    heads : mapping or tuple of Head
        The heads by name, or in order. Predictions and targets come in the same way.

    Raises
    ------
    TypeError
        If `heads` is no mapping and no tuple of `Head`.
    ValueError
        If there is no head.

    Notes
    -----
    The losses L are those that the heads' losses return by themselves: by default, each a mean
    over its own observed entries. Their weights w are factors and not shares, as Keras'
    ``loss_weights`` and sums written by hand in torch: nothing divides by the sum of the weights,
    so that what one head adds does not depend on whether another is observed. An entry of weight
    0 is observed.

    With log-variances, the total is that of Kendall, Gal and Cipolla, Multi-Task Learning Using
    Uncertainty to Weigh Losses for Scene Geometry and Semantics (2018), each term times its
    weight. Their c is 1/2 for a squared error, `mse_loss`, whose variance is then exp(s), and 1
    for all else. The derivative by s is :math:`w_h (\tfrac 1 2 - c_h e^{-s_h} L_h)`; automatic
    differentiation gives it.

    `value_and_grad` and `grad_and_hessian` take an objective: they give its result, and gradients
    of the total in the structure of the predictions.

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
        structure = Structure.of("heads", heads, "give every Head a name or a place")
        if not structure.keys:
            msg = f"`heads` must have at least one Head, got {structure}"
            raise ValueError(msg)
        for key in structure.keys:
            head: object = heads[key]
            if not isinstance(head, Head):
                msg = f"`heads[{key!r}]` must be a Head, got {library(head)}; write Head(loss, ...)"
                raise TypeError(msg)
        self.heads = structure.build([heads[key] for key in structure.keys])
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
        """Return the total and what it is made of.

        Parameters
        ----------
        predictions : mapping or tuple of array
            The first argument of each head's loss.
        targets : mapping or tuple of array
            The second argument of each head's loss.
        log_variances : array, shape (heads,), optional
            Learned log-variances s in the order of the heads, of real floating dtype.
        reduction : "sums", optional
            Give the `Sums` of each head instead, to be added across steps; `combine` makes the
            total of them. Their gradients are those of their totals, without the heads' weights.
        **keywords : mapping or tuple
            Keywords of the losses that come with this call, such as `mask` and `weight`, each for
            the heads that it names: ``mask={"depth": known}``. In a tuple, None leaves one out.

        Returns
        -------
        ObjectiveValue or ObjectiveSums
            The total, and each head's value and count, in float32 at least.

        Raises
        ------
        TypeError
            If an argument has another structure than the heads, or a loss raises it.
        ValueError
            If a head is missing or unknown, or a loss raises it.
        """
        return self.evaluate(
            ("value",),
            predictions,
            targets,
            log_variances=log_variances,
            reduction=reduction,
            **keywords,
        )[0]

    @no_autograph
    @closed_form
    def evaluate(
        self,
        parts: tuple[Part, ...],
        predictions: Mapping[Any, Array] | Sequence[Array],
        targets: Mapping[Any, Array] | Sequence[Array],
        *,
        log_variances: Array | None = None,
        reduction: Literal["sums"] | None = None,
        **keywords: Mapping[Any, Any] | Sequence[Any] | None,
    ) -> list[Any]:
        """Return the parts that are asked for: the value, or derivatives like the predictions."""
        structure = self._structure
        as_sums = _is_sums(reduction, log_variances)
        inputs = structure.parts("predictions", predictions, _FOR_EACH)
        labels = structure.parts("targets", targets, _FOR_EACH)
        options = self._options(keywords)
        xp = self._namespace("predictions", inputs, log_variances)
        with ignore_fp_errors(inputs[0]):
            outcomes = [
                head.evaluate(xp, key, (*parts, "count"), *arrays, as_sums=as_sums)
                for (key, head), *arrays in zip(
                    self._heads.items(), inputs, labels, options, strict=True
                )
            ]
            *columns, counts = zip(*outcomes, strict=True)
            weighing = Weighing(xp, self._heads, counts, log_variances)

            def result(part: Part, of_heads: Sequence[Any]) -> Any:
                if part == "value":
                    if as_sums:
                        return ObjectiveSums(structure.build(of_heads))
                    return self._value(weighing, of_heads, counts)
                weighed = of_heads if as_sums else weighing.derivatives(of_heads)
                rounded = [
                    cast(xp, array, x.dtype) for array, x in zip(weighed, inputs, strict=True)
                ]
                return structure.like(predictions, rounded)

            return list(map(result, parts, columns))

    @no_autograph
    def combine(self, sums: ObjectiveSums, *, log_variances: Array | None = None) -> ObjectiveValue:
        """Return the total, and what it is made of, of sums over steps or devices.

        Parameters
        ----------
        sums : ObjectiveSums
            What calls with ``reduction="sums"`` gave, added up.
        log_variances : array, shape (heads,), optional
            Learned log-variances s in the order of the heads.

        Returns
        -------
        ObjectiveValue
            What one call over all that the sums hold would have given.

        Raises
        ------
        TypeError
            If `sums` are none.
        ValueError
            If they are of other heads.
        """
        if not isinstance(sums, ObjectiveSums):
            msg = (
                f"`sums` must be ObjectiveSums, got {library(sums)}; call the objective with "
                f'reduction="sums", and add what it gives'
            )
            raise TypeError(msg)
        parts = self._structure.parts("sums", sums.heads, "give sums of this objective")
        xp = self._namespace("sums", [part.total for part in parts], log_variances)
        values = [head.reduce(part) for head, part in zip(self._heads.values(), parts, strict=True)]
        counts = [part.count for part in parts]
        with ignore_fp_errors(values[0]):
            weighing = Weighing(xp, self._heads, counts, log_variances)
            return self._value(weighing, values, counts)

    def _value(
        self, weighing: Weighing, values: Sequence[Array], counts: Sequence[Array]
    ) -> ObjectiveValue:
        build = self._structure.build
        return ObjectiveValue(weighing.total(values), build(values), build(counts))

    def _options(self, keywords: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Sort the keywords of a call by head."""
        options: list[dict[str, Any]] = [{} for _ in self._heads]
        for name, given in keywords.items():
            if given is not None:
                parts = self._structure.parts(name, given, FOR_SOME, some=True)
                for of_head, part in zip(options, parts, strict=True):
                    of_head.update({} if part is None else {name: part})
        return options

    def _namespace(self, name: str, arrays: Sequence[Array], log_variances: object) -> Namespace:
        named = {f"{name}[{key!r}]": a for key, a in zip(self._structure.keys, arrays, strict=True)}
        if log_variances is not None:
            named["log_variances"] = log_variances
        return array_namespace(named)


def _is_sums(reduction: object, log_variances: object) -> bool:
    """Whether a call asks for sums."""
    if reduction is None:
        return False
    if reduction != "sums":
        msg = (
            f'`reduction` of an objective must be "sums" or None, got {reduction!r}; that of a '
            f"head is its own: Head(..., reduction={reduction!r})"
        )
        raise ValueError(msg)
    if log_variances is not None:
        msg = (
            '`log_variances` are for the total, which reduction="sums" does not give; pass them '
            "to `combine`"
        )
        raise ValueError(msg)
    return True
