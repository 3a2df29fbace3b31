"""The divergences of a student's distribution from a teacher's, with their derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..._arrays.cached_property import cached_property
from ..._arrays.typing import Array
from ..._formula import Held, Terms
from ..._inputs.entries import Entries
from ..._inputs.options import check_choice, check_fraction, check_number
from ..._math.softmax import ClassProbability, Softmax
from ..categorical.classes import ClassMask

Divergence = Literal["forward", "reverse", "jsd"]

# Quotients of usual logits by lower temperatures overflow in float32, or their squares underflow.
_COLDEST = 1e-6


@dataclass(frozen=True)
class DistillationTerms:
    """The formula: a divergence, with its numbers."""

    divergence: Divergence
    beta: float
    temperature: float

    @classmethod
    def of(cls, divergence: Divergence, beta: float, temperature: float) -> DistillationTerms:
        """Check the options of a call."""
        check_choice("divergence", divergence, _DIVERGENCES)
        share = check_fraction("beta", beta)
        if not 0 < share < 1:
            limit = "reverse" if share else "forward"
            msg = f"`beta` must be above 0 and below 1, got {share:g}; use divergence={limit!r}"
            raise ValueError(msg)
        return cls(divergence, share, check_number("temperature", temperature, least=_COLDEST))

    def held(self, *, is_masked: bool) -> Held:
        """Return the memory that value and slope take at once."""
        of_quotients = 0.0 if self.temperature == 1 else 2.0
        return Held(_SIZES[self.divergence] + (4.2 if is_masked else of_quotients), per_row=20.0)

    def __call__(self, entries: Entries) -> Terms:
        t, class_mask = self.temperature, ClassMask.from_entries(entries)
        pair = _DIVERGENCES[self.divergence](entries, class_mask, self)
        terms = Terms(
            value=lambda: t * t * pair.value,
            slope=lambda: t * pair.slope,
            curvature=lambda: pair.curvature,
            curvature_along=pair.curvature_along,
        )
        return terms if class_mask is None else class_mask.apply(terms)


class _Pair:
    """The two distributions, and their divergence with derivatives by the student's logits."""

    def __init__(
        self, entries: Entries, class_mask: ClassMask | None, choice: DistillationTerms
    ) -> None:
        self.xp, self.beta = entries.xp, choice.beta
        student = entries.prediction if class_mask is None else class_mask.logits
        within = None if class_mask is None else class_mask.within
        t, axis = choice.temperature, entries.layout.class_axis
        student, teacher = (x if t == 1 else x / t for x in (student, entries.labels))
        self._student = Softmax(entries.xp, student, axis, within)
        self._teacher = Softmax(entries.xp, teacher, axis, within)

    @property
    def value(self) -> Array:
        """The divergence."""
        raise NotImplementedError

    @property
    def slope(self) -> Array:
        """The gradient by the student's logits, divided by the temperature."""
        raise NotImplementedError

    @property
    def curvature(self) -> Array:
        """The diagonal of the Hessian by these."""
        raise NotImplementedError

    def curvature_along(self, direction: Array) -> Array:
        """Return the product of the Hessian and a direction."""
        raise NotImplementedError

    @cached_property
    def q(self) -> ClassProbability:
        """The classes by the student."""
        return self._student.each

    @cached_property
    def p(self) -> ClassProbability:
        """The classes by the teacher."""
        return self._teacher.each

    def mean(self, share: Array, array: Array) -> Array:
        """Return the sum of share * array; a share of 0 counts as 0, also of infinity."""
        return self._student.total(share * self.xp.where(share == 0, 0.0, array))

    @cached_property
    def gap(self) -> Array:
        """Q - p."""
        # The difference of the complements has more digits where both probabilities are large.
        p, q = self.p, self.q
        complements = p.complement - q.complement
        return self.xp.where(q.probability > 0.5, complements, q.probability - p.probability)

    @cached_property
    def log_ratio(self) -> Array:
        """log(p) - log(q)."""
        return self.q.surprisal - self.p.surprisal


class _Forward(_Pair):
    @property
    def value(self) -> Array:
        return self.mean(self.p.probability, self.log_ratio)

    @property
    def slope(self) -> Array:
        return self.gap

    @property
    def curvature(self) -> Array:
        return self.q.probability * self.q.complement

    def curvature_along(self, direction: Array) -> Array:
        return self._student.gradient(direction)


class _OfStudent(_Pair):
    """A divergence whose derivative by each probability q is the `pull`, up to a constant."""

    @property
    def pull(self) -> Array:
        raise NotImplementedError

    @property
    def bend(self) -> Array:
        """The derivative of the pull minus its mean by the logit, for constant probabilities."""
        raise NotImplementedError

    @property
    def growth(self) -> Array | float:
        """The derivative of the pull by the logarithm of the probability."""
        raise NotImplementedError

    @cached_property
    def _excess(self) -> Array:
        q = self.q.probability
        excess = self.pull - self.mean(q, self.pull)
        return self.xp.where(q == 0, 0.0, excess)

    @property
    def slope(self) -> Array:
        return self.q.probability * self._excess

    @property
    def curvature(self) -> Array:
        q = self.q
        change = self.bend + (q.complement - q.probability) * self._excess
        return q.probability * change

    def curvature_along(self, direction: Array) -> Array:
        change = self._student.log_along(direction)
        return self._student.gradient(change * (self._excess + self.growth))


class _Reverse(_OfStudent):
    @property
    def value(self) -> Array:
        return self.mean(self.q.probability, self.pull)

    @property
    def pull(self) -> Array:
        return -self.log_ratio

    @property
    def bend(self) -> Array:
        return self.q.complement

    @property
    def growth(self) -> float:
        return 1.0


class _JensenShannon(_OfStudent):
    @cached_property
    def _size(self) -> Array:
        """The probability m, or 1 where 1 / m, a factor of the derivative, would be infinite."""
        size = self.beta * self.p.probability + (1 - self.beta) * self.q.probability
        least = float(self.xp.finfo(size.dtype).smallest_normal)
        return self.xp.where(size < least, 1.0, size)

    @cached_property
    def _shares(self) -> tuple[Array, Array]:
        """The shares of teacher and student in m."""
        first, second = self.beta * self.p.probability, (1 - self.beta) * self.q.probability
        return first / self._size, second / self._size

    @cached_property
    def _logs(self) -> tuple[Array, Array]:
        """log(p / m) and log(q / m), 0 where p or q is 0."""
        more = -self.gap / self._size
        first, second = self._shares
        return (
            self._log((1 - self.beta) * more, first / self.beta),
            self._log(-self.beta * more, second / (1 - self.beta)),
        )

    def _log(self, excess: Array, ratio: Array) -> Array:
        """Return the logarithm of a ratio from what it exceeds 1 by, where that is known better."""
        xp = self.xp
        is_near = excess > -0.5
        near = xp.log1p(xp.where(is_near, excess, 0.0))
        return xp.where(
            is_near, near, xp.log(xp.where(xp.logical_or(is_near, ratio == 0), 1.0, ratio))
        )

    @property
    def value(self) -> Array:
        of_teacher, of_student = self._logs
        first = self.mean(self.p.probability, of_teacher)
        return self.beta * first + (1 - self.beta) * self.mean(self.q.probability, of_student)

    @property
    def pull(self) -> Array:
        return (1 - self.beta) * self._logs[1]

    @property
    def growth(self) -> Array:
        return (1 - self.beta) * self._shares[0]

    @property
    def bend(self) -> Array:
        q, (of_teacher, _) = self.q, self._shares
        others = self._student.total_of_others(q.probability * of_teacher)
        own = q.complement * q.complement * of_teacher
        return (1 - self.beta) * (own + q.probability * others)


# Of each divergence, the arrays of the size of the prediction that it holds.
_SIZES = {"forward": 11.0, "reverse": 9.0, "jsd": 18.0}
_DIVERGENCES = {"forward": _Forward, "reverse": _Reverse, "jsd": _JensenShannon}
