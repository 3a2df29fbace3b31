"""Advice on a table with missing labels, in two lines."""

from ._coverage import Coverage
from ._digits import counted
from ._ranksum import LEAST

__all__ = ["advice", "caveat", "dependence", "lead"]

_CAVEAT = (
    "Test: Mann-Whitney, of every column between the rows where a label is observed and the "
    "others; Bonferroni over all {tests} tests. A small p shows that missing is not random; a "
    "large p does not show that it is."
)


def lead(coverage: Coverage) -> str:
    """Describe the table in one line."""
    table = coverage.table
    rows, labels = counted(len(table.targets), "row"), counted(len(table.labels), "label")
    return (
        f"{table.name}: {rows}, {labels}, {table.known.mean():.0%} of the labels observed, "
        f"{counted(coverage.complete, 'complete row')}."
    )


def advice(coverage: Coverage) -> list[str]:
    """Return a line on incomplete rows, and one on what goes with a missing label."""
    return [_on_rows(coverage), _on_missing(coverage)]


def _on_rows(coverage: Coverage) -> str:
    rows = len(coverage.table.targets)
    if coverage.complete == rows:
        return "No label is missing: no row needs to be dropped, and no label to be masked."
    if len(coverage.table.labels) == 1:
        return "With one label, masking it and dropping the rows that miss it are the same."
    return (
        f"Dropping incomplete rows would keep {coverage.complete} of {rows} rows and lose "
        f"{coverage.lost:.0%} of the observed labels: mask the missing labels instead."
    )


def caveat(coverage: Coverage) -> str:
    """Say how columns were tested; empty if none could be."""
    return _CAVEAT.format(tests=coverage.tests) if coverage.tests else ""


def _on_missing(coverage: Coverage) -> str:
    shares = zip(coverage.table.labels, coverage.positives, coverage.observed, strict=True)
    alone = [name for name, positives, observed in shares if positives == 1 and observed < 1]
    if alone:
        return (
            f"{alone[0]} has positives only: with its gaps masked, a model learns to say yes. Use "
            "a loss for positives and unlabelled, such as assume_negative_loss or nnpu_loss."
        )
    if not coverage.tests:
        return (
            f"No column could be tested: that takes {LEAST} rows with a label and {LEAST} without."
        )
    found = dependence(coverage)
    return found or "The test finds no column that differs between observed and missing labels."


def dependence(coverage: Coverage) -> str:
    """Return a line on the labels for which missing does not look random; empty if none."""
    names = coverage.table.labels
    found = [
        (name, link)
        for name, link in zip(names, coverage.links, strict=True)
        if link is not None and link.is_significant
    ]
    if not found:
        return ""
    name, link = max(found, key=lambda pair: abs(pair[1].auc - 0.5))
    return (
        f"Missing does not look random for {len(found)} of {len(names)} labels, most clearly "
        f"{name} with {link.column} (AUC {link.auc:.2f}); scores are of rows that were measured."
    )
