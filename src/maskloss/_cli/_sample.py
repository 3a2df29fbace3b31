"""A random sample of the rows of a table that is read in chunks."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["sampled"]

_SEED = 0


def sampled(chunks: Iterable[Any], rows: int) -> tuple[Any, int]:
    """Return so many rows of all, each set of rows as likely as another, and the number of all.

    Parameters
    ----------
    chunks : iterable of pandas.DataFrame
        The table, of one chunk or more.
    rows : int
        The size of the sample.

    Returns
    -------
    sample : pandas.DataFrame
        The rows, in the order of the table; all of them if there are not more.
    number : int
        The number of rows of the table.
    """
    # The rows of the smallest keys; whoever is above the limit has enough rows below.
    rng, limit, number = np.random.default_rng(_SEED), 1.0, 0
    held: list[tuple[Any, Any]] = []
    waiting = 0
    for chunk in chunks:
        keys = rng.random(len(chunk))
        number += len(chunk)
        chosen = keys < limit
        held.append((chunk[chosen], keys[chosen]))
        waiting += int(chosen.sum())
        if waiting > 2 * rows:
            held, limit = _smallest(held, rows)
            waiting = rows
    (sample, _), *_ = _smallest(held, rows)[0]
    return sample.reset_index(drop=True), number


def _smallest(held: list[tuple[Any, Any]], rows: int) -> tuple[list[tuple[Any, Any]], float]:
    """Return the rows of the smallest keys as one part, and the largest of these keys."""
    frames, parts = zip(*held, strict=True)
    frame, keys = pd.concat(frames, ignore_index=True), np.concatenate(parts)
    if len(keys) <= rows:
        return [(frame, keys)], 1.0
    chosen = np.sort(np.argpartition(keys, rows - 1)[:rows])
    keys = keys[chosen]
    return [(frame.iloc[chosen], keys)], float(keys.max())
