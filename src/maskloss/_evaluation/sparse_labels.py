"""Labels that are stored only where they are observed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from .._arrays.kinds import is_number, shown
from .._arrays.lookup import array_namespace, unify
from .._arrays.masked import is_masked_array, refuse_masked_arrays
from .._arrays.namespace import Namespace
from .._arrays.sparse import stored_entries
from .._arrays.typing import Array, Shape
from .._formula import Call, Results, Wanted
from .._inputs.domain import Domain
from .._inputs.dtypes import as_index, cast
from .._inputs.layout import ELEMENTS, EntryLayout
from .._inputs.options import Settings
from .._inputs.outliers import check_domain
from .axes import axes_to_sum, size_along
from .reduction import Reduction, Tally
from .sums import Sums


class Observed(NamedTuple):
    """Labels of some entries of a prediction: their positions and their values.

    Every entrywise loss accepts them as labels. Entries that are not stored are not observed, so
    that work and memory grow with the labels and not with the prediction. An entry that is stored
    twice is observed twice. `mask` and `weight` then have the shape of `values`, as has the loss
    with ``reduction="none"``. The `axis` of a reduction is an axis of the prediction.

    Attributes
    ----------
    indices : integer array, or tuple of them
        The position of each label: its index along every axis of the prediction, or one index
        into the flattened prediction.
    values : array, shape (n,)
        The labels. `missing` applies to them as well.
    shape : tuple of int, optional
        The shape that the prediction must have.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> scores = np.zeros((1000, 500))
    >>> clicks = ml.Observed((np.asarray([3, 3, 8]), np.asarray([7, 9, 0])), np.asarray([1, 0, 1]))
    >>> print(f"{ml.binary_cross_entropy_with_logits(scores, clicks):.4f}")
    0.6931
    """

    indices: Array | tuple[Array, ...]
    values: Array
    shape: Shape | None = None


def as_observed(labels: object) -> Observed | None:
    """Return `Observed` labels or a sparse matrix as `Observed`; None for anything else."""
    if isinstance(labels, Observed):
        return labels
    stored = stored_entries(labels)
    return None if stored is None else Observed(*stored)


class Positions:
    """The positions of a call's labels in its prediction.

    Attributes
    ----------
    values : array
        The labels, in the library of the prediction.
    """

    def __init__(
        self, name: str, prediction: Array, labels: Observed, layout: EntryLayout = ELEMENTS
    ) -> None:
        given = labels.indices if isinstance(labels.indices, tuple | list) else (labels.indices,)
        names = [f"{name}.indices[{k}]" for k in range(len(given))]
        arrays = {"the prediction": prediction, **dict(zip(names, given, strict=True))}
        arrays[f"{name}.values"] = labels.values
        self._xp, unified = unify(arrays)
        self._xp.check_arrays(unified)
        given = tuple(unified[which] for which in names)
        self.values = unified[f"{name}.values"]
        self.shape = self._xp.shape_of(prediction)
        self.layout = layout.bind((name, name), self.shape, self.shape)
        given, is_placed = self._check(name, labels, given)
        self.is_placed = functools.reduce(self._xp.logical_and, is_placed) if is_placed else None
        indices = given if len(given) == len(self.shape) else self._along_axes(*given)
        self.indices = tuple(as_index(self._xp, index) for index in indices)

    def _check(
        self, name: str, labels: Observed, given: Sequence[Array]
    ) -> tuple[list[Array], list[Array]]:
        """Return the checked indices, and masks: True where an index that cannot be read is valid.

        Unread indices outside the prediction are replaced by 0.
        """
        xp, shape = self._xp, self.shape
        _check_shape(name, labels.shape, shape)
        if not shape:
            msg = f"`{name}` may be Observed only beside a prediction with axes, got shape ()"
            raise ValueError(msg)
        if len(given) not in {1, len(shape)}:
            msg = (
                f"`{name}.indices` must be one array per axis of the prediction of shape {shape}, "
                f"or one of indices into it flattened, got {len(given)}"
            )
            raise ValueError(msg)
        # A masked array of NumPy has not been converted yet.
        is_masked, values = is_masked_array(self.values), self.values
        length = tuple(values.shape) if is_masked else xp.shape_of(values)
        sizes = shape if len(given) == len(shape) else (size_along(shape, range(len(shape))),)
        indices, is_placed = [], []
        for axis, (index, size) in enumerate(zip(given, sizes, strict=True)):
            which = f"{name}.indices[{axis}]"
            refuse_masked_arrays({which: index})
            if not xp.isdtype(index.dtype, "integral"):
                msg = f"`{which}` must be integers, got {index.dtype}"
                raise TypeError(msg)
            if len(index.shape) != 1 or xp.shape_of(index) != length:
                msg = (
                    f"`{which}` and `{name}.values` must have one axis and one length, got shapes "
                    f"{xp.shape_of(index)} and {length}"
                )
                raise ValueError(msg)
            meaning = f"indices into the {size} elements of a prediction of shape {shape}, "
            wide = as_index(xp, index)
            domain = Domain(0, size - 1, meaning=meaning)
            is_known = check_domain(xp, which, wide, domain, given=index)
            if not (is_known or xp.checks_indices):
                is_inside = xp.logical_and(wide >= 0, wide < size)
                is_placed.append(is_inside)
                wide = xp.where(is_inside, wide, 0)
            indices.append(wide)
        return indices, is_placed

    def _along_axes(self, flat: Array) -> tuple[Array, ...]:
        indices: list[Array] = []
        for size in reversed(self.shape[1:]):
            indices.append(flat % size)
            flat = flat // size
        # No remainder along the first axis, where an index out of range stays out of range.
        return flat, *reversed(indices)

    def take(self, array: Array) -> Array:
        """Gather the elements at the labels from an array that is lined up with the prediction."""
        return self._xp.gather_nd(array, self._lined_up(self._xp.shape_of(array)))

    def _lined_up(self, sizes: Shape) -> tuple[Array, ...]:
        pairs = zip(self.indices, sizes, strict=True)
        return tuple(index * 0 if size == 1 else index for index, size in pairs)

    def add_up(self, values: Array, sizes: Shape) -> Array:
        """Sum the values of the labels along the axes of size 1 in `sizes`."""
        xp = self._xp
        zeros = xp.zeros(sizes, dtype=values.dtype, **xp.device_of(values))
        return xp.scatter_add(zeros, self._lined_up(sizes), values)

    def spread(self, like: Array, values: Array) -> Array:
        """Scatter-add values at their positions into zeros."""
        return self._xp.scatter_add(like, self.indices, values)

    def line_up_classes(self, xp: Namespace, name: str, array: Array) -> Array:
        """Gather a per-class array at each label's class."""
        return self.take(self.layout.line_up_classes(xp, name, array))


def _check_shape(name: str, given: object, shape: Shape) -> None:
    """Raise if the `shape` of `Observed` labels is not the shape of the prediction."""
    if given is None:
        return
    if not isinstance(given, tuple | list):
        msg = f"`{name}.shape` must be a tuple of sizes, {shape}, got {shown(given)}"
        raise TypeError(msg)
    if all(map(is_number, given)) and tuple(given) != shape:
        msg = f"`{name}.shape` must be that of the prediction, {shape}, got {given}"
        raise ValueError(msg)


def at_labels(call: Call, labels: Observed, name: str) -> tuple[Call, Positions]:
    """Return the call on the labelled entries alone, and their positions."""
    if call.layout.row_axes is not None or call.needs_whole_call:
        msg = (
            f"`{name}` may be Observed only for a loss whose entries are elements, not rows, and "
            f"do not depend on each other"
        )
        raise TypeError(msg)
    positions = Positions(name, call.prediction, labels, call.layout)
    prediction = positions.take(call.prediction)
    return replace(call, prediction=prediction, labels=positions.values), positions


def no_groups(name: str) -> TypeError:
    """Return the error of `groups` beside labels that are stored with their indices."""
    return TypeError(f"`groups` needs an entry for each label of `{name}`, which are Observed")


Evaluate = Callable[[Settings, Wanted], Results]


def reduce_labels(
    evaluate: Evaluate, positions: Positions, settings: Settings, wanted: Wanted
) -> Results:
    """Return the results for the prediction, from an evaluation at the labels alone.

    Derivatives are with respect to the predictions at the labels.
    """
    if settings.axis is not None or settings.reduction in {"macro", "samples"}:
        return _reduce_along_axes(evaluate, positions, settings, wanted)
    if settings.reduction == "mean_over_all" and settings.divisor is None:
        size = size_along(positions.shape, range(len(positions.shape)))
        settings = settings._replace(reduction="mean", divisor=size)
    return evaluate(settings, wanted)


def _reduce_along_axes(
    evaluate: Evaluate, positions: Positions, settings: Settings, wanted: Wanted
) -> Results:
    shape = positions.shape
    each = settings._replace(reduction="sums", axis=(), divisor=None)
    found = evaluate(each, wanted._replace(value=True, count=False))
    sums: Sums = found.value
    xp, axes = array_namespace({"the value": sums.total}), axes_to_sum(settings, positions.layout)
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    total, count, weight = (positions.add_up(part, kept) for part in sums)
    reduction = Reduction(xp, shape, sums.total, settings, axes, Tally(count, weight))

    def scaled(derivative: Array) -> Array:
        scale = reduction.scale()
        if isinstance(scale, float):
            return derivative * scale
        factor = positions.take(scale)
        return cast(xp, cast(xp, derivative, factor.dtype) * factor, derivative.dtype)

    return Results(
        value=reduction.result(total) if wanted.value else None,
        count=reduction.count() if wanted.count else None,
        **{name: scaled(getattr(found, name)) for name in wanted.derivatives},
    )
