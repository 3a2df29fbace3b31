"""What a user should know beside the scores."""

from collections.abc import Iterator

import numpy as np

from maskloss._cli._comparison import Block, Comparison
from maskloss._cli._table import Table
from maskloss._cli._treatments import TREATMENTS, title

__all__ = ["notes"]


def notes(comparison: Comparison) -> list[str]:
    """Say what was left out, filled or could not be fitted.

    Parameters
    ----------
    comparison : Comparison
        The scores.

    Returns
    -------
    list of str
        One sentence or two each.
    """
    found = [*comparison.table.notes, *_columns(comparison.table), *_rows(comparison)]
    for block in comparison.blocks:
        found += [*_labels(comparison, block), *_coverage(block)]
    found += [
        f"A fit of {treatment!r} reached its limit on iterations; its scores are approximate."
        for treatment in comparison.unconverged
    ]
    return found


def _columns(table: Table) -> Iterator[str]:
    if table.left_out:
        yield f"Left out, holding no numbers: {', '.join(table.left_out)}."
    if table.feature_gaps:
        largest = sorted(table.feature_gaps.items(), key=lambda item: -item[1])
        named = _first([f"{name} ({gap:.1%})" for name, gap in largest])
        yield (
            f"Features miss values as well: {named}. A mask covers labels only; these gaps are "
            "filled with the mean of the training fold."
        )


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


def _labels(comparison: Comparison, block: Block) -> Iterator[str]:
    """Name the labels that have no score in a fold, and why."""
    held = "one class" if block.binary else "one value"
    for label, name in enumerate(block.labels):
        alike = ~block.scorable[:, label]
        if alike.any():
            yield f"{name} is left out of {_folds(alike)}: {held} only in the rows held out."
        for place, treatment in enumerate(TREATMENTS):
            unfitted = np.isnan(block.scores[:, place, 0, label]) & ~alike
            unfitted &= comparison.rows[:, place] > 0
            if unfitted.any():
                yield (
                    f"{name} is left out of {_folds(unfitted)} for "
                    f"{title(treatment, binary=block.binary)!r}: {held} only in the rows to learn "
                    "from."
                )


def _coverage(block: Block) -> Iterator[str]:
    """Say where averages do not rest on the same scores."""
    masked, *rivals = np.isfinite(block.scores[:, :, 0]).swapaxes(0, 1)
    for treatment, scored in zip(TREATMENTS[1:], rivals, strict=True):
        if scored.any() and (scored != masked).any():
            yield (
                f"The averages of {title(treatment, binary=block.binary)!r} rest on "
                f"{scored.sum()} scores of a label in a fold, those of 'masked' on "
                f"{masked.sum()}; the verdict compares where both have one."
            )


def _folds(which: np.ndarray) -> str:
    numbers = [str(number) for number in np.flatnonzero(which) + 1]
    return f"fold{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def _first(names: tuple[str, ...] | list[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if names[most:] else "")
