"""From weighted values per entry to what the caller asked for, and how it depends on each."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass

from maskloss._domain import NON_NEGATIVE, check_domain
from maskloss._dtypes import as_number
from maskloss._namespace import integer, total
from maskloss._once import once
from maskloss._options import Settings
from maskloss._sums import Sums, inverse, number_if_empty, ratio
from maskloss._typing import Array, Namespace, Shape


@dataclass
class Reduction:
    """A reduction over entries of which some are observed.

    Attributes
    ----------
    shape : tuple of int
        Shape of the entries.
    like : array
        An array of the dtype and device of the losses.
    observed : bool array or None
        Of that shape; None where everything is observed, and counts are known without looking.
    weight : array or None
        Weights of that shape, 0 where missing; None where all are 1.
    """

    xp: Namespace
    shape: Shape
    like: Array
    observed: Array | None
    weight: Array | None
    settings: Settings

    def result(self, values: Array) -> Array | Sums:
        """Reduce weighted values, which are 0 where missing."""
        reduction, xp = self.settings.reduction, self.xp
        if reduction == "none":
            return values
        if reduction in {"macro", "samples"}:
            return self._mean_of_means(values)
        axes = self._axes
        total = self._sum(values, axes)
        if reduction == "sum":
            return self._squeeze(total, axes)
        if reduction == "sums":
            return self._sums(total, axes)
        return self._squeeze(ratio(xp, total, *self._divisor), axes)

    def scale(self) -> Array | float:
        """Return the derivative of the sum of the results by each weighted value."""
        reduction = self.settings.reduction
        if reduction in {"none", "sum", "sums"}:
            return 1.0
        if reduction in {"macro", "samples"}:
            means, groups, _ = self._inverse_counts
            return means * inverse(self.xp, groups)
        return inverse(self.xp, self._divisor[0])

    @once
    def _divisor(self) -> tuple[Array | float, float]:
        """The denominator of a mean, and what the mean is where that is 0."""
        settings, axes = self.settings, self._axes
        if settings.divisor is not None:
            divisor = self._given_divisor()
        elif settings.reduction == "weighted_mean" and self.weight is not None:
            divisor = self._sum(self.weight, axes)
        elif settings.reduction == "mean_over_all" or self.observed is None:
            divisor = self._size(axes)
        else:
            divisor = self.xp.astype(self._count(self.observed, axes), self.like.dtype)
        return divisor, number_if_empty(self.xp, divisor, settings.empty)

    def _given_divisor(self) -> Array:
        xp, like = self.xp, self.like
        divisor = as_number(xp, "divisor", self.settings.divisor, like.dtype, like)
        if tuple(divisor.shape) != ():
            msg = f"`divisor` must be a number or a 0-d array, got shape {tuple(divisor.shape)}"
            raise ValueError(msg)
        divisor = xp.astype(divisor, like.dtype)
        check_domain(xp, "divisor", divisor, NON_NEGATIVE)
        return xp.reshape(divisor, (1,) * len(self.shape))

    def _mean_of_means(self, values: Array) -> Array:
        """Average the means of the classes (last axis) or samples (first axis) that have one."""
        everything = tuple(range(len(self.shape)))
        per_group, groups, empty = self._inverse_counts
        means = self._sum(values, self._inner_axes()) * per_group
        mean = ratio(self.xp, self._sum(means, everything), groups, empty)
        return self._squeeze(mean, everything)

    @once
    def _inverse_counts(self) -> tuple[Array | float, Array | float, float]:
        """1 / the count of each group, how many have one, and the mean if none has."""
        xp, dtype, axes = self.xp, self.like.dtype, self._inner_axes()
        if self.observed is None:
            size = self._size(axes)
            groups: Array | float = self._size(tuple(range(len(self.shape)))) // max(size, 1)
            per_group = inverse(xp, size)
        else:
            count = self._count(self.observed, axes)
            groups = self._count(count, tuple(range(len(self.shape))))
            groups = xp.astype(groups, dtype)
            per_group = inverse(xp, xp.astype(count, dtype))
        return per_group, groups, number_if_empty(xp, groups, self.settings.empty)

    def _inner_axes(self) -> Shape:
        kept = len(self.shape) - 1 if self.settings.reduction == "macro" else 0
        return tuple(axis for axis in range(len(self.shape)) if axis != kept)

    def _sums(self, total: Array, axes: Shape) -> Sums:
        xp = self.xp
        if self.observed is None:
            integers = xp.count_nonzero(total).dtype
            count = xp.full_like(total, self._size(axes), dtype=integers)
        else:
            count = self._count(self.observed, axes)
        weight = xp.astype(count, total.dtype)
        if self.weight is not None:
            weight = self._sum(self.weight, axes)
        return Sums(*(self._squeeze(part, axes) for part in (total, count, weight)))

    @once
    def _axes(self) -> Shape:
        """The axes to reduce over, counted from the front."""
        axis, ndim = self.settings.axis, len(self.shape)
        if axis is None:
            return tuple(range(ndim))
        given = axis if isinstance(axis, tuple) else (axis,)
        axes = [number for number in map(integer, given) if number is not None]
        if len(axes) < len(given):
            msg = f"`axis` must be an integer or a tuple of integers, got {axis!r}"
            raise TypeError(msg)
        if not all(-ndim <= i < ndim for i in axes):
            msg = f"`axis`={axis!r} must be axes of the entries, whose shape is {self.shape}"
            raise ValueError(msg)
        front = {i % ndim for i in axes}
        if len(front) < len(axes):
            msg = f"`axis`={axis!r} names an axis of the entries, of shape {self.shape}, twice"
            raise ValueError(msg)
        return tuple(sorted(front))

    def _size(self, axes: Shape) -> int:
        # Not `math.prod`: the sizes are symbols where torch.compile has seen several shapes.
        return functools.reduce(operator.mul, [self.shape[axis] for axis in axes], 1)

    def _count(self, array: Array, axes: Shape) -> Array:
        if not axes:
            return self.xp.astype(array, self.xp.count_nonzero(array).dtype)
        return self.xp.count_nonzero(array, axis=axes, keepdims=True)

    def _sum(self, array: Array, axes: Shape) -> Array:
        if not axes:
            return self.xp.astype(array, array.dtype)  # a copy: no result is an argument
        return total(self.xp, array, axes)

    def _squeeze(self, array: Array, axes: Shape) -> Array:
        return self.xp.squeeze(array, axis=axes) if axes else array
