"""The Tversky index of a predicted region and a true region, with its derivatives."""

from __future__ import annotations

from dataclasses import dataclass

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Derivative
from ..._inputs.entries import Entries
from .activations import OfSoftmax, Probabilities


@dataclass(frozen=True, slots=True)
class TverskyIndex:
    """The parameters of an index, and its error per element.

    Attributes
    ----------
    alpha, beta : float
        Weights of false positives and of false negatives.
    smooth : float
        A number added to the overlap.
    squared : bool
        Whether sizes are sums of squares.
    """

    alpha: float
    beta: float
    smooth: float
    squared: bool

    def error(self, xp: Namespace, p: Array, q: Array, y: Array) -> Array:
        """Return the weighted error of each element, for label y and p = 1 - q."""
        if self.squared:
            difference = _difference(xp, p, q, y)
            return difference * (self.alpha * difference + (self.alpha - self.beta) * y)
        return self.alpha * p * (1 - y) + self.beta * y * q

    def error_slope(self, xp: Namespace, p: Array, q: Array, y: Array) -> Array:
        """Return the derivative of the error by p."""
        if self.squared:
            return 2 * self.alpha * _difference(xp, p, q, y) + (self.alpha - self.beta) * y
        return self.alpha * (1 - y) - self.beta * y

    def size_slope(self, p: Array, y: Array) -> Array:
        """Return the derivative of error and overlap by p; their sum would lose a small p."""
        if self.squared:
            return 2 * self.alpha * p + (1 - self.alpha - self.beta) * y
        return self.alpha * (1 - y) + (1 - self.beta) * y

    @property
    def error_curvature(self) -> float:
        """The second derivative of the error by p."""
        return 2 * self.alpha if self.squared else 0.0


def _difference(xp: Namespace, p: Array, q: Array, y: Array) -> Array:
    """Return p - y, from q where p is close to 1: for y = 1 this is -q, with all its digits."""
    return xp.where(p > 0.5, (1 - y) - q, p - y)


class Region:
    """1 - index = E / (E + K), with the sum of errors E and the smoothed overlap K of a region."""

    def __init__(
        self, entries: Entries, labels: Array, index: TverskyIndex, of: Probabilities
    ) -> None:
        self._entries, self._xp, self._index = entries, entries.xp, index
        self._y, self._of, self._p, self._q = labels, of, of.p, of.q

    @cached_property
    def _errors(self) -> Array:
        return self._entries.total(self._index.error(self._xp, self._p, self._q, self._y))

    @cached_property
    def _overlap(self) -> Array:
        return self._entries.total(self._p * self._y) + self._index.smooth

    @cached_property
    def _size(self) -> Array:
        """E + K, or 1 where both are 0: an empty region has the loss 0."""
        size = self._errors + self._overlap
        return self._xp.where(size == 0, 1.0, size)

    @property
    def value(self) -> Array:
        """E / (E + K), from the ratio of the smaller to the larger of E and K.

        The automatic derivative of E / (E + K) by E would cancel.
        """
        xp, errors, overlap = self._xp, self._errors, self._overlap
        is_low = errors <= overlap
        large = xp.where(is_low, overlap, errors)
        small = xp.where(is_low, errors, overlap)
        is_fixed = large == 0
        if self._index.smooth == 0:
            # Without a label, 1 for any p: 1 / E**2, infinite for small p, must not multiply a 0.
            is_fixed = xp.logical_or(is_fixed, self._entries.total(self._y) == 0)
            small = xp.where(is_fixed, 0.0 * errors, small)  # a NaN stays visible
        ratio = small / xp.where(is_fixed, 1.0, large)
        return xp.where(is_low, ratio / (1 + ratio), 1 / (1 + ratio))

    @cached_property
    def _error_slope(self) -> Array:
        return self._index.error_slope(self._xp, self._p, self._q, self._y)

    @cached_property
    def _slope_by_p(self) -> Array:
        numerator = self._error_slope * self._overlap - self._y * self._errors
        return numerator / self._size / self._size

    @cached_property
    def _curvature_by_p(self) -> Array:
        return (self._bend - 2 * self._size_slope * self._slope_by_p) / self._size

    @property
    def _bend(self) -> Array:
        """What the curvature of the errors adds to the second derivative, times the size."""
        return self._index.error_curvature * self._overlap / self._size

    @property
    def _size_slope(self) -> Array:
        return self._index.size_slope(self._p, self._y)

    @property
    def slope(self) -> Array:
        return self._of.pull(self._slope_by_p)

    @property
    def curvature(self) -> Array:
        return self._of.curvature(self._slope_by_p, self._curvature_by_p)


class SoftmaxRegion(Region):
    """A region of the softmax of pixels, of which other regions have elements too."""

    def __init__(self, entries: Entries, labels: Array, index: TverskyIndex, of: OfSoftmax) -> None:
        super().__init__(entries, labels, index, of)
        self._softmax = of

    def of_sum(self, name: Derivative, factor: Array) -> Array:
        """Return a derivative of the sum of all regions, each times its factor."""
        by_p = self._times(factor, self._slope_by_p)
        if name == "slope":
            return self._softmax.pull(by_p)
        layout = self._entries.layout
        if layout.class_axis in layout.row_axes:
            return self._curvature_along_pixels(factor) + self._softmax.bend(by_p)
        return self._softmax.curvature(by_p, self._times(factor, self._curvature_by_p))

    def _curvature_along_pixels(self, factor: Array) -> Array:
        """Return the second derivative where all elements of a pixel are of one region."""
        one, of = self._xp.ones_like(factor), self._softmax
        growth, slope = (
            of.pull(self._times(one, each)) for each in (self._size_slope, self._slope_by_p)
        )
        squares = self._bend * of.squares(1.0)
        return self._times(factor, (squares - 2 * growth * slope) / self._size)

    def _times(self, factor: Array, array: Array) -> Array:
        """Return factor * array, 0 where nothing is observed or the factor is 0."""
        product = self._xp.where(factor == 0, 0.0, factor * array)
        return self._entries.guard(product, 0.0)
