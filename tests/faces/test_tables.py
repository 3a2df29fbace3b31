"""Label tables of pandas, polars, Arrow and NumPy become labels and mask."""

import decimal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest
from numpy import nan

import maskloss as ml
from helpers import pages

ROOT = Path(__file__).parents[2]


def masked(data, mask, dtype=None):
    return np.ma.masked_array(np.asarray(data, dtype), np.asarray(mask, bool))


def nullable(cells, dtype):
    return pd.DataFrame({"a": pd.Series(cells, dtype=dtype)})


def arrow(cells, dtype):
    return pa.record_batch({"a": pa.array(cells, dtype)})


# Each holds a 1, a gap, and a 0.
COLUMNS = {
    "pandas float": (pd.DataFrame({"a": [1.0, nan, 0.0]}), "float64"),
    "pandas float32": (nullable([1.0, nan, 0.0], "float32"), "float32"),
    "pandas Int64": (nullable([1, None, 0], "Int64"), "int64"),
    "pandas Int8": (nullable([1, None, 0], "Int8"), "int8"),
    "pandas Float64": (nullable([1, None, 0], "Float64"), "float64"),
    "pandas boolean": (nullable([True, None, False], "boolean"), "bool"),
    "pandas int64[pyarrow]": (nullable([1, None, 0], "int64[pyarrow]"), "int64"),
    "pandas double[pyarrow]": (nullable([1, None, 0], "double[pyarrow]"), "float64"),
    "pandas bool[pyarrow]": (nullable([True, None, False], "bool[pyarrow]"), "bool"),
    "pandas sparse": (pd.DataFrame({"a": pd.arrays.SparseArray([1.0, nan, 0.0])}), "float64"),
    "pandas objects": (nullable([1, None, 0], object), "int64"),
    "pandas bools among objects": (nullable([True, nan, False], object), "bool"),
    "pandas mixed objects": (nullable([True, pd.NA, 0.0], object), "float64"),
    "pandas NumPy objects": (nullable([np.int8(1), None, np.int8(0)], object), "int8"),
    "pandas categories of numbers": (nullable([1, None, 0], "category"), "int64"),
    "pandas categories of bools": (nullable([True, None, False], "category"), "bool"),
    "polars Int64": (pl.DataFrame({"a": [1, None, 0]}), "int64"),
    "polars UInt8": (pl.DataFrame({"a": pl.Series([1, None, 0], dtype=pl.UInt8)}), "uint8"),
    "polars Float32": (pl.DataFrame({"a": pl.Series([1, None, 0], dtype=pl.Float32)}), "float32"),
    "polars NaN": (pl.DataFrame({"a": [1.0, nan, 0.0]}), "float64"),
    "polars Boolean": (pl.DataFrame({"a": [True, None, False]}), "bool"),
    "polars Object": (pl.DataFrame({"a": pl.Series([1, None, 0.0], dtype=pl.Object)}), "float64"),
    "arrow int64": (arrow([1, None, 0], pa.int64()), "int64"),
    "arrow uint8": (arrow([1, None, 0], pa.uint8()), "uint8"),
    "arrow float": (arrow([1, None, 0], pa.float32()), "float32"),
    "arrow halffloat": (arrow([1, None, 0], pa.float16()), "float16"),
    "arrow NaN": (arrow([1.0, nan, 0.0], pa.float64()), "float64"),
    "arrow bool": (arrow([True, None, False], pa.bool_()), "bool"),
    "arrow categories of numbers": (
        pa.record_batch({"a": pa.array([1, None, 0]).dictionary_encode()}),
        "int64",
    ),
    "arrow slice": (arrow([9, 1, None, 0, 9], pa.int32())[1:4], "int32"),
    "arrow table of chunks": (
        pa.table({"a": pa.chunked_array([[1], [], [None, 0]], pa.int8())}),
        "int8",
    ),
    "numpy.ma": (masked([[1], [9], [0]], [[False], [True], [False]]), "int64"),
    "numpy.ma NaN": (masked([[1], [nan], [0]], [[False]] * 3, "float32"), "float32"),
    "numpy": (np.asarray([[1.0], [nan], [0.0]]), "float64"),
    "numpy objects": (np.asarray([[1], [None], [0]], object), "int64"),
    "numpy.ma objects": (masked([[1], ["?"], [0]], [[False], [True], [False]], object), "int64"),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_kind_of_column(kind):
    table, dtype = COLUMNS[kind]
    labels, mask, names = ml.from_table(table)
    assert labels.dtype == dtype
    assert type(labels) is type(mask) is np.ndarray
    np.testing.assert_array_equal(labels, [[1], [0], [0]])
    np.testing.assert_array_equal(mask, [[True], [False], [True]])
    assert names == (("0",) if kind.startswith("numpy") else ("a",))


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "boolean", "int64[pyarrow]", object])
def test_a_column_without_a_label(dtype):
    labels, mask, _ = ml.from_table(nullable([None, None], dtype))
    assert not mask.any()
    assert not labels.any()
    assert labels.dtype.kind in "bif"


@pytest.mark.parametrize(
    "frame", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"]
)
def test_columns_of_several_dtypes_make_the_smallest_that_holds_all(frame):
    cells = {"toxic": [1, None, 0], "soluble": [None, True, False], "depth": [0.5, nan, 2.5]}
    labels, mask, names = ml.from_table(frame(cells))
    assert names == ("toxic", "soluble", "depth")
    np.testing.assert_array_equal(labels, [[1, 0, 0.5], [0, 1, 0], [0, 0, 2.5]])
    np.testing.assert_array_equal(mask, [[1, 0, 1], [0, 1, 0], [1, 1, 1]])
    empty = frame({"a": [None, None, None], "b": [1, 2, 3]})
    assert ml.from_table(empty).labels.dtype == "int64"  # what has no label asks for no dtype


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([2, None, 0], dtype="Int64", name="kind"),
        pl.Series("kind", [2, None, 0]),
        pd.Series([2, None, 0], dtype="Int64", name="kind", index=[5, 5, 5]),
    ],
)
def test_a_series_is_one_label_per_row(series):
    labels, mask, names = ml.from_table(series)
    assert names == ("kind",)
    loss = ml.cross_entropy(np.zeros((3, 4)), labels, mask=mask, reduction="none")
    np.testing.assert_allclose(loss, np.log(4) * np.asarray([1, 0, 1]))


def test_arrow_arrays_are_one_label_per_row():
    for array in (pa.array([2, None, 0]), pa.chunked_array([[2], [None, 0]])):
        labels, mask, names = ml.from_table(array)
        assert (labels.tolist(), mask.tolist(), names) == ([2, 0, 0], [True, False, True], ("0",))


def test_a_reader_of_batches_is_read_to_its_end():
    table = pa.table({"a": [1, None, 0, 5], "b": [True, False, None, None]})
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=3))
    for got, want in zip(ml.from_table(reader), ml.from_table(table), strict=True):
        np.testing.assert_array_equal(got, want)
    assert not [*reader]


def test_sums_of_the_batches_of_a_parquet_file(tmp_path):
    rng = np.random.default_rng(0)
    labels = np.where(rng.random((50, 2)) < 0.6, nan, rng.integers(0, 3, (50, 2)))
    columns = {name: pa.array(c, from_pandas=True) for name, c in zip("ab", labels.T, strict=True)}
    pa.parquet.write_table(pa.table(columns), tmp_path / "t.parquet", row_group_size=20)
    sums, sizes = 0, []
    for batch in pa.parquet.ParquetFile(tmp_path / "t.parquet").iter_batches(batch_size=7):
        table = ml.from_table(batch)
        sizes.append(len(table.labels))
        zeros = np.zeros(table.labels.shape)
        sums += ml.mse_loss(zeros, table.labels, mask=table.mask, reduction="sums")
    assert max(sizes) == 7
    np.testing.assert_allclose(sums.mean(), np.nanmean(labels**2), rtol=1e-15)
    assert sums.count == np.isfinite(labels).sum()


def test_arrays_of_one_dimension_and_structured_ones():
    labels, mask, names = ml.from_table(masked([1, 2], [False, True]))
    assert (labels.tolist(), mask.tolist(), names) == ([1, 0], [True, False], ("0",))
    fields = [("a", "int64"), ("b", "float64")]
    rows = np.ma.array([(1, 2.0), (3, nan)], mask=[(True, False), (False, False)], dtype=fields)
    labels, mask, names = ml.from_table(rows)
    assert names == ("a", "b")
    np.testing.assert_array_equal(labels, [[0, 2], [3, 0]])
    np.testing.assert_array_equal(mask, [[False, True], [True, False]])


@pytest.mark.parametrize(
    "table",
    [
        np.zeros((0, 3)),
        np.zeros(0),
        pd.DataFrame({"a": []}),
        pl.DataFrame({"a": []}),
        pa.table({"a": []}),
        pa.table({"a": pa.chunked_array([], pa.int8())}),
    ],
)
def test_no_rows(table):
    labels, mask, names = ml.from_table(table)
    assert labels.shape == mask.shape
    assert labels.size == 0
    assert len(names) == (labels.shape[1] if labels.ndim == 2 else 1)


def test_the_table_is_left_as_it_is():
    array = np.asarray([[1.0, nan], [-1.0, 0.0]])
    frame = pd.DataFrame(array, columns=["a", "b"])
    for table in (array, frame, masked(array, np.isnan(array))):
        before = np.array(table)
        labels, _, _ = ml.from_table(table, missing=-1)
        labels += 1
        np.testing.assert_array_equal(np.array(table), before)


def test_numbers_that_mean_missing():
    table = pd.DataFrame({"a": [1, -1], "b": [9, 0]})
    labels, mask, _ = ml.from_table(table, missing=(-1, 9))
    np.testing.assert_array_equal(mask, [[True, False], [False, True]])
    np.testing.assert_array_equal(labels, [[1, 0], [0, 0]])
    with pytest.raises(ValueError, match="`missing`=-1 cannot occur in `table` of dtype bool"):
        ml.from_table(np.asarray([True, False]), missing=-1)


@pytest.mark.parametrize(
    ("table", "error", "says"),
    [
        (pd.DataFrame({"a": ["1", None]}), TypeError, "'a' .*such as '1'; cast them"),
        (nullable(["yes", None], object), TypeError, "'a' .*str objects such as 'yes'"),
        (nullable([decimal.Decimal(1)], object), TypeError, "'a' .*Decimal objects"),
        (nullable([2**70], object), TypeError, "'a' .*integers that no dtype holds"),
        (nullable(["x", None], "category"), TypeError, r"table\['a'\].cat.codes.*-1 means missing"),
        (pd.to_datetime(pd.Series(["2026-01-01"])), TypeError, "'0' .*datetime64"),
        (pd.Series([1 + 2j]), TypeError, "'0' .*complex128"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), ValueError, "more than one named 'a'"),
        (pd.DataFrame(index=range(3)), ValueError, "got none"),
        (pl.DataFrame(), ValueError, "got none"),
        (pl.DataFrame({"a": ["1", None]}), TypeError, "'a' .*String such as '1'; cast them"),
        (pl.Series("a", ["x"], dtype=pl.Categorical), TypeError, r"col\('a'\).to_physical\(\)"),
        (pl.Series("a", ["x"], dtype=pl.Enum(["x"])), TypeError, r"col\('a'\).to_physical\(\)"),
        (pl.Series("a", [1], dtype=pl.Decimal), TypeError, "'a' .*Decimal.*cast them"),
        (pl.Series("a", [1], dtype=pl.Int128), TypeError, "'a' of `table` .*Int128.*cast them"),
        (pl.Series("a", [[1]]), TypeError, "'a' .*List"),
        (pa.table({"a": ["1", None]}), TypeError, "'a' .*string such as '1'; cast them"),
        (pa.array([None, "x"]).dictionary_encode(), TypeError, "'0' .*dictionary.*such as 'x'"),
        (pa.array([decimal.Decimal(1)]), TypeError, "'0' .*decimal.*cast them"),
        (pa.array([[1]]), TypeError, "'0' .*list"),
        (pa.table({}), ValueError, "got none"),
        (pa.table([[1], [2]], ["a", "a"]), ValueError, "more than one named 'a'"),
        (pa.dataset.dataset(pa.table({"a": [1]})), TypeError, r"in table.to_batches\(\)"),
        (pl.DataFrame({"a": [1]}).lazy(), TypeError, r"polars.LazyFrame.*table.collect\(\)"),
        (np.asarray(["x"]), TypeError, "'0' .*such as 'x'"),
        (np.asarray(["2026-01-01"], "datetime64[D]"), TypeError, "'0' .*datetime64"),
        (np.zeros((2, 2, 2)), ValueError, r"one or two dimensions, got shape \(2, 2, 2\)"),
        (np.asarray(1.0), ValueError, r"one or two dimensions, got shape \(\)"),
        ([[1, 2]], TypeError, "got list; convert it first"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(table, error, says):
    with pytest.raises(error, match=says):
        ml.from_table(table)


def test_the_advice_for_categories_works():
    table = pd.DataFrame({"kind": pd.Series(["b", None, "a"], dtype="category")})
    labels, mask, _ = ml.from_table(table["kind"].cat.codes, missing=-1)
    assert (labels.tolist(), mask.tolist()) == ([1, 0, 0], [True, False, True])
    table = pl.DataFrame({"kind": pl.Series(["b", None, "a"], dtype=pl.Enum(["a", "b"]))})
    labels, mask, _ = ml.from_table(table.select(pl.col("kind").to_physical()))
    assert (labels.tolist(), mask.tolist()) == ([[1], [0], [0]], [[True], [False], [True]])


def test_no_library_is_imported():
    code = "import numpy as np, sys, maskloss as ml; ml.from_table(np.ones(2)); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert not {"pandas", "polars", "pyarrow"} & set(done.stdout.split())


def test_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # it writes a file
    pages.run("docs/faces/tables.md")
