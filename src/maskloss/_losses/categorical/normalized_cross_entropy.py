"""Normalised cross-entropy: the share of a label among the cross-entropies of all labels."""

from __future__ import annotations

from ..._arrays.cached_property import cached_property
from ..._arrays.typing import Array
from ..._formula import Terms
from ..._inputs.entries import Entries
from ..._math.softmax import Softmax
from .softmax_terms import weighted_probabilities, weighted_total


def normalized_terms(entries: Entries) -> Terms:
    """Return sum(t s) / sum(s) of each row, with the surprisals s = -log(softmax(x))."""
    row = _Normalized(entries)
    return Terms(value=lambda: row.share, slope=lambda: row.slope, curvature=lambda: row.curvature)


class _Normalized:
    """A row of surprisals s, the weighted labels t and their ratio N = sum(t s) / sum(s)."""

    def __init__(self, entries: Entries) -> None:
        self._classes = entries.layout.classes
        self._softmax = Softmax(entries.xp, entries.prediction, entries.layout.class_axis)
        self._each = self._softmax.each
        self._target = weighted_probabilities(entries, self._softmax)

    @cached_property
    def _mean(self) -> Array:
        """sum(s) / C, whose terms do not overflow; at least log(2) / 2, but 0 for one class."""
        xp = self._softmax.xp
        mean = self._softmax.total(self._each.surprisal / self._classes)
        return xp.where(mean == 0, 1.0, mean)

    @cached_property
    def share(self) -> Array:
        """N."""
        total = weighted_total(self._softmax, self._target, self._each.surprisal)
        return total / self._mean / self._classes

    @cached_property
    def _drift(self) -> Array:
        """C p - 1, the gradient of sum(s)."""
        p, q = self._each.probability, self._each.complement
        return (self._classes - 1) * p - q

    @cached_property
    def slope(self) -> Array:
        """(dsum(t s) - N dsum(s)) / sum(s)."""
        p, q, t = self._each.probability, self._each.complement, self._target
        own = self._softmax.total_of_others(t) * p - t * q
        return (own - self.share * self._drift) / self._mean / self._classes

    @property
    def curvature(self) -> Array:
        """The diagonal of the Hessian."""
        p, q = self._each.probability, self._each.complement
        own = self._softmax.total(self._target) - self._classes * self.share
        bend = own * p * q - 2 * self.slope * self._drift
        return bend / self._mean / self._classes
