"""Notes for the user beside the scores."""

from collections.abc import Iterator

import numpy as np

from ._advice import dependence
from ._comparison import Comparison, KindScores
from ._coverage import Coverage
from ._scores import LARGEST, squarable
from ._table import Table
from ._treatments import TREATMENTS, title

__all__ = ["notes"]


def notes(comparison: Comparison) -> list[str]:
    """Name columns, labels and fits that were left out, filled in, or not fitted."""
    table = comparison.table
    found = [*table.notes, *_columns(table), *_missing(comparison.coverage), *_rows(comparison)]
    for kind in comparison.kinds:
        found += [*_labels(comparison, kind), *_coverage(kind)]
    found += [
        f"A fit of {treatment!r} reached its limit on iterations; its scores are approximate."
        for treatment in comparison.unconverged
    ]
    return found


def _columns(table: Table) -> Iterator[str]:
    if table.feature_gaps:
        largest = sorted(table.feature_gaps.items(), key=lambda item: -item[1])
        named = _first([f"{name} ({gap:.1%})" for name, gap in largest])
        yield (
            f"Features miss values as well: {named}. A mask covers labels only; these gaps are "
            "filled with the mean of the training fold."
        )


def _missing(coverage: Coverage) -> Iterator[str]:
    if line := dependence(coverage):
        yield f"{line} `maskloss inspect` shows more."


def _rows(comparison: Comparison) -> Iterator[str]:
    if len(comparison.table.labels) == 1:
        yield "With one label, masking it and dropping the rows that miss it are the same fit."
    empty = int((comparison.rows[:, TREATMENTS.index("dropped")] == 0).sum())
    if empty == comparison.folds:
        yield (
            "No row has every label known, so dropping incomplete rows leaves nothing to learn "
            "from; its scores read -."
        )
    elif empty:
        yield f"In {empty} of {comparison.folds} folds no row to learn from has every label known."


def _labels(comparison: Comparison, kind: KindScores) -> Iterator[str]:
    """Name each label that has no score in a fold, with the reason."""
    held = "one class" if kind.binary else "one value"
    for label, name in enumerate(kind.labels):
        target = comparison.table.targets[:, comparison.table.labels.index(name)]
        reason = f"{held} only in the rows to learn from"
        if not squarable(target):
            reason = f"it holds numbers beyond {LARGEST:g}, too large to square"
        alike = ~kind.scorable[:, label]
        if alike.any():
            yield f"{name} is left out of {_folds(alike)}: {held} only in the rows held out."
        for position, treatment in enumerate(TREATMENTS):
            unfitted = np.isnan(kind.scores[:, position, 0, label]) & ~alike
            unfitted &= comparison.rows[:, position] > 0
            if unfitted.any():
                named = title(treatment, binary=kind.binary)
                yield f"{name} is left out of {_folds(unfitted)} for {named!r}: {reason}."


def _coverage(kind: KindScores) -> Iterator[str]:
    """Name the treatments whose averages rest on other scores than the averages of masked."""
    masked, *rivals = np.isfinite(kind.scores[:, :, 0]).swapaxes(0, 1)
    for treatment, scored in zip(TREATMENTS[1:], rivals, strict=True):
        if scored.any() and (scored != masked).any():
            yield (
                f"The averages of {title(treatment, binary=kind.binary)!r} rest on "
                f"{scored.sum()} scores of a label in a fold, those of 'masked' on "
                f"{masked.sum()}; the verdict compares where both have one."
            )


def _folds(which: np.ndarray) -> str:
    numbers = [str(number) for number in np.flatnonzero(which) + 1]
    return f"fold{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def _first(names: tuple[str, ...] | list[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if names[most:] else "")
