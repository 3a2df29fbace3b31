"""The probabilities of the elements of regions, and derivatives by the input that gives them."""

from __future__ import annotations

from typing import Literal, Protocol

from ..._arrays.typing import Array
from ..._inputs.domain import UNIT
from ..._inputs.entries import Entries
from ..._inputs.outliers import in_domain
from ..._math.logistic import logistic
from ..._math.softmax import Softmax

Activation = Literal["sigmoid", "softmax"] | None

_PROBABILITY = UNIT._replace(
    advice='; of logits, name what makes them probabilities: activation="sigmoid" or "softmax"'
)


class Probabilities(Protocol):
    """The probabilities p = 1 - q of the elements, as a function of the input.

    Attributes
    ----------
    p, q : array
        The probabilities, each with all its digits.
    """

    p: Array
    q: Array

    def pull(self, by_p: Array) -> Array:
        """Return the derivative by the input, given the derivative by the probabilities."""

    def curvature(self, by_p: Array, second: Array) -> Array:
        """Return the second derivative by the input of a sum of functions of one p each."""


class Given:
    """Probabilities that are the input."""

    def __init__(self, entries: Entries) -> None:
        xp, x = entries.xp, entries.prediction
        self.p = in_domain(xp, "input", x, _PROBABILITY, is_differentiated=True)
        self.q = 1 - self.p

    def pull(self, by_p: Array) -> Array:
        """Return the derivative by the input."""
        return by_p

    def curvature(self, by_p: Array, second: Array) -> Array:  # noqa: ARG002
        """Return the second derivative by the input."""
        return second


class OfSigmoid:
    """The sigmoid of each logit."""

    def __init__(self, entries: Entries) -> None:
        self._logistic = logistic(entries.xp, entries.prediction)
        self.p, self.q = self._logistic.sigmoid, self._logistic.sigmoid_of_negative

    def pull(self, by_p: Array) -> Array:
        """Return the derivative by the logits."""
        return by_p * self.p * self.q

    def curvature(self, by_p: Array, second: Array) -> Array:
        """Return the second derivative by the logits."""
        step, bend = self._logistic.sigmoid_slope, self._logistic.sigmoid_second_derivative
        return step * (second * step + by_p * bend)


class OfSoftmax:
    """The softmax of the logits of each pixel along `class_axis`, over its observed elements."""

    def __init__(self, entries: Entries) -> None:
        xp, axis, observed = entries.xp, entries.layout.class_axis, entries.observed
        within = None
        if observed is not None:
            # A pixel of which nothing is observed has the logits 0.
            is_known = xp.any(observed, axis=axis, keepdims=True)
            within = xp.logical_or(observed, ~is_known)
        self._softmax = Softmax(xp, entries.prediction, axis, within)
        each = self._softmax.each
        self.p, self.q = each.probability, each.complement

    def pull(self, by_p: Array) -> Array:
        """Return the derivative by the logits."""
        return self._softmax.gradient(by_p)

    def squares(self, factor: Array | float) -> Array:
        """Return the sum over a pixel of `factor` times the squared derivative of each p."""
        p, q = self.p, self.q
        return p * p * (factor * q * q + self._softmax.total_of_others(p * p * factor))

    def bend(self, by_p: Array) -> Array:
        """Return the sum over a pixel of `by_p` times the second derivative of each p."""
        return (self.q - self.p) * self.pull(by_p)

    def curvature(self, by_p: Array, second: Array) -> Array:
        """Return the second derivative by the logits."""
        return self.squares(second) + self.bend(by_p)
