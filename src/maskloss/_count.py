"""The counts of a loss, from the labels alone."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from ._arrays.kinds import type_name
from ._arrays.lookup import array_namespace, is_array
from ._arrays.masked import split_masked_array
from ._arrays.namespace import Namespace, no_autograph
from ._arrays.typing import Array, Shape
from ._evaluation.axes import axes_to_sum, size_along
from ._evaluation.evaluate import refuse_sums
from ._evaluation.sums import Sums
from ._evaluation.whole import WholeArrays
from ._formula import Call, Wanted
from ._inputs.arguments import check_call
from ._inputs.checked_call import CheckedCall
from ._inputs.domain import UNIT
from ._inputs.masked_labels import MaskedLabels
from ._inputs.options import read_options
from ._objectives.results import ObjectiveSums
from ._registry import REGISTRY, LossRecord, record_of, refuse_non_loss

# Losses with the entries and weights of another: layers, with those of their logits, and one whose
# needed matrix says nothing about the count.
_COUNTED_AS = {
    "forward_corrected_cross_entropy": "cross_entropy",
    "linear_cross_entropy": "cross_entropy",
    "linear_distillation_loss": "distillation_loss",
    "linear_binary_cross_entropy": "binary_cross_entropy_with_logits",
}
_WANTED = Wanted(count=True)


@no_autograph
def count(
    loss: Any, labels: Any, *, shape: Shape | None = None, **keywords: Any
) -> Sums | ObjectiveSums:
    """Return the count and the weight that a loss will have, from the labels alone.

    They are the denominators of means over several batches and devices. Add the counts of all
    batches of a step over all devices, and pass them to each call as `divisor`.

    Parameters
    ----------
    loss : callable
        A loss of maskloss whose parts of a batch add up, a `MultiObjective`, a module or Keras loss
        of one, or a `functools.partial`.
    labels : array
        The labels; of an objective, the labels of each head.
    shape : tuple of int, optional
        The shape of the prediction, where labels do not tell it: integers of `cross_entropy` are
        class indices without it, and pixels with `class_axis` need it.
    **keywords : dict
        The keywords of the loss, such as `mask`, `missing`, `weight` and `class_weight`. With
        ``reduction="macro"``, there is a count per class, the `divisor` of that reduction; with
        ``"samples"``, the count is the number of samples with an observed entry; with
        ``"mean_over_all"``, that of all entries.

    Returns
    -------
    Sums or ObjectiveSums
        Sums with a total of 0. `count` is the divisor of a mean, and `weight` that of a
        ``"weighted_mean"``.

    Raises
    ------
    TypeError
        If `loss` is not a loss of maskloss, or `labels` is not an array.
    ValueError
        If losses of parts of a batch do not add up to the loss of the batch, or a keyword or
        label is wrong.

    Notes
    -----
    The count of most losses is the number of observed entries. Lists without a pair to compare,
    rows without a positive label and regions without an observed element are not counted, so that
    the number of labels would be wrong. No count depends on predictions.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> y = np.asarray([[1.0, -1.0], [0.0, 1.0]])
    >>> batches = [y[:1], y[1:]]
    >>> n = sum(ml.count(ml.binary_cross_entropy_with_logits, y, missing=-1) for y in batches).count
    >>> int(n)
    3
    >>> parts = [
    ...     ml.binary_cross_entropy_with_logits(np.zeros(y.shape), y, missing=-1, divisor=n)
    ...     for y in batches
    ... ]
    >>> float(sum(parts).round(4))
    0.6931
    """
    while isinstance(loss, functools.partial):
        loss, keywords = loss.func, {**loss.keywords, **keywords}
    of_labels = getattr(loss, "count_of", None)
    if of_labels is not None:
        counted: ObjectiveSums = of_labels(count, labels, **keywords)
        return counted
    options = getattr(loss, "options", None)
    if isinstance(options, dict):
        return count(loss.loss, labels, shape=shape, **{**options, **keywords})
    record = record_of(loss) or refuse_non_loss(loss)
    if record.name in _COUNTED_AS:
        if record.inputs is None:  # a layer, whose logits have their classes on the last axis
            keywords = {**keywords, "class_axis": -1}
        drop = ["transition", "teacher_weight", "teacher_bias"]
        if keywords.get("teacher_weight") is not None:  # the labels are features, not logits
            drop.append("class_mask")
        record = REGISTRY[_COUNTED_AS[record.name]]
        keywords = {key: value for key, value in keywords.items() if key not in drop}
    if not is_array(labels):
        msg = "`labels` must be an array, whose observed entries are counted, got "
        raise TypeError(msg + type_name(labels))
    return _count(record, labels, shape, keywords)


def _count(record: LossRecord, labels: Array, shape: Shape | None, keywords: Any) -> Sums:
    assert record.inputs is not None
    # In errors: the call has no prediction, and labels of this name for every loss.
    inputs = replace(record.inputs, names=("the prediction", "labels"))
    xp = array_namespace({"labels": labels})
    # A parameter without a default, such as a variance, is none of the counts.
    needed = {name: 1.0 for name in record.required if name not in keywords}
    call: Call = record.build(labels, labels, **{**needed, **keywords})
    settings = read_options(record.name, [*record.parameters], call.options)
    refuse_sums(call, "counts of parts of a batch")
    if settings.groups is not None:
        msg = (
            "`groups` has no count: a mean of sequences takes no `divisor`; put whole sequences "
            "into each batch, and average their means by the number of sequences"
        )
        raise ValueError(msg)
    # Integers may be class indices in place of probabilities.
    has_probabilities = inputs.domains[1] == UNIT
    stub, lacks_row = _prediction(xp, call, labels, shape, has_probabilities=has_probabilities)
    stub = stub + inputs.domains[0].fill_value  # a number that the loss takes
    call = replace(call, prediction=stub)
    settings = settings._replace(divisor=None)
    checked = check_call(inputs, stub, labels, call.arrays, settings, call.layout)
    axes = axes_to_sum(settings, checked.layout)
    checked = checked._replace(settings=checked.settings._replace(reduction="sums", axis=axes))
    if lacks_row and shape is None and _classes(call) is None:
        checked = _of_any_class(checked)
    with xp.ignore_fp_errors():
        sums = _sums(WholeArrays(checked, call.formula, _WANTED))
        if settings.reduction == "samples":
            return sums.means()
        if settings.reduction == "mean_over_all":
            number = size_along(checked.layout.entries, axes)
            count = xp.zeros_like(sums.count) + number
            return sums._replace(count=count, weight=xp.astype(count, sums.weight.dtype))
        return sums


# As many members as every ensemble may have.
_FEWEST = 2


def _prediction(
    xp: Namespace, call: Call, labels: Array, shape: Shape | None, *, has_probabilities: bool
) -> tuple[Array, bool]:
    """Return zeros in the shape of the prediction, and whether the labels lack its row axis."""
    layout = call.layout
    values, _ = split_masked_array(labels)
    zeros = xp.widened(xp.zeros_like(values, dtype=xp.float32))
    own = xp.shape_of(labels)
    axis: Any = layout.class_axis if layout.coupled else layout.row_axes
    if shape is not None:
        shape = tuple(shape)
        _check_shape(shape, own, axis)
        lacks_row = len(shape) > len(own)
    else:
        is_row = isinstance(layout.row_axes, int) and not (layout.coupled or layout.same_shape)
        are_integers = has_probabilities and xp.isdtype(values.dtype, "integral")
        lacks_row = is_row and (layout.indices or are_integers or layout.row_numbers)
    if not lacks_row:
        return zeros, False
    if not -len(own) - 1 <= axis <= len(own):
        msg = (
            f"`{layout.keyword}`={axis} is no axis of the prediction, which has one axis more than "
            f"the labels of shape {own}"
        )
        raise ValueError(msg)
    zeros = xp.expand_dims(zeros, axis=axis)
    classes = _FEWEST if layout.row_numbers else _classes(call)
    if shape is None and classes is not None:
        shape = tuple(
            classes if k == axis % len(zeros.shape) else n for k, n in enumerate(xp.shape_of(zeros))
        )
    return (zeros if shape is None else xp.broadcast_to(zeros, shape)), True


def _check_shape(shape: Shape, labels: Shape, axis: Any) -> None:
    """Raise unless a prediction of a shape can have labels of another."""
    expected = shape
    if len(shape) == len(labels) + 1 and isinstance(axis, int):
        kept = axis % len(shape)
        expected = shape[:kept] + shape[kept + 1 :]
    if labels != expected:
        msg = (
            f"`shape` must be that of the prediction: the labels' shape {labels}, or with class "
            f"indices one more axis, for the classes; got {shape}"
        )
        raise ValueError(msg)


def _classes(call: Call) -> int | None:
    """Return the number of classes for which a call has numbers; None if it has none."""
    axis: Any = call.layout.row_axes
    for numbers in call.arrays.values():
        if isinstance(numbers, list | tuple):
            return len(numbers)
        sizes = tuple(getattr(numbers, "shape", ()))
        if sizes:
            classes: int = sizes[0] if len(sizes) == 1 else sizes[axis]
            return classes
    return None


def _of_any_class(checked: CheckedCall) -> CheckedCall:
    """Return the call with class 0 for each label: counts do not depend on the class."""
    observed = checked.observed(checked.layout)
    labels = MaskedLabels(checked.xp.zeros_like(checked.labels.values), observed)
    return checked._replace(labels=labels, settings=checked.settings._replace(missing=None))


def _sums(whole: WholeArrays) -> Sums:
    reduction = whole.reduction
    xp, like = reduction.xp, reduction.like
    zero = xp.number_like(0.0, like.dtype, like)
    total = xp.broadcast_to(xp.reshape(zero, (1,) * len(reduction.shape)), reduction.kept)
    return reduction.result(total)
