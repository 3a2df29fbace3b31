"""Answer in one sentence whether masking pays on a table."""

import itertools
from dataclasses import dataclass

import numpy as np

from maskloss._cli._comparison import Comparison, KindScores, observed_mean
from maskloss._cli._scores import Metric
from maskloss._cli._treatments import TREATMENTS, title

__all__ = ["verdict"]

_MASKED, *_RIVALS = range(len(TREATMENTS))

# Squared errors and means of numeric labels are not averaged: the labels may have different units.
_QUOTED = {True: ("roc_auc", "log_loss", "mean_prediction"), False: ("r2",)}


@dataclass(frozen=True)
class _Gain:
    """The gain of masked over a rival, on the labels and folds for which both have a score."""

    metric: Metric
    rival: str
    mean: float
    error: float

    @property
    def sign(self) -> int:
        """The sign of the gain if it exceeds twice its standard error over the folds, else 0."""
        return int(np.sign(self.mean)) if abs(self.mean) > 2 * self.error else 0


def verdict(comparison: Comparison) -> str:
    """Return the answer, and the scores that support it."""
    if comparison.table.known.all():
        return "No label is missing: the three fits are the same, and masking changes nothing here."
    gains = {kind.binary: _gains(kind) for kind in comparison.kinds}
    if not any(gains.values()):
        return "Nothing to compare: no label could be scored for masked and for another fit."
    numbers = [_numbers(kind) for kind in comparison.kinds if gains[kind.binary]]
    return f"{_answer([*itertools.chain(*gains.values())])} {'; '.join(numbers)}."


def _gains(kind: KindScores) -> list[_Gain]:
    found = []
    for position, metric in enumerate(kind.metrics):
        if metric.best == "observed":
            continue
        for rival in _RIVALS:
            scores = kind.scores[:, :, position]
            folds = observed_mean(scores[:, _MASKED] - scores[:, rival], axis=-1)
            folds = folds[~np.isnan(folds)] * (1 if metric.best == "high" else -1)
            if len(folds) > 1:
                error = float(folds.std(ddof=1) / np.sqrt(len(folds)))
                name = title(TREATMENTS[rival], binary=kind.binary)
                found.append(_Gain(metric, name, float(folds.mean()), error))
    return found


def _answer(gains: list[_Gain]) -> str:
    rivals = dict.fromkeys(gain.rival for gain in gains)
    signs = {rival: {gain.sign for gain in gains if gain.rival == rival} for rival in rivals}
    ahead = [rival for rival in rivals if 1 in signs[rival] and -1 not in signs[rival]]
    behind = [rival for rival in rivals if -1 in signs[rival] and 1 not in signs[rival]]
    if len(ahead) == len(rivals):
        return "Yes, masking pays here:"
    if behind and ahead:
        return f"Masking pays here against {_joined(ahead)}, not against {_joined(behind)}:"
    if behind:
        return f"No, masking does not pay here against {_joined(behind)}:"
    if ahead:
        return f"Masking pays here against {_joined(ahead)}, otherwise it changes little:"
    return "Masking makes no clear difference here:"


def _numbers(kind: KindScores) -> str:
    """Quote the averages of masked, with the averages of its rivals in brackets."""
    names = [f"{title(treatment, binary=kind.binary)} " for treatment in TREATMENTS]
    parts = []
    for metric, averages in zip(kind.metrics, kind.average.T, strict=True):
        if metric.key in _QUOTED[kind.binary]:
            rivals = [
                f"{names[rival]}{averages[rival]:.3f}"
                for rival in _RIVALS
                if not np.isnan(averages[rival])
            ]
            observed = f" where {kind.observed.mean():.3f} is observed"
            parts.append(
                f"{metric.title} {averages[_MASKED]:.3f}"
                f"{observed if metric.best == 'observed' else ''} ({', '.join(rivals)})"
            )
            names = [""] * len(names)
    return ", ".join(parts)


def _joined(names: list[str]) -> str:
    return " and ".join(names)
