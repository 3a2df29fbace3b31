"""Turn a table of labels with missing values into labels, mask and names."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._arrays.typing import Array
from .._inputs.missing import Missing, is_missing
from .table_columns import Column, read_columns


class LabelTable(NamedTuple):
    """The labels of a table, their mask, and the names of their columns.

    Attributes
    ----------
    labels : numpy array
        Rows of labels, 0 where missing. The labels of a Series have no second axis.
    mask : numpy array of bool
        True where the label is observed.
    names : tuple of str
        The names of the columns.

    Examples
    --------
    >>> import numpy as np
    >>> import maskloss as ml
    >>> table = ml.from_table(np.asarray([[1.0, np.nan]]))
    >>> table.mask
    array([[ True, False]])
    """

    labels: Array
    mask: Array
    names: tuple[str, ...]


def from_table(table: Any, *, missing: Missing = None) -> LabelTable:
    """Turn a table of labels with missing values into labels and mask, as every loss takes them.

    Parameters
    ----------
    table : DataFrame, Series, Arrow table or array
        Label columns of pandas, polars or pyarrow, or a NumPy array of at most two dimensions,
        which may be structured or a `numpy.ma` array. Of pyarrow: a ``Table``, a ``RecordBatch``, a
        ``RecordBatchReader``, which is read to its end, or one array. Columns are bool, integer or
        floating, nullable or not, or objects that hold such values. Values that the library takes
        for missing (``None``, ``NA``, null, masked) are missing, and so is NaN.
    missing : float, or tuple or list of float, optional
        Further label values that mean missing, such as ``-1``.

    Returns
    -------
    LabelTable
        ``(labels, mask, names)``. The labels are a NumPy array of the smallest dtype that holds all
        columns, with 0 where missing. The name of a column without a name is its number.

    Raises
    ------
    TypeError
        If the table is of another type, or a column holds other values, such as text, categories
        or dates.
    ValueError
        If there is no column, if two columns share a name, or if `missing` cannot occur in the
        labels.

    Notes
    -----
    This function guesses nothing. It refuses text that looks like numbers, and categories whose
    order has no meaning; the error names the call that turns them into numbers. If a number means
    missing by convention, pass it as `missing`, or use `from_encoding`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import maskloss as ml
    >>> table = pd.DataFrame({"toxic": [1, None, 0], "soluble": [None, True, False]})
    >>> labels, mask, names = ml.from_table(table)
    >>> labels
    array([[1., 0.],
           [0., 1.],
           [0., 0.]])
    >>> mask
    array([[ True, False],
           [False,  True],
           [ True,  True]])
    >>> loss = ml.binary_cross_entropy_with_logits(np.zeros((3, 2)), labels, mask=mask, axis=0)
    >>> {name: round(float(value), 3) for name, value in zip(names, loss)}
    {'toxic': 0.693, 'soluble': 0.693}
    """
    return read_table("table", table, missing)


def read_table(name: str, table: Any, missing: Missing) -> LabelTable:
    """Do the work of `from_table`; error messages call the table `name`."""
    import numpy as np

    from .._arrays.numpy import xp

    columns, is_flat = read_columns(name, table)
    names = tuple(column.name for column in columns)
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled or not names:
        held = f"more than one named {', '.join(map(repr, doubled))}" if doubled else "none"
        msg = f"`{name}` must have columns, each with a name of its own, got {held}"
        raise ValueError(msg)
    dtype = np.result_type(*(column.values.dtype for column in columns))
    shape = (len(columns[0].known), len(columns))
    labels, mask = np.zeros(shape, dtype), np.zeros(shape, bool)
    for position, column in enumerate(columns):
        _check_digits(name, column, dtype)
        labels[column.known, position] = column.values
        mask[:, position] = column.known
    if dtype.kind == "f":
        mask &= ~np.isnan(labels)
    if missing is not None:
        mask &= ~is_missing(xp, name, labels, missing)
    labels[~mask] = 0
    if is_flat:
        labels, mask = labels[:, 0], mask[:, 0]
    return LabelTable(labels, mask, names)


def read_numbers(name: str, table: Any, columns: tuple[str, ...] | None) -> Array:
    """Return a table of numbers as an array, NaN where empty.

    If the names of `columns` are given, those of a DataFrame must be the same, in the same order.
    """
    import numpy as np

    numbers, known, names = read_table(name, table, None)
    if columns is not None and numbers.ndim == 2 and columns != names:
        msg = (
            f"`{name}` must have the columns of the labels, "
            f"{', '.join(map(repr, columns))}, in this order, got {', '.join(map(repr, names))}"
        )
        raise ValueError(msg)
    return numbers if known.all() else np.where(known, numbers, np.nan)


def _check_digits(name: str, column: Column, dtype: Any) -> None:
    """Refuse integers that lose digits in the floats of the other columns."""
    import numpy as np

    values = column.values
    if dtype.kind != "f" or values.dtype.kind not in "iu":
        return
    most = 2 ** (np.finfo(dtype).nmant + 1)  # all integers up to here are floats
    for value in values[(values > most) | (values < -most)].tolist():
        if int(dtype.type(value)) != value:
            msg = (
                f"column {column.name!r} of `{name}` holds the integer {value}, which {dtype}, the "
                f"dtype of all columns together, rounds; read integer and floating columns apart"
            )
            raise ValueError(msg)
