"""Read a CSV file into labels, features and groups."""

import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maskloss._cli._columns import check_columns, label_names, listed
from maskloss._cli._errors import UserError
from maskloss._cli._labels import read_label
from maskloss._cli._table import Floats, Table

__all__ = ["read_table"]


def read_table(
    path: str,
    *,
    labels: str,
    text: str | None = None,
    group: str | None = None,
    missing: str | None = None,
) -> Table:
    """Read a table from a CSV file, compressed or not.

    Parameters
    ----------
    path : str
        The path of the file.
    labels : str
        The names of the label columns, separated by commas.
    text, group : str, optional
        The names of the text column and of the column whose equal rows share a fold.
    missing : str, optional
        The mark of a missing label, in addition to an empty cell.

    Returns
    -------
    Table
        The labels, the features and the groups.

    Raises
    ------
    UserError
        If the file cannot be read, or its columns cannot be compared.
    """
    group = text if group is None else group
    names = label_names(labels)
    check_columns([str(name) for name in _csv(path, nrows=0)], names, text, group)
    named = {*names, text, group} - {None}
    # pandas would read text that looks like numbers, such as codes with leading zeros, as numbers.
    frame = _csv(path, dtype=dict.fromkeys({*names, text} - {None}, "str"), low_memory=False)
    if frame.empty:
        msg = f"table {path} has a header and no rows: expected one row per sample"
        raise UserError(msg)
    columns = [read_label(frame[name], missing) for name in names]
    values, features, left_out = _features(frame.drop(columns=list(named)))
    if text is None and not features:
        others = f"; one of {listed(left_out)} could be --text" if left_out else ""
        msg = f"table {path} has no numeric column beside the labels to learn from{others}"
        raise UserError(msg)
    gaps = np.isnan(values).mean(axis=0).tolist()
    notes = [note for column in columns for note in column.notes()]
    return Table(
        name=Path(path).name,
        labels=tuple(names),
        targets=np.column_stack([column.target for column in columns]),
        binary=np.array([column.binary for column in columns]),
        feature_names=features,
        numeric=values,
        groups=_groups(frame, group),
        grouped_by=group,
        text_name=text,
        text=None if text is None else tuple(frame[text].fillna("")),
        left_out=left_out,
        feature_gaps={name: gap for name, gap in zip(features, gaps, strict=True) if gap},
        notes=(*notes, *_feature_notes(frame, features, text)),
    )


def _csv(path: str, **options: Any) -> Any:
    with warnings.catch_warnings():
        # pandas only warns when a row is longer than the header, and drops or shifts its cells.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            return pd.read_csv(path, index_col=False, **options)
        except FileNotFoundError:
            msg = f"no such file: {path}; expected a CSV table, plain or .gz"
            raise UserError(msg) from None
        except (OSError, EOFError, zlib.error, ValueError, pd.errors.ParserWarning) as error:
            msg = f"cannot read {path}: expected a CSV table, plain or .gz; {error}"
            raise UserError(msg) from None


def _features(frame: Any) -> tuple[Floats, tuple[str, ...], tuple[str, ...]]:
    """Return the values and names of the numeric columns, and the names of the other columns."""
    frame = frame.replace([np.inf, -np.inf], np.nan)
    usable = [
        name
        for name in frame
        if pd.api.types.is_numeric_dtype(frame[name]) and frame[name].notna().any()
    ]
    values = frame[usable].to_numpy(dtype=np.float64, na_value=np.nan)
    others = tuple(name for name in frame if name not in usable)
    return values, tuple(usable), others


def _groups(frame: Any, group: str | None) -> NDArray[np.int64]:
    """Return the number of each row's group; a row without a group is a group of its own."""
    alone = np.arange(len(frame)) + len(frame)
    if group is None:
        return alone
    codes = pd.factorize(frame[group])[0]
    return np.where(codes < 0, alone, codes)


def _feature_notes(frame: Any, features: tuple[str, ...], text: str | None) -> Iterator[str]:
    if features:
        yield f"Numeric features: {', '.join(features)}."
    if text is not None and (empty := frame[text].isna().mean()):
        yield f"Of the cells of {text}, {empty:.1%} are empty and taken as no text."
