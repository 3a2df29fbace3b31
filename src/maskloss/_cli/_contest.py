"""Which of several models is best where missing labels are masked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ._comparison import Comparison, KindScores
from ._digits import significant
from ._effects import CONFIDENCE, Effect, effect_of
from ._treatments import TREATMENTS
from ._verdict import interval

__all__ = ["Contest", "contests"]

_MASKED = TREATMENTS.index("masked")


@dataclass(frozen=True)
class Contest:
    """The models on labels of one kind, by the leading metric.

    Attributes
    ----------
    kind : KindScores
        The scores of the best model.
    best : int
        The position of the best model.
    averages : tuple of float
        The average of each model.
    effects : tuple of Effect
        The scores of the best model minus those of each other one.
    """

    kind: KindScores
    best: int
    averages: tuple[float, ...]
    effects: tuple[Effect, ...]

    def lines(self, comparisons: Sequence[Comparison]) -> Iterator[str]:
        """Yield what the models score, and by how much the best one leads.

        Parameters
        ----------
        comparisons : sequence of Comparison
            The comparison of each model.

        Yields
        ------
        str
            The lines.
        """
        names, metric = [comparison.model for comparison in comparisons], self.kind.metrics[0]
        scores = zip(names, self.averages, strict=True)
        listed = ", ".join(f"{name} {significant(score, metric.digits)}" for name, score in scores)
        yield f"Models, masked ({metric.title}, {metric.best}er is better): {listed}."
        for effect in self.effects:
            low, high = effect.interval or (0.0, 0.0)
            resolved = "" if low > 0 or high < 0 else ": not resolved"
            yield (
                f"{names[self.best]} minus {effect.rival}, {CONFIDENCE:.0%} interval: "
                f"{significant(effect.mean, sign='+')} {interval(effect)}{resolved}."
            )


def contests(comparisons: Sequence[Comparison]) -> list[Contest]:
    """Compare models on the same folds.

    Parameters
    ----------
    comparisons : sequence of Comparison
        The comparison of each model, on one table.

    Returns
    -------
    list of Contest
        A contest for each kind of labels.
    """
    by_kind = zip(*(comparison.kinds for comparison in comparisons), strict=True)
    return [_contest(kinds, [one.model for one in comparisons]) for kinds in by_kind]


def _contest(kinds: Sequence[KindScores], names: Sequence[str]) -> Contest:
    averages = tuple(float(kind.average[_MASKED, 0]) for kind in kinds)
    # The leading metric of either kind is best where it is high.
    best = int(np.argmax(np.nan_to_num(averages, nan=-np.inf)))
    metric, scores = kinds[best].metrics[0], [kind.scores[:, _MASKED, 0] for kind in kinds]
    effects = [
        effect_of(metric, names[place], scores[best], scores[place])
        for place in range(len(kinds))
        if place != best
    ]
    return Contest(
        kinds[best], best, averages, tuple(one for one in effects if one.number_of_folds)
    )
