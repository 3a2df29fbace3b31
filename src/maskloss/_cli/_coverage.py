"""Measure which labels of a table are observed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage

from ._ranksum import rank_sums, total_where
from ._table import Bools, Floats, Table

__all__ = ["Coverage", "Link", "cover"]

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Link:
    """The column that separates best the rows where a label is observed from the others.

    Attributes
    ----------
    column : str
        The name of the column, a feature or another label.
    auc, p : float
        The size of the effect and the corrected p-value of the Mann-Whitney test.
    """

    column: str
    auc: float
    p: float

    @property
    def is_significant(self) -> bool:
        """Whether the test finds a difference."""
        return self.p < SIGNIFICANT


@dataclass(frozen=True)
class Coverage:
    """Which labels of a table are observed; arrays are in the order of its labels.

    Attributes
    ----------
    table : Table
        The table.
    observed : array of float, shape (labels,)
        The share of rows in which each label is observed.
    positives : array of float, shape (labels,)
        The share of positives among the observed labels; NaN for numbers.
    rows : array of int, shape (labels + 1,)
        The number of rows with 0, 1, ... observed labels.
    together : array of float, shape (labels, labels)
        The share of rows in which both labels are observed.
    lost : float
        The share of the observed labels that lie in incomplete rows.
    links : tuple of Link or None
        For each label, the column with the smallest p-value; None if nothing could be tested.
    tests : int
        The number of tests.
    """

    table: Table
    observed: Floats
    positives: Floats
    rows: np.ndarray
    together: Floats
    lost: float
    links: tuple[Link | None, ...]
    tests: int

    @property
    def complete(self) -> int:
        """The number of rows in which every label is observed."""
        return int(self.rows[-1])

    @cached_property
    def order(self) -> list[int]:
        """The labels, with those that are observed together beside each other."""
        return _order(self.table.known)


def cover(table: Table) -> Coverage:
    """Measure which labels are observed, which together, and what goes with a missing label.

    Parameters
    ----------
    table : Table
        The samples.

    Returns
    -------
    Coverage
        The measures.
    """
    known = table.known
    is_complete = known.all(axis=1)
    links, tests = _links(table, known)
    return Coverage(
        table=table,
        observed=known.mean(axis=0),
        positives=np.array([_positives(column) for column in table.targets.T]),
        rows=np.bincount(known.sum(axis=1), minlength=known.shape[1] + 1),
        together=total_where(known, known) / len(known),
        lost=float(known[~is_complete].sum() / max(known.sum(), 1)),
        links=links,
        tests=tests,
    )


def _positives(target: Floats) -> float:
    seen = target[np.isfinite(target)]
    return float(seen.mean()) if len(seen) and np.isin(seen, (0.0, 1.0)).all() else float("nan")


def _order(known: Bools) -> list[int]:
    """Return the labels in the order of the leaves of their clusters by Jaccard distance."""
    labels = known.shape[1]
    if labels < 3:
        return list(range(labels))
    found: list[int] = leaves_list(linkage(known.T, "average", metric="jaccard")).tolist()
    return found


def _links(table: Table, known: Bools) -> tuple[tuple[Link | None, ...], int]:
    names = [*table.feature_names, *table.labels]
    tested = rank_sums([*table.numeric.T, *table.targets.T], known)
    links: list[Link | None] = []
    for label in range(known.shape[1]):
        p = np.nan_to_num(tested.p[:, label], nan=np.inf)
        # The larger effect among p-values that underflow to 0.
        best = int(np.lexsort((-np.abs(tested.auc[:, label] - 0.5), p))[0])
        link = Link(names[best], float(tested.auc[best, label]), float(p[best]))
        links.append(link if np.isfinite(p[best]) else None)
    return tuple(links), int(np.isfinite(tested.p).sum())
