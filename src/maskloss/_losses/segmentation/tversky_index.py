"""The Tversky index of a predicted region and a true region, with its derivatives."""

from __future__ import annotations

from dataclasses import dataclass

from maskloss._arrays.cached_property import cached_property
from maskloss._arrays.namespace import Namespace
from maskloss._arrays.typing import Array
from maskloss._inputs.entries import Entries
from maskloss._math.logistic import logistic


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
        self, entries: Entries, labels: Array, index: TverskyIndex, *, from_logits: bool
    ) -> None:
        self._entries, self._xp, self._index = entries, entries.xp, index
        self._y, x = labels, entries.prediction
        self._p, self._q = x, 1 - x
        self._from_logits = from_logits
        if from_logits:
            self._logistic = logistic(entries.xp, x)
            self._p, self._q = self._logistic.sigmoid, self._logistic.sigmoid_of_negative

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
        is_none = large == 0
        small = xp.where(is_none, 0.0, xp.where(is_low, errors, overlap))
        ratio = small / xp.where(is_none, 1.0, large)
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
        first = self._index.error_curvature * self._overlap / self._size
        size_slope = self._index.size_slope(self._p, self._y)
        return (first - 2 * size_slope * self._slope_by_p) / self._size

    @property
    def slope(self) -> Array:
        by_p = self._slope_by_p
        return by_p * self._p * self._q if self._from_logits else by_p

    @property
    def curvature(self) -> Array:
        if not self._from_logits:
            return self._curvature_by_p
        step, bend = self._logistic.sigmoid_slope, self._logistic.sigmoid_second_derivative
        return step * (self._curvature_by_p * step + self._slope_by_p * bend)
