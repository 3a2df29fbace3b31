"""The Mann-Whitney test of every column against every label that is observed or missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from ._table import Bools, Floats

__all__ = ["LEAST", "RankSums", "rank_sums", "total_where"]

# Below this many rows on either side, the normal approximation of the rank sum is poor.
LEAST = 8
_BLOCK = 2**16


@dataclass(frozen=True)
class RankSums:
    """The tests of columns against labels; NaN where there was nothing to test.

    Attributes
    ----------
    auc : array of float, shape (columns, labels)
        The probability that the column is higher where the label is observed than where it is
        missing, ties counted half; 0.5 means no difference.
    p : array of float, shape (columns, labels)
        The p-values, multiplied by the number of tests (Bonferroni) and at most 1.
    """

    auc: Floats
    p: Floats


def rank_sums(columns: Sequence[Floats], known: Bools) -> RankSums:
    """Test whether columns differ between the rows where a label is observed and the others.

    Parameters
    ----------
    columns : sequence of arrays of float, each of shape (rows,)
        The columns; a row with NaN is left out of the tests of its column.
    known : array of bool, shape (rows, labels)
        True where a label is observed.

    Returns
    -------
    RankSums
        The sizes of the effects, and the p-values with ties corrected and without continuity
        correction.
    """
    found = [_sums(column, known) for column in columns]
    first, statistic = (np.array([each[place] for each in found]) for place in (0, 1))
    all_rows, ties = (np.array([each[place] for each in found])[:, None] for place in (2, 3))
    second = all_rows - first
    statistic = statistic - first * (first + 1) / 2
    pairs = first * second
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = pairs / 12 * (all_rows + 1 - ties / (all_rows * (all_rows - 1)))
        z = (statistic - pairs / 2) / np.sqrt(spread)
        auc = statistic / pairs
    is_tested = (np.minimum(first, second) >= LEAST) & np.isfinite(z)
    p = 2 * norm.sf(np.abs(z)) * is_tested.sum()
    return RankSums(np.where(is_tested, auc, np.nan), np.where(is_tested, np.minimum(p, 1), np.nan))


def _sums(column: Floats, known: Bools) -> tuple[Floats, Floats, float, float]:
    """Return, of one column, what its tests are made of.

    These are the number of ranked rows and the sum of their ranks where each label is observed, the
    number of all ranked rows, and the sum of t^3 - t over the ties.
    """
    ranks, is_there = np.zeros(len(column)), np.isfinite(column)
    numbers = column[is_there]
    ranks[is_there] = rankdata(numbers)
    sizes = np.unique(numbers, return_counts=True)[1].astype(np.float64)
    first, statistic = total_where(known, is_there), total_where(known, ranks)
    return first, statistic, float(len(numbers)), float((sizes**3 - sizes).sum())


def total_where(known: Bools, numbers: NDArray[Any]) -> Floats:
    """Return the sum of the numbers over the rows where each label is observed.

    Numbers of shape (rows, n) give an array of shape (labels, n).
    """
    # By blocks of rows: the product needs its factors as float64, eight times the mask.
    starts = range(0, len(known), _BLOCK)
    blocks = (slice(start, start + _BLOCK) for start in starts)
    products = (
        known[rows].T.astype(np.float64) @ numbers[rows].astype(np.float64) for rows in blocks
    )
    return np.asarray(sum(products))
