"""The Mann-Whitney test of every column against every label that is observed or missing."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from maskloss._cli._table import Bools, Floats

__all__ = ["LEAST", "RankSums", "rank_sums"]

# Below this many rows on either side, the normal approximation of the rank sum is poor.
LEAST = 8


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


def rank_sums(values: Floats, known: Bools) -> RankSums:
    """Test whether columns differ between the rows where a label is observed and the others.

    Parameters
    ----------
    values : array of float, shape (rows, columns)
        The columns; a row with NaN is left out of the tests of its column.
    known : array of bool, shape (rows, labels)
        True where a label is observed.

    Returns
    -------
    RankSums
        The sizes of the effects, and the p-values with ties corrected and without continuity
        correction.
    """
    present = np.isfinite(values)
    ranks, ties = _ranks(values, present)
    is_known = known.astype(np.float64)
    all_rows = present.sum(axis=0).astype(np.float64)[:, None]
    first = present.T.astype(np.float64) @ is_known
    second = all_rows - first
    statistic = ranks.T @ is_known - first * (first + 1) / 2
    pairs = first * second
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = pairs / 12 * (all_rows + 1 - ties[:, None] / (all_rows * (all_rows - 1)))
        z = (statistic - pairs / 2) / np.sqrt(spread)
        auc = statistic / pairs
    is_tested = (np.minimum(first, second) >= LEAST) & np.isfinite(z)
    p = 2 * norm.sf(np.abs(z)) * is_tested.sum()
    return RankSums(np.where(is_tested, auc, np.nan), np.where(is_tested, np.minimum(p, 1), np.nan))


def _ranks(values: Floats, present: Bools) -> tuple[Floats, Floats]:
    """Return the ranks of each column, 0 where absent, and the sum of t^3 - t over its ties."""
    ranks, ties = np.zeros(values.shape), np.zeros(values.shape[1])
    for column, is_there in enumerate(present.T):
        numbers = values[is_there, column]
        ranks[is_there, column] = rankdata(numbers)
        sizes = np.unique(numbers, return_counts=True)[1].astype(np.float64)
        ties[column] = (sizes**3 - sizes).sum()
    return ranks, ties
