"""GR loss: unannotated labels between positive and negative, by the prediction."""

from __future__ import annotations

import functools
import math
from typing import Unpack

from ..._arrays.cached_property import cached_property
from ..._arrays.namespace import Namespace
from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms, mixture
from ..._inputs.entries import Entries
from ..._inputs.options import Options, check_fraction, check_number
from ..._loss import loss
from ..._math.arithmetic import power, times_constant
from ..._math.exponential import bounded_surprisal
from ..._math.logistic import Logistic, logistic
from ..binary.cross_entropy import binary_terms
from .annotation import ANNOTATED, Annotation, document_annotated_labels


@loss(labels=ANNOTATED)
@document_annotated_labels
def gr_loss(
    logits: Array,
    labels: Array,
    *,
    w: float = 2.0,
    b: float = -2.0,
    mu: float = 0.8,
    sigma: float = 0.5,
    q2: float = 0.01,
    q3: float = 1.0,
    **options: Unpack[Options],
) -> Call:
    r"""Generalised robust loss (GR) of labels most of which are unannotated.

    .. math::

        v \left(k \, \frac{1 - p^{q_2}}{q_2} + (1 - k) \, \frac{1 - (1 - p)^{q_3}}{q_3}\right),
        \quad k = \sigma(w p + b), \quad v = \exp\left(-\frac{(p - \mu)^2}{2 \sigma^2}\right)

    for an unannotated label, with :math:`p = \sigma(x)`: k is the probability that it is positive,
    and v its weight. A positive or a negative label has the cross-entropy.

    Parameters
    ----------
    logits : array
        Logits x, of any shape and real floating dtype. Each element is an entry.
    **labels
    w : float, default: 2.0
        The slope of k in p, a finite number.
    b : float, default: -2.0
        The constant in k, a finite number.
    mu : float, default: 0.8
        The probability with the largest weight, a finite number.
    sigma : float, default: 0.5
        The width of the weight, 1e-3 or more.
    q2 : float, default: 0.01
        The exponent of the loss of a positive, above 0 and at most 1; larger ones are more robust.
    q3 : float, default: 1.0
        The exponent of the loss of a negative, above 0 and at most 1.
    **options

    See Also
    --------
    splc_loss : Takes unannotated labels above a threshold as positive.
    hill_loss : Reduces the gradient of such labels.

    Notes
    -----
    The gradient is not the derivative of the value: it treats k and v as constants, and the second
    derivative is the derivative of this gradient.

    Chen et al., "Boosting Single Positive Multi-label Classification with Generalized Robust Loss",
    IJCAI 2024. The defaults are those of the last epoch of their code, which changes them linearly
    from ``w=0, b=-2, mu=0.5, sigma=2`` in the first. It adds 1e-7 to probabilities before it takes
    logarithms, and has no annotated negatives.

    The value is accurate to a few machine epsilons, plus up to abs(w) of them, as k multiplies the
    rounding of p, and 1 / sigma**2 of them where the weight is small; the slope is a difference, as
    accurate relative to its larger term.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits, labels = np.asarray([1.0, 3.0, 3.0, -1.0]), np.asarray([1, 0, -1, -1])
    >>> ml.gr_loss(logits, labels, reduction="none").round(4)
    array([0.3133, 3.0486, 0.4982, 0.2639])
    """
    numbers = {"w": w, "b": b, "mu": mu}
    w, b, mu = (check_number(*each, least=-math.inf) for each in numbers.items())
    terms = functools.partial(
        _gr,
        line=(w, b),
        mu=mu,
        sigma=check_number("sigma", sigma, least=_NARROWEST),
        exponents=(_exponent("q2", q2), _exponent("q3", q3)),
    )
    return Call(logits, labels, terms, options, held=Held(23.3))


# Of a narrower one, the derivatives overflow in float32.
_NARROWEST = 1e-3


def _exponent(name: str, q: float) -> float:
    return check_fraction(name, check_number(name, q, above=True))


def _gr(
    entries: Entries,
    *,
    line: tuple[float, float],
    mu: float,
    sigma: float,
    exponents: tuple[float, float],
) -> Terms:
    xp, x = entries.xp, entries.prediction
    kind = Annotation.from_entries(entries)
    unknown = _Unknown(xp, x, line, mu, sigma, exponents)
    known = binary_terms(xp, x, kind.positive)
    return mixture(
        (kind.positive + kind.negative, known),
        (
            kind.unannotated,
            Terms(lambda: unknown.value, lambda: unknown.slope, lambda: unknown.curvature),
        ),
    )


class _Unknown:
    """An unannotated label: a positive with probability k, else a negative, with weight v."""

    def __init__(
        self,
        xp: Namespace,
        x: Array,
        line: tuple[float, float],
        mu: float,
        sigma: float,
        exponents: tuple[float, float],
    ) -> None:
        self._xp, (self._w, b), self._sigma = xp, line, sigma
        self._s = s = logistic(xp, x)
        probability = s.sigmoid
        self._chance = logistic(xp, self._w * probability + b)
        self._distance = (probability - mu) / sigma
        self._positive = _Bounded(xp, s, exponents[0])
        self._negative = _Bounded(xp, logistic(xp, -x), exponents[1])

    @cached_property
    def _weight(self) -> Array:
        return self._xp.exp(-self._distance * self._distance / 2)

    @cached_property
    def _shares(self) -> tuple[Array, Array]:
        """The weight of the positive and of the negative."""
        k = self._chance
        return self._weight * k.sigmoid, self._weight * k.sigmoid_of_negative

    @property
    def value(self) -> Array:
        first, second = self._shares
        return times_constant(self._xp, first, self._positive.value) + times_constant(
            self._xp, second, self._negative.value
        )

    @cached_property
    def slope(self) -> Array:
        first, second = self._shares
        return second * self._negative.slope - first * self._positive.slope

    @property
    def curvature(self) -> Array:
        first, second = self._shares
        bend = first * self._positive.curvature + second * self._negative.curvature
        pull = self._positive.slope + self._negative.slope
        # What k and v add as they change.
        of_chance = self._w * first * self._chance.sigmoid_of_negative * pull
        of_weight = self._distance / self._sigma * self.slope
        return bend - self._s.sigmoid_slope * (of_chance + of_weight)


class _Bounded:
    """(1 - p**e) / e for p = sigmoid(x), with the derivatives by -x."""

    def __init__(self, xp: Namespace, s: Logistic, exponent: float) -> None:
        self._xp, self._s, self._exponent = xp, s, exponent

    @cached_property
    def _power(self) -> Array:
        """p**e."""
        return power(self._xp, self._s.negative_part, -self._s.log_sum, self._exponent)

    @property
    def value(self) -> Array:
        surprisal = self._s.softplus_of_negative
        return bounded_surprisal(self._xp, surprisal, lambda: self._power, self._exponent)

    @property
    def slope(self) -> Array:
        return self._power * self._s.sigmoid_of_negative

    @property
    def curvature(self) -> Array:
        p, q = self._s.sigmoid, self._s.sigmoid_of_negative
        return self._power * q * (p - self._exponent * q)
