"""The reduction of weighted losses, and its derivative with respect to each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .._arrays.cached_property import cached_property
from .._arrays.kinds import is_number
from .._arrays.namespace import Namespace
from .._arrays.typing import Array, Shape
from .._formula import Wanted
from .._inputs.domain import NON_NEGATIVE
from .._inputs.dtypes import as_number
from .._inputs.options import Settings
from .._inputs.outliers import in_domain
from .axes import count_along, size_along, sum_along
from .sums import Sums, inverse, number_if_empty, ratio


class Tally(NamedTuple):
    """The number and the total weight of the observed entries, along the summed axes.

    Attributes
    ----------
    count : array or int
        The number of observed entries, keeping the summed axes; an int where no value is read.
    weight : array, optional
        The sum of their weights; None where all weights are 1.
    """

    count: Array | int  # type: ignore[assignment]
    weight: Array | None = None


def needs_count(settings: Settings, wanted: Wanted, *, has_weight: bool = False) -> bool:
    """Return whether results depend on the number of observed entries.

    Without weights, it is the denominator of a weighted mean.
    """
    is_counted = settings.reduction in {"mean", "macro", "samples", "sums"}
    is_counted |= settings.reduction == "weighted_mean" and not has_weight
    return wanted.count or (is_counted and settings.divisor is None)


def needs_weight(settings: Settings) -> bool:
    """Return whether results depend on the sum of the weights."""
    is_weighted = settings.reduction in {"weighted_mean", "sums"}
    return is_weighted and settings.divisor is None


@dataclass
class Reduction:
    """The last step: from sums of weighted losses to the results.

    Attributes
    ----------
    shape : tuple of int
        Shape of the entries.
    like : array
        An array of the dtype and device of the losses.
    axes : tuple of int
        The summed axes, as `axes_to_sum` returns them.
    """

    xp: Namespace
    shape: Shape
    like: Array
    settings: Settings
    axes: Shape
    tally: Tally

    @property
    def gives_one_number(self) -> bool:
        """Whether the result is a single number."""
        is_mean_of_means = self.settings.reduction in {"macro", "samples"}
        return is_mean_of_means or len(self.axes) == len(self.shape)

    def result(self, total: Array) -> Array | Sums:
        """Reduce the sums of weighted losses, which keep the summed axes."""
        reduction = self.settings.reduction
        if reduction in {"none", "sum"}:
            return self._squeeze(total)
        if reduction == "sums":
            return self._sums(total)
        if reduction in {"macro", "samples"}:
            return self._mean_of_means(total)
        divisor, empty = self._divisor
        if empty is None:
            return self._squeeze(total / divisor)
        return self._squeeze(ratio(self.xp, total, divisor, empty))

    def count(self) -> Array:
        """Return the number of observed entries of each result."""
        xp, number = self.xp, self.tally.count
        is_one = self.settings.reduction in {"macro", "samples"}
        if not is_number(number):
            return xp.sum(number) if is_one else self._squeeze(number)
        if is_one:
            number = size_along(self.shape, tuple(range(len(self.shape))))
        kept = tuple(n for axis, n in enumerate(self.shape) if axis not in self.axes)
        return xp.full(
            () if is_one else kept, number, dtype=xp.index_dtype, **xp.device_of(self.like)
        )

    def scale(self) -> Array | float:
        """Return the derivative of the sum of the results with respect to each weighted loss."""
        reduction = self.settings.reduction
        if reduction in {"none", "sum", "sums"}:
            return 1.0
        if reduction in {"macro", "samples"}:
            means, groups, _ = self._inverse_counts
            return means * inverse(self.xp, groups)
        divisor, empty = self._divisor
        return 1.0 / divisor if empty is None else inverse(self.xp, divisor)

    def spread(self, result: Array) -> Array:
        """Reshape an array of the results' shape to broadcast with the entries."""
        if self.settings.reduction in {"macro", "samples"}:
            return self.xp.reshape(result, (1,) * len(self.shape))
        return self.xp.reshape(result, self.kept)

    @property
    def kept(self) -> Shape:
        """The shape of the sums, with 1 for each summed axis."""
        return tuple(1 if axis in self.axes else n for axis, n in enumerate(self.shape))

    @cached_property
    def _divisor(self) -> tuple[Array | float, float | None]:
        """The denominator of a mean, and the mean where it is 0; None if it is not 0."""
        settings, xp = self.settings, self.xp
        if settings.divisor is not None:
            divisor = self._given_divisor()
        elif settings.reduction == "mean_over_all":
            divisor = self._size_along_axes()
        elif settings.reduction == "weighted_mean" and self.tally.weight is not None:
            divisor = self.tally.weight
        elif is_number(self.tally.count):
            divisor = self.tally.count
        else:
            divisor = xp.astype(self.tally.count, self.like.dtype)
            if settings.empty == 0.0:
                # The sum of no entry is 0 already.
                return xp.at_least_one(divisor), None
        if is_number(divisor) and divisor != 0:
            return divisor, None
        return divisor, number_if_empty(xp, divisor, settings.empty)

    def _float(self, count: Array | int) -> Array | int:
        return count if is_number(count) else self.xp.astype(count, self.like.dtype)

    def _size_along_axes(self) -> Array | int:
        size = size_along(self.shape, self.axes)
        return size if is_number(size) else self._of_all_results(self._float(size))

    def _of_all_results(self, number: Array) -> Array:
        return self.xp.reshape(number, (1,) * len(self.shape))

    def _given_divisor(self) -> Array:
        xp, like = self.xp, self.like
        divisor = as_number(xp, "divisor", self.settings.divisor, like.dtype, like)
        self._check_divisor(tuple(divisor.shape))
        divisor = in_domain(xp, "divisor", xp.astype(divisor, like.dtype), NON_NEGATIVE)
        return xp.reshape(divisor, self.kept) if divisor.shape else self._of_all_results(divisor)

    def _check_divisor(self, shape: Shape) -> None:
        """Raise unless there is one divisor, or one for each mean."""
        means = tuple(n for axis, n in enumerate(self.shape) if axis not in self.axes)
        reduction = self.settings.reduction
        if shape == means or (shape == () and reduction not in {"macro", "samples"}):
            return
        if reduction in {"macro", "samples"}:
            group = "class" if reduction == "macro" else "sample"
            wanted = f"an array of shape {means} for reduction={reduction!r}, one per {group}"
        else:
            wanted = "a number or a 0-d array"
            wanted += f", or an array of the results' shape {means}" if means else ""
        msg = f"`divisor` must be {wanted}, got shape {shape}"
        raise ValueError(msg)

    def _mean_of_means(self, total: Array) -> Array:
        """Average the means of the classes (last axis) or samples (first axis) that have one."""
        xp, everything = self.xp, tuple(range(len(self.shape)))
        per_group, groups, empty = self._inverse_counts
        mean = ratio(xp, sum_along(xp, total * per_group, everything), groups, empty)
        return xp.squeeze(mean, axis=everything) if everything else mean

    @cached_property
    def _inverse_counts(self) -> tuple[Array | float, Array | float, float]:
        """1 / the count of each group, the number of groups with entries, and the mean of none."""
        everything = tuple(range(len(self.shape)))
        count = self.tally.count if self.settings.divisor is None else self._given_divisor()
        if is_number(count):
            groups: Array | float = size_along(self.shape, everything) // count if count else 0
        else:
            groups = self._float(count_along(self.xp, count != 0, everything))
        per_group = inverse(self.xp, self._float(count))
        return per_group, groups, number_if_empty(self.xp, groups, self.settings.empty)

    def _sums(self, total: Array) -> Sums:
        xp, count, weight = self.xp, self.tally.count, self.tally.weight
        if is_number(count):
            integers = xp.count_nonzero(total).dtype
            count = xp.full_like(total, count, dtype=integers)
        if weight is None:
            weight = xp.astype(count, total.dtype)
        return Sums(*(self._squeeze(part) for part in (total, count, weight)))

    def _squeeze(self, array: Array) -> Array:
        return self.xp.squeeze(array, axis=self.axes) if self.axes else array
