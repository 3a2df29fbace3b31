"""The Tversky index of a predicted region and a true one, with its derivatives."""

from __future__ import annotations

from dataclasses import dataclass

from maskloss._arrays.cached_property import cached_property
from maskloss._arrays.typing import Array
from maskloss._inputs.entries import Entries
from maskloss._math.logistic import Logistic


@dataclass(frozen=True, slots=True)
class Index:
    """What is weighed in an index: its errors, their kind, and the smooth term.

    Attributes
    ----------
    alpha, beta : float
        Weights of false positives and of false negatives.
    smooth : float
        What is added to the overlap.
    squared : bool
        Whether sizes are sums of squares.
    """

    alpha: float
    beta: float
    smooth: float
    squared: bool

    def error(self, p: Array, q: Array, y: Array) -> Array:
        """Return the errors of each element, p = 1 - q for y."""
        if self.squared:
            gap = _gap(p, q, y)
            return gap * (self.alpha * gap + (self.alpha - self.beta) * y)
        return self.alpha * p * (1 - y) + self.beta * y * q

    def pull(self, p: Array, q: Array, y: Array) -> Array:
        """Return the derivative of the errors by p."""
        if self.squared:
            return 2 * self.alpha * _gap(p, q, y) + (self.alpha - self.beta) * y
        return self.alpha * (1 - y) - self.beta * y

    @property
    def bend(self) -> float:
        """The second derivative of the errors by p."""
        return 2 * self.alpha if self.squared else 0.0


def _gap(p: Array, q: Array, y: Array) -> Array:
    """Return p - y, which keeps its digits where p is almost 1."""
    return p * (1 - y) - y * q


class Region:
    """1 - index = E / (E + K), with the errors E and the smooth overlap K of all elements."""

    def __init__(self, entries: Entries, index: Index, *, from_logits: bool) -> None:
        self._entries, self._xp, self._index = entries, entries.xp, index
        self._y, x = entries.labels, entries.prediction
        self._p, self._q = x, 1 - x
        self._from_logits = from_logits
        if from_logits:
            logistic = Logistic(entries.xp, x)
            self._p, self._q = logistic.sigmoid, logistic.sigmoid_of_negative

    @cached_property
    def _errors(self) -> Array:
        return self._entries.total(self._index.error(self._p, self._q, self._y))

    @cached_property
    def _overlap(self) -> Array:
        return self._entries.total(self._p * self._y) + self._index.smooth

    @cached_property
    def _size(self) -> Array:
        """E + K, or 1 for a region that neither has, which is a loss of 0."""
        size = self._errors + self._overlap
        return self._xp.where(size == 0, 1.0, size)

    @property
    def value(self) -> Array:
        """E / (E + K) by the lesser of the two: by both, its derivative by E would cancel."""
        xp, errors, overlap = self._xp, self._errors, self._overlap
        is_low = errors <= overlap
        large = xp.where(is_low, overlap, errors)
        is_none = large == 0
        small = xp.where(is_none, 0.0, xp.where(is_low, errors, overlap))
        ratio = small / xp.where(is_none, 1.0, large)
        return xp.where(is_low, ratio / (1 + ratio), 1 / (1 + ratio))

    @cached_property
    def _pull(self) -> Array:
        return self._index.pull(self._p, self._q, self._y)

    @cached_property
    def _by_probability(self) -> Array:
        force = self._pull * self._overlap - self._y * self._errors
        return force / self._size / self._size

    @cached_property
    def _twice_by_probability(self) -> Array:
        bend = self._index.bend * self._overlap / self._size
        return (bend - 2 * (self._pull + self._y) * self._by_probability) / self._size

    @property
    def slope(self) -> Array:
        by_p = self._by_probability
        return by_p * self._p * self._q if self._from_logits else by_p

    @property
    def curvature(self) -> Array:
        p, q = self._p, self._q
        if not self._from_logits:
            return self._twice_by_probability
        return p * q * (self._twice_by_probability * p * q + self._by_probability * (q - p))
