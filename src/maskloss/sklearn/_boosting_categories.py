"""Features that are categories, as numbers that each boosting library takes for categories."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.sparse import issparse

from .._arrays.kinds import shown
from .._arrays.typing import Array

# Of each feature that is a category, the code of each of its values.
Categories = Mapping[int, Mapping[Any, int]]


def learn_categories(X: Any, asked: Any) -> Categories:  # noqa: N803
    """Return the codes of the values of each feature that is a category."""
    return {place: _codes(_column(X, place)) for place in _places(X, asked)}


def encode(X: Any, categories: Categories) -> Any:  # noqa: N803
    """Return features whose categories are codes, NaN for a gap and for a value not learnt."""
    is_frame = hasattr(X, "isetitem")
    encoded: Any = X.copy(deep=False) if is_frame else np.array(X, dtype=object)
    for place, codes in categories.items():
        numbers = np.asarray([codes.get(value, math.nan) for value in _column(X, place)])
        if is_frame:
            encoded.isetitem(place, numbers)
        else:
            encoded[:, place] = numbers
    return encoded


def _places(X: Any, asked: Any) -> list[int]:  # noqa: N803
    """Return the columns that are categories."""
    if asked is None:
        return []
    if isinstance(asked, str):
        if asked != "from_dtype":
            msg = (
                "categorical_features must be 'from_dtype', None, or an array of columns, got "
                f"{asked!r}"
            )
            raise ValueError(msg)
        dtypes = X.dtypes if hasattr(X, "isetitem") else ()
        return [place for place, dtype in enumerate(dtypes) if dtype.name == "category"]
    if issparse(X) or not (hasattr(X, "isetitem") or isinstance(X, np.ndarray | list | tuple)):
        msg = (
            "categorical_features must be columns of a pandas DataFrame or a dense array, got X of "
            f"{type(X).__name__}"
        )
        raise TypeError(msg)
    return [*dict.fromkeys(_chosen(X, np.atleast_1d(asked)))]


def _chosen(X: Any, asked: Array) -> list[int]:  # noqa: N803
    number = np.shape(X)[1]
    if asked.dtype == bool and len(asked) == number:
        return np.flatnonzero(asked).tolist()
    names = [*getattr(X, "columns", ())]
    chosen = []
    for one in asked.tolist():
        if one in names:
            chosen.append(names.index(one))
        elif type(one) is int and 0 <= one < number:
            chosen.append(one)
        else:
            msg = (
                f"categorical_features has {shown(one)}, which is none of the {number} columns of X"
            )
            raise ValueError(msg)
    return chosen


def _column(X: Any, place: int) -> list[Any]:  # noqa: N803
    column = X.iloc[:, place] if hasattr(X, "iloc") else np.asarray(X, dtype=object)[:, place]
    values: list[Any] = column.tolist()
    return values


def _codes(column: list[Any]) -> dict[Any, int]:
    # A gap is None or pandas' NA, or differs from itself.
    values = {one for one in column if type(one).__name__ not in _GAPS and one == one}  # noqa: PLR0124
    ordered = sorted(values, key=lambda one: (isinstance(one, str), one))
    return {value: code for code, value in enumerate(ordered)}


_GAPS = {"NoneType", "NAType", "NaTType"}
