"""Cross-entropy of a set of candidate classes, one of which is the label."""

from __future__ import annotations

from typing import Unpack

from ..._arrays.cached_property import cached_property
from ..._arrays.typing import Array
from ..._formula import Call, Held, Terms
from ..._inputs.domain import Domain
from ..._inputs.entries import Entries
from ..._inputs.layout import EntryLayout
from ..._inputs.options import Options, check_axis
from ..._inputs.outliers import refuse
from ..._loss import loss
from ..._math.arithmetic import subtraction_error
from ..._math.logistic import Logistic, logistic
from ..._math.logsumexp import Along, SoftMaximum

_IS_CANDIDATE = Domain(
    fill_value=1.0,
    values=(0, 1),
    names=("no candidate", "a candidate"),
    advice="; if these are scores, compare them first: scores > 0",
)


@loss(labels=_IS_CANDIDATE)
def candidate_cross_entropy(
    logits: Array,
    candidates: Array,
    *,
    class_axis: int = -1,
    **options: Unpack[Options],
) -> Call:
    r"""Cross-entropy of a set of candidate classes, of which one is the label, from logits x.

    .. math:: -\log \sum_{c \in S} \mathrm{softmax}(x)_c

    Parameters
    ----------
    logits : array, shape (..., C)
        Logits x, of real floating dtype. Each row along `class_axis` is an entry.
    candidates : array, shape (..., C)
        1 for the candidates S of a row, at least one, and 0 for the classes that its label is not;
        bool, integer or floating. A row with a missing number is missing.
    class_axis : int, default: -1
        The axis of the classes.
    **options

    See Also
    --------
    cross_entropy : The loss of a known class, or of probabilities of the classes.
    merge_classes : Merges the same classes of all rows of a case, for losses of regions too.

    Notes
    -----
    The classifier-consistent loss (CC) of Feng et al., Provably Consistent Partial-Label Learning,
    2020. Its gradient is that of PRODEN (Lv et al., 2020) with weights from the same prediction;
    for weights from an earlier one, pass these as probabilities to `cross_entropy`. A complementary
    label, a class that is wrong, makes all others candidates. A coarse label of a taxonomy makes
    its classes candidates.

    With one candidate it is `cross_entropy`; where all classes are candidates, it is 0. Value and
    slope are accurate to a few machine epsilons, also for confident rows. The second derivative of
    a candidate's logit is a difference, accurate to a few epsilons of its larger term.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> logits = np.asarray([[2.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    >>> candidates = np.asarray([[1, 1, 0], [0, 1, 1]])
    >>> ml.candidate_cross_entropy(logits, candidates, reduction="none").round(4)
    array([0.1126, 1.5464])
    """
    layout = EntryLayout(check_axis("class_axis", class_axis), same_shape=True)
    return Call(logits, candidates, _candidate_terms, options, layout, held=Held(10.0, 9.4))


def _candidate_terms(entries: Entries) -> Terms:
    sets = _Sets(entries)
    return Terms(value=sets.value, slope=sets.slope, curvature=sets.curvature)


class _Sets:
    """The candidates and the other classes of each row."""

    def __init__(self, entries: Entries) -> None:
        xp, x, labels = entries.xp, entries.prediction, entries.labels
        self._xp, self._axes = xp, entries.layout.row_axes
        rows = Along(xp, entries.layout.class_axis)
        self._is_in = labels == 1
        number = xp.sum_along(xp.where(self._is_in, xp.ones_like(x), 0.0), self._axes)
        # A label that is neither is NaN, where it cannot be read; and so is a row without any.
        self._factor = 1 + 0 * xp.sum_along(labels, self._axes)
        self._factor = xp.where(self._refuse_none(entries, number), float("nan"), self._factor)
        self._has_others = number < entries.layout.classes
        self._inside = SoftMaximum(xp, x, self._is_in, rows)
        self._outside = SoftMaximum(xp, x, ~self._is_in, rows)

    def _refuse_none(self, entries: Entries, number: Array) -> Array:
        """Refuse rows without a candidate; return True for these."""
        xp, is_none = self._xp, number == 0
        if entries.observed is not None:
            is_none = xp.logical_and(is_none, entries.observed)
        expected = "1 for at least one class of each row"
        advice = "; a row of which nothing is known is missing: leave it out by `mask`"
        refuse(xp, entries.label_name, number, is_none, expected, advice)
        return is_none

    @cached_property
    def _odds(self) -> Logistic:
        """The functions of the logarithm of the odds of the other classes."""
        xp, inside, outside = self._xp, self._inside, self._outside
        peaks = outside.peak - inside.peak
        lost = subtraction_error(xp, outside.peak, inside.peak, peaks)
        excess = inside.excess - outside.excess
        odds = peaks - excess
        lost = lost + subtraction_error(xp, peaks, excess, odds)
        # A NaN stays visible in rows whose classes are all candidates.
        none = 0 * inside.excess - float(xp.finfo(odds.dtype).max) / 4
        return logistic(
            xp, xp.where(self._has_others, odds, none), xp.where(self._has_others, lost, 0.0)
        )

    def value(self) -> Array:
        """Return the loss of each row."""
        return self._factor * self._odds.softplus

    def slope(self) -> Array:
        """Return the gradient of each row."""
        pull = self._xp.where(self._is_in, -self._inside.probability, self._outside.probability)
        return self._factor * self._odds.sigmoid * pull

    def curvature(self) -> Array:
        """Return the diagonal of the Hessian of each row."""
        wrong, right = self._odds.sigmoid, self._odds.sigmoid_of_negative
        own, other = self._inside, self._outside
        inside = own.probability * (own.probability * right - own.complement)
        outside = other.probability * (other.probability * right + other.complement)
        return self._factor * wrong * self._xp.where(self._is_in, inside, outside)
