"""Read the arrays and tables that `masked_score` compares, and divide them into groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .._arrays.lookup import unify_on_host
from .._arrays.masked import refuse_masked_arrays, split_masked_array
from .._arrays.namespace import Namespace
from .._arrays.typing import Array
from .._inputs.bound_layout import BoundLayout
from .._inputs.dtypes import as_mask
from .._inputs.masked_labels import MaskedLabels, is_array_like, what_is_observed
from .._inputs.missing import Missing
from .from_table import read_numbers, read_table
from .table_columns import is_table


class Group(NamedTuple):
    """The entries of one score, all of one dimension but the rows of class predictions.

    Attributes
    ----------
    labels, predictions : array
        Labels and predictions.
    observed : array of bool
        True where the label is observed.
    weight : array or None
        A weight per label.
    """

    labels: Array
    predictions: Array
    observed: Array
    weight: Array | None

    def only_observed(self, xp: Namespace, name: str) -> Group:
        """Return the observed entries; raise if one of them is NaN."""
        labels, predictions = (
            xp.compress(array, self.observed) for array in (self.labels, self.predictions)
        )
        weight = None if self.weight is None else xp.compress(self.weight, self.observed)
        if weight is not None and _has_no_weight(xp, weight):
            msg = f"`sample_weight`{name} must be 0 or more where observed, and no NaN"
            raise ValueError(msg)
        advice = {"labels": "if it means missing, pass missing=nan", "predictions": "mask it"}
        for which, array in {"labels": labels, "predictions": predictions}.items():
            if xp.isdtype(array.dtype, "real floating") and bool(xp.any(xp.isnan(array))):
                msg = f"`{which}`{name} hold NaN where observed; {advice[which]}"
                raise ValueError(msg)
        return self._replace(labels=labels, predictions=predictions, weight=weight)


def _has_no_weight(xp: Namespace, weight: Array) -> bool:
    """Return whether a number is negative or NaN; bools are weights of 0 and 1."""
    return not xp.isdtype(weight.dtype, "bool") and bool(xp.any(~(weight >= 0)))


class Scored(NamedTuple):
    """What `masked_score` compares.

    Attributes
    ----------
    xp : Namespace
        The namespace of the arrays.
    group : Group
        All entries, in the shape of the labels.
    names : tuple of str or None
        The names of the columns of a table.
    """

    xp: Namespace
    group: Group
    names: tuple[str, ...] | None

    def as_one(self) -> Iterator[Group]:
        """Yield all entries once, as if all were of one class."""
        is_flat = len(self.group.labels.shape) == 1
        yield self.group if is_flat else self._map(lambda array: array)

    def classes(self) -> Iterator[Group]:
        """Yield the entries of each class, which lie along the last axis."""
        for position in range(self.group.labels.shape[-1]):
            yield self._map(lambda array, k=position: array[..., k])

    def samples(self) -> Iterator[Group]:
        """Yield the entries of each sample, which lie along the first axis."""
        for position in range(self.group.labels.shape[0]):
            yield self._map(lambda array, k=position: array[k, ...])

    def _map(self, select: Any) -> Group:
        flat = (
            None if array is None else self.xp.reshape(select(array), (-1,)) for array in self.group
        )
        return Group(*flat)


def read_scored(
    labels: Any, predictions: Any, sample_weight: Any, mask: Array | None, missing: Missing
) -> Scored:
    """Return the labels, their predictions and weights, and which of them are observed."""
    names = own_mask = None
    for name, table in (("predictions", predictions), ("sample_weight", sample_weight)):
        _refuse_other_order(name, table, labels)
    if is_table(labels):
        labels, own_mask, names = read_table("labels", labels, missing)
        missing = None
    if is_table(predictions):
        predictions = read_numbers("predictions", predictions, names)
    if is_table(sample_weight):
        sample_weight = read_numbers("sample_weight", sample_weight, None)
    arrays = {"predictions": predictions, "mask": mask, "sample_weight": sample_weight}
    arrays = {name: array for name, array in arrays.items() if is_array_like(array)}
    refuse_masked_arrays(arrays)
    xp, given = unify_on_host({"labels": labels, **arrays})
    labels, predictions = given["labels"], given.get("predictions", predictions)
    mask, sample_weight = given.get("mask", mask), given.get("sample_weight", sample_weight)
    if own_mask is None:
        labels, own_mask = split_masked_array(labels)
    shape, got = tuple(labels.shape), tuple(predictions.shape)
    if not shape or got[: len(shape)] != shape or (len(shape) > 1 and got != shape):
        msg = (
            f"`predictions` must have the shape of `labels`, {shape}, or a row for each label if "
            f"the labels have one dimension, got {got}"
        )
        raise ValueError(msg)
    layout = BoundLayout(shape)
    mask = layout.line_up_mask(xp, as_mask(xp, True if mask is None else mask, labels))
    masked = MaskedLabels(labels, mask, own_mask)
    observed = what_is_observed(xp, layout, "labels", masked, missing)
    weight = None if sample_weight is None else _weight_of(xp, sample_weight, labels)
    constants = (None if a is None else xp.stop_gradient(a) for a in (labels, predictions, weight))
    labels, predictions, weight = constants
    return Scored(xp, Group(labels, predictions, observed, weight), names)


def _refuse_other_order(name: str, table: Any, labels: Any) -> None:
    """Raise if the rows of two tables of pandas have the same names in another order.

    Rows with other names, such as numbers from 0 beside a part of a table, belong by their place.
    """
    own: Any = getattr(table, "index", None)
    other: Any = getattr(labels, "index", None)
    if not (hasattr(own, "is_unique") and hasattr(other, "is_unique")) or own.equals(other):
        return
    if len(own) == len(other) and own.sort_values().equals(other.sort_values()):
        msg = (
            f"the rows of `{name}` have the index of `labels` in another order; if the index names "
            f"the rows, pass {name}.loc[labels.index], and if the rows belong together as they "
            f"are, pass {name}.to_numpy()"
        )
        raise ValueError(msg)


def _weight_of(xp: Namespace, weight: Any, labels: Array) -> Array:
    """Return a weight for each label, of weights of labels or of the samples."""
    shape, got = tuple(labels.shape), tuple(weight.shape)
    if got == shape:
        return weight
    if got != shape[:1]:
        msg = (
            f"`sample_weight` must hold a weight per sample, of shape {shape[:1]}, or per label, "
            f"of shape {shape}, got {got}"
        )
        raise ValueError(msg)
    return xp.broadcast_to(xp.reshape(weight, (-1, *[1] * (len(shape) - 1))), shape)
