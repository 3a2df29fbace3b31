"""What `compare` reads: kinds of tables, choices of labels, and one line where it cannot."""

import bz2
import datetime as dt
import decimal
import gzip
import lzma
import os
import sys
import tarfile
import threading
import zipfile

import numpy as np
import pandas as pd
import pytest

from maskloss._cli import main
from maskloss._cli._errors import UserError
from maskloss._cli._file import open_file
from maskloss._cli._read import read_table

TEXT = "id,ill,well,height\na,1,0,1.5\nb,0,,2.5\nc,,1,3.5\n"


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file, and return its path."""

    def write(content=TEXT, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def read(path, labels="ill,well", **options):
    return read_table(path, labels=labels, **options)


def is_table(table):
    targets = [[1, 0], [0, np.nan], [np.nan, 1]]
    np.testing.assert_array_equal(table.targets, targets)
    np.testing.assert_array_equal(table.numeric, [[1.5], [2.5], [3.5]])
    return table.labels == ("ill", "well") and table.left_out == ("id",)


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_the_separator_is_found(separator, write):
    assert is_table(read(write(TEXT.replace(",", separator))))


def test_a_separator_inside_a_cell_is_no_separator(write):
    path = write("id\till\twell\theight, in m\na;b,c;d,e\t1\t0\t1\nb\t0\t1\t2\n")
    assert read(path).feature_names == ("height, in m",)


@pytest.mark.parametrize("before", ["\ufeff", "\n\n"])
def test_a_header_is_found_after(before, write):
    assert is_table(read(write(before + TEXT)))


def test_names_lose_spaces_at_their_ends(write):
    assert is_table(read(write(TEXT.replace("ill,well", '"ill " , well')), "ill, well"))


PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("suffix", PACKED)
def test_compressed_files_are_read(suffix, write):
    assert is_table(read(write(PACKED[suffix](TEXT.encode()), f"table.csv.{suffix}")))


def test_archives_of_one_file_are_read(write, tmp_path):
    path = write()
    with zipfile.ZipFile(tmp_path / "table.zip", "w") as archive:
        archive.write(path, "table.csv")
    with tarfile.open(tmp_path / "table.tar.gz", "w:gz") as archive:
        archive.add(path, "table.csv")
    for name in ("table.zip", "table.tar.gz"):
        assert is_table(read(str(tmp_path / name)))


def test_parquet_is_read(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame(
        {"id": ["a", "b", "c"], "ill": [True, False, None], "well": [0, np.nan, 1]}
    ).assign(height=[1.5, 2.5, 3.5])
    frame.to_parquet(tmp_path / "table.parquet")
    assert is_table(read(str(tmp_path / "table.parquet")))
    assert read(str(tmp_path / "table.parquet"), "auto", text="id").text == ("a", "b", "c")
    frame.assign(id=np.nan).to_parquet(tmp_path / "empty.parquet")
    empty = read(str(tmp_path / "empty.parquet"), "ill", text="id")
    assert empty.text == ("", "", "")
    assert "Of the cells of id, 100.0% are empty and taken as no text." in empty.notes


IN_CHUNKS = {
    "int8": ("int8", [12, 0]),
    "int64": ("int64", [2**53 + 1, -(2**63), 2**63 - 1]),
    "uint64": ("uint64", [2**64 - 1, 0]),
    "bool": ("bool_", [True, False]),
    "date": ("date32", [dt.date(2020, 1, 31)]),
    "time": ("timestamp", [dt.datetime(2020, 1, 31, 12, tzinfo=dt.UTC)]),
    "decimal": ("decimal128", [decimal.Decimal("1.50")]),
    "text": ("string", ["12", "012"]),
    "floating": ("float64", [12.0, 0.5]),
}


@pytest.mark.parametrize("kind", IN_CHUNKS)
@pytest.mark.parametrize("is_category", [False, True])
def test_parquet_by_chunks_is_read_as_in_one(kind, is_category, tmp_path, monkeypatch):
    """One chunk has a gap, one has none, one has nothing else."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    name, values = IN_CHUNKS[kind]
    options = {"timestamp": ("us", "UTC"), "decimal128": (5, 2)}.get(name, ())
    cells = [*values * (1000 // len(values) + 1)][:1000] + [values[0], None] * 500 + [None] * 300
    column = pa.array(cells, getattr(pa, name)(*options))
    column = column.dictionary_encode() if is_category else column
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": column, "b": range(len(cells))}), path, row_group_size=700)
    monkeypatch.setattr("maskloss._cli._text._CELLS", 1)  # chunks of 1000 rows

    def texts(frames):
        found = (frame["a"].map(str, na_action="ignore").astype(object) for frame in frames)
        return [None if pd.isna(text) else text for column in found for text in column]

    for as_text in ((), ("a",)):
        file = open_file(str(path))
        parts = [*file.chunks(as_text)]
        assert len(parts) > 2
        got = texts(parts)
        assert got == texts([file.read(as_text)])
        assert [text is None for text in got] == [cell is None for cell in cells]
        if kind in {"int8", "int64", "uint64"}:
            assert got[:1500:2] == list(map(str, cells[:1500:2]))


def test_decimals_of_parquet_are_numbers(tmp_path):
    """As databases export them."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    def column(digits, scale, *cells):
        cells = [None if cell is None else decimal.Decimal(cell) for cell in cells]
        return pa.array(cells, pa.decimal128(digits, scale))

    columns = {
        "price": column(9, 2, "1.50", None, "-3.25"),
        "number": column(18, 0, "12", None, str(2**53 + 1)),
        "name": column(38, 0, "9" * 38, None, "1"),
    }
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(columns), path)
    file = open_file(str(path))
    for frame in (file.read(()), *file.chunks(())):
        assert frame["price"].dtype == "float64"
        assert frame["price"].tolist()[::2] == [1.5, -3.25]
        assert frame["number"].dtype == "Int64"
        assert frame["number"].tolist()[::2] == [12, 2**53 + 1]
        assert [str(cell) for cell in frame["name"].tolist()[::2]] == ["9" * 38, "1"]
        assert frame.isna().iloc[1].all()


def test_long_identifiers_of_groups_stay_apart(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "t.parquet"
    groups = [2**53, 2**53 + 1, None, 2**53]
    pq.write_table(pa.table({"g": groups, "x": [1.0, 2, 3, 4], "ill": [0, 1, 0, 1]}), path)
    first, second, alone, third = read(str(path), "ill", group="g").groups
    assert first == third != second
    assert alone not in {first, second}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_read_once(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(TEXT,), daemon=True)
    writer.start()
    assert is_table(read(str(path)))
    writer.join(timeout=5)
    assert not writer.is_alive()


UNREADABLE = {
    "zip": ("t.zip", b"PK damaged", "cannot read"),
    "xz": ("t.csv.xz", b"damaged", "cannot read"),
    "half an xz": ("t.csv.xz", lzma.compress(TEXT.encode())[:-20], "cannot read"),
    "bz2": ("t.csv.bz2", b"damaged", "cannot read"),
    "tar": ("t.tar", b"damaged", "cannot read"),
    "latin-1": ("t.csv", TEXT.replace("id", "é").encode("latin-1"), "cannot read"),
    "two of a name": ("t.csv", TEXT.replace("height", "ill"), "2 columns named 'ill'"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_an_error(case, write):
    name, content, expected = UNREADABLE[case]
    with pytest.raises(UserError, match=expected):
        read(write(content, name))


@pytest.mark.parametrize(
    ("name", "package"), [("t.csv.zst", "zstandard"), ("t.parquet", "pyarrow")]
)
def test_a_missing_package_is_named(name, package, write, monkeypatch):
    for absent in (package, "fastparquet"):
        monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(UserError, match=f"without {package}: pip install --upgrade {package}"):
        read(write(b"(\xb5/\xfd", name))


@pytest.mark.parametrize("url", ["https://host/t.csv", "s3://bucket/t.csv", "file:///t.csv"])
def test_a_url_is_not_opened(url):
    with pytest.raises(UserError, match="is a URL: expected the path of a file; download it"):
        read(url)


@pytest.mark.parametrize("words", ["yes no", "Yes No", "TRUE FALSE", "true false"])
def test_words_of_two_classes_are_read(words, write):
    one, zero = words.split()
    rows = f"a,{one},{zero},1.5\nb,{zero},,2.5\nc,,{one},3.5\n"
    assert is_table(read(write(TEXT.splitlines()[0] + "\n" + rows)))


def test_two_dashes_are_a_mark(write, capsys):
    marked = write(TEXT.replace(",,", ",--,"))
    assert is_table(read(marked, missing="--"))
    assert main(["compare", marked, "--labels", "ill,well", "--missing=--", "--folds", "9"]) == 2
    assert "fewer than the 9" in capsys.readouterr().err
