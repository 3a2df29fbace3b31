"""Read the columns of a table of pandas, polars, Arrow or NumPy: names, known values, mask."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, NamedTuple

from .._arrays.kinds import is_instance, type_name
from .._arrays.typing import Array

_TABLES = {
    *("pandas.DataFrame", "pandas.Series", "polars.DataFrame", "polars.Series"),
    *("pyarrow.Table", "pyarrow.RecordBatch", "pyarrow.RecordBatchReader"),
    *("pyarrow.Array", "pyarrow.ChunkedArray"),
}
# What holds or makes tables without being one, by a method that it has.
_ADVICE = {
    "collect": "table.collect()",
    "iter_batches": "read one batch at a time: for batch in table.iter_batches()",
    "to_batches": "read one batch at a time: for batch in table.to_batches()",
    "__arrow_c_stream__": "pyarrow.table(table)",
}


def is_table(value: object) -> bool:
    """Return whether `value` is a table or column of pandas, polars or Arrow."""
    return not _TABLES.isdisjoint(map(_class_name, type(value).__mro__))


def _class_name(cls: type) -> str:
    return f"{cls.__module__.partition('.')[0]}.{cls.__name__}"


class Column(NamedTuple):
    """One column of labels.

    Attributes
    ----------
    name : str
        The name of the column.
    values : numpy array
        The known values in the order of the rows; NaN may be one of them.
    known : numpy array of bool
        True for each row whose value is known.
    """

    name: str
    values: Array
    known: Array


def read_columns(name: str, table: Any) -> tuple[list[Column], bool]:
    """Return the columns of a table, and whether the table is one column without a second axis.

    Error messages call the table `name`.
    """
    if is_instance(table, "numpy", "ndarray") and table.ndim not in {1, 2}:
        msg = f"`{name}` must have one or two dimensions, got shape {table.shape}; reshape it"
        raise ValueError(msg)
    readers = {
        "pandas": _read_pandas,
        "polars": _read_polars,
        "pyarrow": _read_arrow,
        "numpy": _read_numpy,
    }
    for library_name, read in readers.items():
        module = sys.modules.get(library_name)  # a table of a library proves that it is imported
        try:
            columns = None if module is None else read(table, module)
        except _NotNumbersError as error:
            column, held, advice = error.args
            msg = (
                f"column {column!r} of `{name}` must hold bools, integers or floats, got {held}; "
                f"{advice}"
            )
            raise TypeError(msg) from None
        if columns is not None:
            return columns
    advice = next((f": {how}" for method, how in _ADVICE.items() if hasattr(table, method)), "")
    msg = (
        f"`{name}` must be a table of pandas, polars or pyarrow, or a NumPy array, got "
        f"{type_name(table)}; convert it first{advice}"
    )
    raise TypeError(msg)


def _read_pandas(table: Any, pandas: Any) -> tuple[list[Column], bool] | None:
    if isinstance(table, pandas.Series):
        return [_pandas_column(table, 0)], True
    if isinstance(table, pandas.DataFrame):
        positions = range(table.shape[1])
        return [_pandas_column(table.iloc[:, k], k) for k in positions], False
    return None


def _pandas_column(series: Any, position: int) -> Column:
    name = str(position if series.name is None else series.name)
    known = ~series.isna().to_numpy()
    dtype, values = series.dtype, series[known]
    if hasattr(dtype, "categories"):
        if dtype.categories.dtype.kind not in "biuf":
            advice = f"take its codes, `table[{name!r}].cat.codes`, where -1 means missing"
            raise _not_numbers(name, f"categories{_example(values)}", advice)
        dtype = dtype.categories.dtype
        values = values.astype(dtype)
    if getattr(dtype, "kind", "O") in "biuf":
        values = values.to_numpy(dtype=getattr(dtype, "numpy_dtype", None))
        return Column(name, values, known)
    if dtype.name == "object":
        return Column(name, _numbers(name, values), known)
    raise _not_numbers(name, f"dtype {dtype}{_example(values)}")


def _read_polars(table: Any, polars: Any) -> tuple[list[Column], bool] | None:
    if isinstance(table, polars.Series):
        return [_polars_column(table, polars)], True
    if isinstance(table, polars.DataFrame):
        return [_polars_column(series, polars) for series in table.get_columns()], False
    return None


def _polars_column(series: Any, polars: Any) -> Column:
    known, dtype, values = ~series.is_null().to_numpy(), series.dtype, series.drop_nulls()
    name = series.name or "0"
    is_number = dtype == polars.Boolean or dtype.is_integer() or dtype.is_float()
    if is_number and "128" not in str(dtype):  # NumPy has no such integers
        return Column(name, values.to_numpy(), known)
    if dtype in (polars.Object, polars.Null):
        return Column(name, _numbers(name, values), known)
    if dtype in (polars.Categorical, polars.Enum):
        advice = f"take its codes, `polars.col({name!r}).to_physical()`, where null means missing"
        raise _not_numbers(name, f"categories{_example(values)}", advice)
    raise _not_numbers(name, f"dtype {dtype}{_example(values)}")


def _read_arrow(table: Any, pyarrow: Any) -> tuple[list[Column], bool] | None:
    if isinstance(table, pyarrow.RecordBatchReader):
        table = table.read_all()
    if isinstance(table, pyarrow.Table | pyarrow.RecordBatch):
        fields = enumerate(table.schema.names)
        return [_arrow_column(field, table.column(k), pyarrow) for k, field in fields], False
    if isinstance(table, pyarrow.Array | pyarrow.ChunkedArray):
        return [_arrow_column("0", table, pyarrow)], True
    return None


def _arrow_column(name: str, array: Any, pyarrow: Any) -> Column:
    known, values, types = array.is_valid(), array.drop_null(), pyarrow.types
    held = array.type
    if types.is_dictionary(held):
        held = held.value_type
        values = values.cast(held)
    if types.is_null(held):
        values = values.cast(pyarrow.bool_())
    elif not (types.is_boolean(held) or types.is_integer(held) or types.is_floating(held)):
        raise _not_numbers(name, f"type {array.type}{_example(values[:1].to_pylist())}")
    return Column(name, *(part.to_numpy(zero_copy_only=False) for part in (values, known)))


def _read_numpy(table: Any, numpy: Any) -> tuple[list[Column], bool] | None:
    if not isinstance(table, numpy.ndarray):
        return None
    mask = numpy.asarray(
        numpy.ma.getmaskarray(table)
    )  # `numpy.matrix` would give matrices as columns
    data = numpy.asarray(numpy.ma.getdata(table))
    if data.dtype.names and data.ndim == 1:
        fields = [(name, data[name], mask[name]) for name in data.dtype.names]
    else:
        rows, masks = (a[:, None] if a.ndim == 1 else a for a in (data, mask))
        fields = [(str(k), rows[:, k], masks[:, k]) for k in range(rows.shape[1])]
    is_flat = data.ndim == 1 and not data.dtype.names
    return [_numpy_column(*field) for field in fields], is_flat


def _numpy_column(name: str, data: Array, mask: Array) -> Column:
    if data.dtype.kind in "biuf":
        return Column(name, data[~mask], ~mask)
    if data.dtype.kind != "O":
        raise _not_numbers(name, f"dtype {data.dtype}{_example(data)}")
    known = ~mask
    known[known] = [cell is not None for cell in data[known]]
    return Column(name, _numbers(name, data[known]), known)


def _numbers(name: str, cells: Iterable[Any]) -> Array:
    """Return known objects as an array; raise for an object that is no number."""
    import numpy as np

    cells = list(cells)
    for cell in cells:
        if not isinstance(cell, (bool, int, float, np.bool_, np.integer, np.floating)):
            raise _not_numbers(name, f"{type(cell).__name__} objects{_example([cell])}")
    values = np.asarray(cells, dtype=None if cells else bool)  # bool promotes no other dtype
    if values.dtype == object:
        raise _not_numbers(name, "integers that no dtype holds")
    return values


def _example(values: Iterable[Any]) -> str:
    """Quote the first cell for an error message if it is text."""
    cell = next(iter(values), None)
    return f" such as {str(cell)!r}" if isinstance(cell, str) else ""


class _NotNumbersError(Exception):
    """A column that holds other things: its name, what it holds, and what to do."""


def _not_numbers(name: str, held: str, advice: str = "") -> _NotNumbersError:
    advice = advice or "cast them, or map them to numbers, and leave unknown cells empty"
    return _NotNumbersError(name, held, advice)
