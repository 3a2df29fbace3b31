"""Find the columns that look like labels: 0, 1 and gaps."""

from collections.abc import Collection, Iterator
from typing import Any

import pandas as pd

from ._errors import UserError
from ._labels import read_label

__all__ = ["assays"]

# Room for 0, 1, a gap, its mark, and other spellings of these, such as 0.0.
_FEW = 8


def assays(
    frame: Any, missing: str | None, without: Collection[str | None] = (), *, gaps: bool = False
) -> Iterator[str]:
    """Yield the names of the columns that hold 0 and 1 and nothing else but gaps.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    missing : str, optional
        The mark of a gap, in addition to an empty cell.
    without : collection of str
        Columns to leave out.
    gaps : bool
        Whether to yield only the columns with gaps.

    Yields
    ------
    str
        The names.
    """
    for name in frame:
        if name not in without and _is_assay(frame[name], missing, gaps=gaps):
            yield name


def _is_assay(column: Any, missing: str | None, *, gaps: bool) -> bool:
    # By distinct values: there are few in a label, however many rows.
    numeric = pd.api.types.is_numeric_dtype(column)
    distinct = (column if numeric else column.map(str, na_action="ignore")).drop_duplicates()
    if len(distinct) > _FEW:
        return False
    try:
        label = read_label(distinct.map(str, na_action="ignore").astype(object), missing)
    except UserError:
        return False
    held = label.values  # noqa: PD011 - the field of the label
    has_gaps = bool(pd.isna(label.target).any())
    return held.tolist() == [0.0, 1.0] and (has_gaps or not gaps)
