"""Columns of words that repeat: one feature of 0 and 1 for each word."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ._terminal import printable

__all__ = ["indicators", "one_hot", "unknown_words"]

# A column has at most so many categories, each of which occurs so often on average: numbers and
# names of samples are no categories.
_MOST, _LEAST_ROWS = 20, 5


def one_hot(frame: Any) -> tuple[Any, dict[str, tuple[str, ...]]]:
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
    categories : dict of str to tuple of str
        The words of each replaced column.
    """
    categories = {}
    for name in frame:
        words = _words(frame[name])
        distinct = sorted(words.dropna().unique())
        if 2 <= len(distinct) <= _MOST and len(words) >= _LEAST_ROWS * len(distinct):
            categories[name] = tuple(distinct)
    numbers = frame.drop(columns=list(categories))
    hot = indicators(frame, categories)
    return pd.concat([numbers, *hot], axis=1) if hot else numbers, categories


def indicators(frame: Any, categories: Mapping[str, Sequence[str]]) -> list[Any]:
    """Return a column ``name=word`` of 0 and 1 for each word of each category."""
    found = []
    for name, words in categories.items():
        column = _words(frame[name])
        found += [
            (column == word).rename(printable(f"{name}={word}")).astype(float) for word in words
        ]
    return found


def unknown_words(column: Any, known: Sequence[str]) -> tuple[int, list[str]]:
    """Return the number of cells with a word, and the words of those with none of `known`."""
    words = _words(column).dropna()
    return len(words), words[~words.isin(known)].tolist()


def _words(column: Any) -> Any:
    """Return the words of a column, NaN in gaps; of numbers, only gaps."""
    if pd.api.types.is_numeric_dtype(column):
        return pd.Series(index=column.index, dtype=object)
    words = column.map(str, na_action="ignore").astype(object).str.strip()
    return words.mask(words == "")
