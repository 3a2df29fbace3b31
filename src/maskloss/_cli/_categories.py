"""Columns of words that repeat: one feature of 0 and 1 for each word."""

from typing import Any

import pandas as pd

from maskloss._cli._terminal import printable

__all__ = ["one_hot"]

# A column has at most so many categories, each of which occurs so often on average: numbers and
# names of samples are no categories.
_MOST, _LEAST_ROWS = 20, 5


def one_hot(frame: Any) -> tuple[Any, dict[str, int]]:
    """Replace columns of a few words by one column for each word.

    Parameters
    ----------
    frame : pandas.DataFrame
        The columns that may be features.

    Returns
    -------
    frame : pandas.DataFrame
        The other columns, then for each word a column ``name=word`` of 1 where it is, and 0
        elsewhere and in a gap.
    categories : dict of str to int
        The number of words of each replaced column.
    """
    columns, categories = [], {}
    for name in frame:
        words = _words(frame[name])
        distinct = sorted(words.dropna().unique())
        if 2 <= len(distinct) <= _MOST and len(words) >= _LEAST_ROWS * len(distinct):
            categories[name] = len(distinct)
            columns += [(words == word).rename(printable(f"{name}={word}")) for word in distinct]
    numbers = frame.drop(columns=list(categories))
    hot = [column.astype(float) for column in columns]
    return pd.concat([numbers, *hot], axis=1) if hot else numbers, categories


def _words(column: Any) -> Any:
    """Return the words of a column, NaN in gaps; of numbers, only gaps."""
    if pd.api.types.is_numeric_dtype(column):
        return pd.Series(index=column.index, dtype=object)
    words = column.map(str, na_action="ignore").astype(object).str.strip()
    return words.mask(words == "")
