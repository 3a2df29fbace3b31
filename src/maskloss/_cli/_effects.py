"""The effect of masking beside another treatment, with its interval over the folds."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from ._comparison import KindScores, observed_mean
from ._scores import Metric
from ._table import Floats
from ._treatments import TREATMENTS

__all__ = ["CONFIDENCE", "Effect", "effect_of", "effects", "standard_error"]

CONFIDENCE = 0.95

_MASKED, *_RIVALS = range(len(TREATMENTS))


@dataclass(frozen=True)
class Effect:
    """Scores of masked minus those of a rival, on labels and folds for which both have one.

    Attributes
    ----------
    metric : Metric
        The metric that answers a question.
    rival : str
        The other treatment.
    folds : array of float, shape (folds,)
        The difference in each fold, averaged over the labels; NaN where no label has one.
    labels : array of float, shape (labels,)
        The difference of each label, averaged over the folds; NaN where no fold has one.
    """

    metric: Metric
    rival: str
    folds: Floats
    labels: Floats

    @property
    def number_of_folds(self) -> int:
        """The number of folds with a difference."""
        return int((~np.isnan(self.folds)).sum())

    @property
    def mean(self) -> float:
        """The mean difference over the folds."""
        return float(observed_mean(self.folds, axis=0))

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of the mean by the t-distribution; None for one fold."""
        if self.number_of_folds < 2:
            return None
        quantile = stdtrit(self.number_of_folds - 1, 0.5 + CONFIDENCE / 2)
        half = float(quantile * standard_error(self.folds))
        return self.mean - half, self.mean + half

    @property
    def outcome(self) -> str:
        """``"masking wins"``, ``"masking loses"``, ``"no difference"`` or ``"not resolved"``."""
        if not np.nan_to_num(self.folds).any():
            return "no difference"
        low, high = self.interval or (0.0, 0.0)
        if low <= 0 <= high:
            return "not resolved"
        return "masking wins" if (low > 0) == (self.metric.best == "high") else "masking loses"

    @property
    def better(self) -> int:
        """The number of labels on which masked is better."""
        return self._count(1)

    @property
    def worse(self) -> int:
        """The number of labels on which masked is worse."""
        return self._count(-1)

    def _count(self, sign: int) -> int:
        direction = 1 if self.metric.best == "high" else -1
        return int((sign * direction * self.labels > 0).sum())


def effects(kind: KindScores) -> list[Effect]:
    """Return the effects of masking on labels of one kind.

    Parameters
    ----------
    kind : KindScores
        The scores of the labels of one kind.

    Returns
    -------
    list of Effect
        An effect for each metric that answers a question and each rival with a score.
    """
    found = []
    for position, metric in enumerate(kind.metrics):
        for rival in _RIVALS if metric.question else ():
            scores = kind.scores[:, :, position]
            effect = effect_of(metric, TREATMENTS[rival], scores[:, _MASKED], scores[:, rival])
            found += [effect] if effect.number_of_folds else []
    return found


def effect_of(metric: Metric, rival: str, ours: Floats, theirs: Floats) -> Effect:
    """Return the effect of scores of shape (folds, labels) beside those of a rival."""
    # The same rows in another order give scores that differ by rounding.
    difference = np.where(np.isclose(ours, theirs, rtol=1e-9, atol=0), 0.0, ours - theirs)
    folds, labels = (observed_mean(difference, axis=axis) for axis in (1, 0))
    return Effect(metric, rival, folds, labels)


def standard_error(values: Floats) -> Floats:
    """Return the standard error of the mean over the first axis; NaN for fewer than two values."""
    count = (~np.isnan(values)).sum(axis=0)
    squares = observed_mean((values - observed_mean(values, axis=0)) ** 2, axis=0)
    error: Floats = np.sqrt(squares / np.where(count > 1, count - 1, np.nan))
    return error
