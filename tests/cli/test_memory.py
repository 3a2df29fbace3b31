"""Tables that do not fit the memory: an error before it is full, chunks, and random samples."""

import functools
import re
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from maskloss._cli import _read, main
from maskloss._cli._errors import UserError
from maskloss._cli._read import read_table
from maskloss._cli._room import Room
from maskloss._cli._sample import sampled

ROWS = 2500  # of three chunks at most
MEGABYTE = 2**20


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    columns = {
        "id": np.arange(ROWS),
        "height": rng.normal(size=ROWS).round(3),
        "ill": np.where(rng.random(ROWS) < 0.5, np.nan, rng.integers(0, 2, ROWS)),
        "well": rng.integers(0, 2, ROWS),
    }
    return pd.DataFrame(columns)


def written(frame, path):
    if path.suffix == ".parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return str(path)


@pytest.fixture
def narrow(monkeypatch):
    """Leave memory for a given number of megabytes beside what the packages take."""

    def leave(megabytes):
        free = 2**28 + megabytes * MEGABYTE
        monkeypatch.setattr(_read, "Room", functools.partial(Room, free=free))

    return leave


@pytest.mark.parametrize(("command", "fits"), [("compare", 1000), ("inspect", 2000)])
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("t.csv", r"about 2,5\d\d rows x 4 columns"),
        ("t.csv.gz", "more than 2,500 rows x 4 columns"),
        ("t.parquet", "has 2,500 rows x 4 columns"),
    ],
)
def test_a_table_that_does_not_fit_is_an_error_before_memory_is_full(
    name, says, command, fits, frame, tmp_path, narrow, capsys
):
    path = written(frame, tmp_path / name)
    narrow(0.25)
    assert main([command, path, "--labels", "ill,well"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    for part in (
        says,
        f"`maskloss {command}` needs about 0.3 GB",
        f"sample of its rows by --rows {fits}$",
    ):
        assert re.search(part, line), line
    narrow(1)
    is_fitted = command == "compare"
    table = read_table(path, labels="ill,well", to_fit=is_fitted)
    assert table.targets.shape == (ROWS, 2)


def test_the_advice_of_the_error_fits(frame, tmp_path, narrow):
    path = written(frame, tmp_path / "t.csv")
    narrow(0.25)
    table = read_table(path, labels="ill,well", rows=1000)
    assert table.targets.shape == (1000, 2)
    assert table.notes[0] == "A random sample of 1,000 of the 2,500 rows of the table."


def test_long_texts_count(frame, tmp_path, narrow):
    path = written(frame.assign(text="x" * 1000), tmp_path / "t.csv")
    narrow(10)
    assert read_table(path, labels="ill").targets.shape == (ROWS, 1)
    with pytest.raises(UserError, match="x 5 columns and 2,500,000 characters of text"):
        read_table(path, labels="ill", text="text")


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_a_sample_is_rows_of_the_table_in_their_order(name, frame, tmp_path):
    path = written(frame, tmp_path / name)
    table = read_table(path, labels="ill,well", rows=100)
    place = table.numeric[:, table.feature_names.index("id")].astype(int)
    assert len(set(place)) == 100
    assert (np.diff(place) > 0).all()
    np.testing.assert_array_equal(table.targets, frame[["ill", "well"]].to_numpy()[place])
    again = read_table(path, labels="ill,well", rows=100)
    np.testing.assert_array_equal(again.numeric, table.numeric)
    whole = read_table(path, labels="ill,well")
    for rows in (ROWS, ROWS + 1):
        every = read_table(path, labels="ill,well", rows=rows)
        assert every.notes == whole.notes
        np.testing.assert_array_equal(every.numeric, whole.numeric)


def test_every_row_is_as_likely_as_another(monkeypatch):
    chunks = [pd.DataFrame({"a": np.arange(start, start + 10)}) for start in range(0, 100, 10)]
    counts = np.zeros(100)
    for seed in range(400):
        monkeypatch.setattr("maskloss._cli._sample._SEED", seed)
        sample, number = sampled(chunks, 7)
        assert (len(sample), number) == (7, 100)
        counts[sample["a"]] += 1
    # The counts of 400 draws at 0.07 have a standard deviation of 5.1.
    assert abs(counts - 28).max() < 5 * 5.1


def test_a_sample_is_read_as_it_is_written(tmp_path):
    path = tmp_path / "t.tsv"
    lines = [f'0{k}\t"two\nlines, ""{k}"""\t{("NA", "", "--")[k % 3]}\t{k % 2}' for k in range(50)]
    path.write_text("\n".join(["code\twords\till\twell", *lines]))
    every = read_table(
        str(path), labels="ill,well", text="code", missing="--", rows=50, to_fit=False
    )
    whole = read_table(str(path), labels="ill,well", text="code", missing="--", to_fit=False)
    assert every.text == whole.text == tuple(f"0{k}" for k in range(50))
    np.testing.assert_array_equal(every.targets, whole.targets)


def test_rows_must_be_one_or_more(frame, tmp_path, capsys):
    path = written(frame, tmp_path / "t.csv")
    assert main(["inspect", path, "--labels", "ill", "--rows", "0"]) == 2
    assert "--rows 0: expected 1 or more" in capsys.readouterr().err


@pytest.mark.parametrize("last", ["x", "True", "2.50"])
def test_a_column_is_read_the_same_in_chunks(last, frame, tmp_path):
    frame["kind"] = ["1"] * (ROWS - 1) + [last]
    frame["late"] = [np.nan] * (ROWS - 1) + [1.5]
    table = read_table(written(frame, tmp_path / "t.csv"), labels="ill,well")
    is_number = last == "2.50"
    assert ("kind" in table.feature_names) is is_number
    assert ("kind=1" in table.feature_names) is not is_number
    assert np.isfinite(table.numeric[:, table.feature_names.index("late")]).sum() == 1


@pytest.fixture
def model(frame, tmp_path, capsys):
    path, file = written(frame.assign(text="x"), tmp_path / "learnt.csv"), tmp_path / "m.maskloss"
    options = ("--labels", "ill,well", "--text", "text", "--group", "id", "--folds", "2")
    assert main(["compare", path, *options, "--save-model", str(file)]) == 0
    capsys.readouterr()
    return str(file)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_predictions_of_a_table_are_those_of_its_parts(name, frame, model, tmp_path, monkeypatch):
    new = frame[["height", "id"]].assign(text=["xy" * (k % 7) for k in range(ROWS)])
    new.loc[:1500, "height"] = np.nan  # a chunk without a number
    out = tmp_path / "out.csv.gz"

    def predicted(part):
        assert main(["predict", written(part, tmp_path / name), model, "--output", str(out)]) == 0
        return pd.read_csv(out)

    want = pd.concat([predicted(part) for part in (new[:700], new[700:])], ignore_index=True)
    assert len(want) == ROWS
    for cells, characters in ((2**19, 2**22), (1, 100)):
        monkeypatch.setattr("maskloss._cli._text._CELLS", cells)
        monkeypatch.setattr("maskloss._cli._predict._CHARACTERS", characters)
        pd.testing.assert_frame_equal(predicted(new), want)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_the_memory_of_predictions_does_not_grow_with_the_table(name, frame, model, tmp_path):
    def peak(times):
        new = pd.concat([frame.assign(text="x")] * times)
        argv = ["predict", written(new, tmp_path / name), model, "--output", str(tmp_path / "out")]
        tracemalloc.start()
        try:
            assert main(argv) == 0
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("maskloss._cli._text._CELLS", 1)
        peak(1)  # imports
        assert peak(6) < 1.3 * peak(2)


def test_nothing_is_written_before_a_mistake_in_the_last_row(
    frame, model, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("maskloss._cli._text._CELLS", 1)
    rows = [*frame["height"].astype(str)[:-1], "tall"]
    path = written(frame.assign(text="x", height=rows), tmp_path / "t.csv")
    assert main(["predict", path, model]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "column 'height' holds text, such as 'tall'" in err


def test_the_table_is_not_overwritten(frame, model, tmp_path, capsys):
    path = written(frame.assign(text="x"), tmp_path / "t.csv")
    (tmp_path / "link.csv").symlink_to(path)
    assert main(["predict", path, model, "--output", str(tmp_path / "link.csv")]) == 2
    assert "is the table, which would be lost" in capsys.readouterr().err
    assert len(pd.read_csv(path)) == ROWS


def test_memory_that_runs_out_is_an_error(frame, model, tmp_path, monkeypatch, capsys):
    def fail(*_, **__):
        raise MemoryError

    path = written(frame.assign(text="x"), tmp_path / "t.csv")
    with monkeypatch.context() as patch:
        patch.setattr("joblib.load", fail)
        assert main(["predict", path, model]) == 2
    text = "memory ran out: close other programs, or predict parts of the table, each with"
    assert text in capsys.readouterr().err
    monkeypatch.setattr(pd, "read_csv", fail)
    assert main(["inspect", path, "--labels", "ill"]) == 2
    assert "memory ran out: take a random sample" in capsys.readouterr().err


def test_memory_per_cell(tmp_path, capsys):
    rows, features, labels = 20000, 10, 10
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(rows, features)).round(3)).add_prefix("x")
    gaps = {f"y{k}": np.where(rng.random(rows) < 0.5, np.nan, k) for k in range(labels)}
    path = written(frame.assign(**gaps), tmp_path / "t.csv")
    options = ["inspect", path, "--labels", "y*", "--json"]
    assert main([*options, "--rows", "10"]) == 0  # imports
    tracemalloc.start()
    try:
        assert main(options) == 0
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    capsys.readouterr()
    assert peak / (rows * (features + labels)) < 30
