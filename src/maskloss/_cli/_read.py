"""Read a file into labels, features and groups."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ._assays import assays
from ._categories import one_hot
from ._columns import check_columns, label_names, listed, matching
from ._errors import UserError
from ._file import File, open_file
from ._labels import Label, read_label
from ._room import Room
from ._scores import LARGEST, squarable
from ._table import Floats, Table
from ._terminal import printable

__all__ = ["read_table"]

_AUTO = "auto"


def read_table(
    path: str,
    *,
    labels: str,
    text: str | None = None,
    group: str | None = None,
    missing: str | None = None,
    rows: int | None = None,
    to_fit: bool = True,
) -> Table:
    """Read a table from a file.

    Parameters
    ----------
    path : str
        The path of the file.
    labels : str
        The names of the label columns, separated by commas; patterns such as ``MUV-*``; or
        ``auto`` for all columns that hold only 0, 1 and gaps.
    text, group : str, optional
        The names of the text column and of the column whose equal rows share a fold.
    missing : str, optional
        The mark of a missing label, in addition to an empty cell.
    rows : int, optional
        The number of rows of a random sample; by default all rows.
    to_fit : bool, default: True
        Whether the labels are to be fitted: each then needs two known values, and there must be
        a feature.

    Returns
    -------
    Table
        The labels, the features and the groups.

    Raises
    ------
    UserError
        If the file cannot be read or does not fit the memory, or its columns cannot be compared.
    """
    if rows is not None and rows < 1:
        msg = f"--rows {rows}: expected 1 or more rows, or no --rows for all of them"
        raise UserError(msg)
    room = Room("compare" if to_fit else "inspect")
    file = open_file(path, room, rows)
    text = None if text is None else printable(text.strip())
    group = text if group is None else printable(group.strip())
    names = _chosen(file, label_names(labels), (text, group), missing)
    check_columns(file.header, names, text, group)
    frame = file.read([name for name in (*names, text) if name is not None])
    if frame.empty:
        msg = f"table {path} has a header and no rows: expected one row per sample"
        raise UserError(msg)
    groups = _groups(frame, group)
    texts = None if text is None else frame[text].map(str, na_action="ignore").astype(object)
    # Taken out of the frame, so that no column is held twice.
    labelled = [read_label(frame.pop(name), missing, to_fit=to_fit) for name in names]
    frame = frame.drop(columns={text, group} - {None})
    others = tuple(assays(frame, missing, gaps=True))
    usable, categories = one_hot(frame.drop(columns=list(others)))
    del frame
    too_large = [name for name in usable if _is_too_large(usable[name])]
    values, features, no_numbers = _features(usable.drop(columns=too_large))
    if to_fit and text is None and not features:
        raise UserError(_no_features(path, no_numbers, others))
    if texts is not None:
        room.check(len(texts), len(file.header), characters=texts.str.len().sum())
    gaps = np.isnan(values).mean(axis=0).tolist()
    notes = [note for label in labelled for note in label.notes()]
    return Table(
        name=printable(Path(path).name),
        labels=tuple(names),
        targets=_side_by_side(labelled),
        binary=np.array([label.binary for label in labelled]),
        feature_names=features,
        numeric=values,
        groups=groups,
        grouped_by=group,
        text_name=text,
        words=categories,
        text=None if texts is None else tuple(texts.fillna("")),
        left_out=(*no_numbers, *too_large, *others),
        feature_gaps={name: gap for name, gap in zip(features, gaps, strict=True) if gap},
        notes=(
            *file.notes,
            *notes,
            *_feature_notes(features, categories, no_numbers, too_large, others),
            *_text_notes(text, texts),
        ),
    )


def _chosen(
    file: File, asked: Sequence[str], others: Sequence[str | None], missing: str | None
) -> list[str]:
    """Return the label columns; a name of the table is no pattern."""
    names: list[str] = []
    for name in asked:
        if name in file.header:
            names.append(name)
        elif name == _AUTO:
            names += assays(file.read(()), missing, others)
        elif any(sign in name for sign in "*?["):
            names += matching(name, file.header, others)
        else:
            names.append(name)
    if not names:
        msg = "--labels auto: no column holds only 0, 1 and gaps; name the label columns"
        raise UserError(msg)
    return list(dict.fromkeys(names))


def _no_features(path: str, no_numbers: Sequence[str], others: Sequence[str]) -> str:
    fixes = [f"one of {listed(no_numbers)} could be --text"] if no_numbers else []
    if others:
        fixes.append(f"{listed(others)} look like labels, having 0, 1 and gaps only")
    found = f"table {path} has no numeric column beside the labels to learn from"
    return "; ".join([found, *fixes])


def _features(frame: Any) -> tuple[Floats, tuple[str, ...], tuple[str, ...]]:
    """Move the numeric columns out of a frame: their values and names, and those of the others."""
    usable = [name for name in frame if _is_feature(frame[name])]
    others = tuple(name for name in frame if name not in usable)
    values = np.empty((len(frame), len(usable)))
    for place, name in enumerate(usable):
        column = _numbers(frame.pop(name))
        values[:, place] = np.where(np.isfinite(column), column, np.nan)
    return values, tuple(usable), others


def _is_feature(column: Any) -> bool:
    if not pd.api.types.is_numeric_dtype(column):
        return False
    return bool(np.isfinite(_numbers(column)).any())


def _is_too_large(column: Any) -> bool:
    return _is_feature(column) and not squarable(_numbers(column))


def _numbers(column: Any) -> Floats:
    numbers: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _side_by_side(labels: list[Label]) -> Floats:
    targets = np.empty((len(labels[0].target), len(labels)))
    for place, label in enumerate(labels):
        targets[:, place] = label.target
    return targets


def _groups(frame: Any, group: str | None) -> NDArray[np.int64]:
    """Return the number of each row's group; a row without a group is a group of its own."""
    alone = np.arange(len(frame)) + len(frame)
    if group is None:
        return alone
    codes = pd.factorize(frame[group])[0]
    return np.where(codes < 0, alone, codes)


def _feature_notes(
    features: Sequence[str],
    categories: Mapping[str, Sequence[str]],
    no_numbers: Sequence[str],
    too_large: Sequence[str],
    others: Sequence[str],
) -> Iterator[str]:
    numeric = features[: len(features) - sum(map(len, categories.values()))]
    if numeric:
        yield f"Numeric features: {', '.join(numeric)}."
    if categories:
        counts = ", ".join(f"{name} ({len(words)})" for name, words in categories.items())
        yield f"One-hot categories, with the number of words: {counts}."
    if no_numbers:
        yield f"Left out, holding no numbers: {', '.join(no_numbers)}."
    if too_large:
        yield f"Left out, holding numbers beyond {LARGEST:g}: {', '.join(too_large)}."
    if others:
        yield (
            f"Left out, holding 0, 1 and gaps only, as labels do: {', '.join(others)}. Name them "
            "in --labels, or fill their gaps to learn from them."
        )


def _text_notes(text: str | None, texts: Any) -> Iterator[str]:
    if text is not None and (empty := texts.isna().mean()):
        yield f"Of the cells of {text}, {empty:.1%} are empty and taken as no text."
