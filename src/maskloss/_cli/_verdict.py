"""Say whether masking pays on a table, question by question."""

import numpy as np

from ._comparison import Comparison, KindScores
from ._digits import significant
from ._effects import CONFIDENCE, Effect, effects
from ._treatments import title

__all__ = ["interval", "verdict"]

_HEAD = (
    f"Masked minus the other treatment, mean over the folds and {CONFIDENCE:.0%} interval in "
    "brackets:"
)
_RULE = (
    f"Rule: masking wins or loses where the {CONFIDENCE:.0%} interval, by the t-distribution of "
    "the differences paired fold by fold, excludes zero; otherwise the folds do not resolve it."
)


def verdict(comparison: Comparison) -> list[str]:
    """Return one line per question and other treatment, between a heading and the rule."""
    if comparison.table.known.all():
        return [
            "No label is missing: the three fits are the same, and masking changes nothing here."
        ]
    lines = [_line(effect, kind) for kind in comparison.kinds for effect in effects(kind)]
    if not lines:
        return ["Nothing to compare: no label could be scored for masked and for another fit."]
    return [_HEAD, *lines, _RULE]


def _line(effect: Effect, kind: KindScores) -> str:
    metric, rival = effect.metric, title(effect.rival, binary=kind.binary)
    question = f"{metric.question.capitalize()} ({metric.title}, {metric.best}er is better)"
    return (
        f"{question} against {rival}: {significant(effect.mean, sign='+')} {interval(effect)}: "
        f"{_outcome(effect)}{_labels(effect)}."
    )


def interval(effect: Effect) -> str:
    """Return the interval of an effect in brackets."""
    if effect.interval is None:
        return "[no interval]"
    low, high = (significant(end, sign="+") for end in effect.interval)
    return f"[{low} to {high}]"


def _outcome(effect: Effect) -> str:
    if effect.outcome != "not resolved":
        return effect.outcome
    number = effect.number_of_folds
    return f"not resolved by {number} fold{'' if number == 1 else 's'}"


def _labels(effect: Effect) -> str:
    """Say on how many labels masked is better and worse, if there are several."""
    if np.isfinite(effect.labels).sum() < 2 or effect.outcome == "no difference":
        return ""
    return f"; labels better: {effect.better}, worse: {effect.worse}"
