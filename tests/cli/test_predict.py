"""The commands that keep the best model and predict by it."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from maskloss._cli import main

ROWS = 200


@pytest.fixture
def frame():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(ROWS, 2))
    frame = pd.DataFrame(x, columns=["height", "weight"])
    frame["site"] = rng.choice(["north", "south"], ROWS)
    frame["dose"] = 100 + 20 * x[:, 1] + 5 * (frame["site"] == "north")
    frame["ill"] = np.where(x[:, 0] + x[:, 1] > 0, 5, 4)
    return frame


@pytest.fixture
def gaps(frame):
    """Return the frame with three labels in ten missing."""
    known = np.random.default_rng(5).random((ROWS, 2)) < 0.7
    return frame.assign(**frame[["dose", "ill"]].where(known))


@pytest.fixture
def path(tmp_path, gaps):
    """Write the frame with gaps, and return a function that writes another one."""

    def write(frame=gaps, name="table.csv"):
        frame.to_csv(tmp_path / name, index=False)
        return str(tmp_path / name)

    return write


@pytest.fixture
def model(path, tmp_path, capsys):
    """Return the path of a linear model of both labels."""
    file = tmp_path / "best.maskloss"
    labels = ("--labels", "dose,ill", "--folds", "2")
    assert main(["compare", path(), *labels, "--save-model", str(file)]) == 0
    assert "open only a model file that you trust" in capsys.readouterr().err
    return file


def predictions(capsys, table, model, *notes):
    assert main(["predict", table, str(model)]) == 0
    out, err = capsys.readouterr()
    trust = f"Opening {model} can run code: open only a model file that you trust."
    assert err.splitlines() == [*notes, trust]
    return pd.read_csv(io.StringIO(out))


def test_what_was_missing_is_predicted(frame, gaps, path, model, capsys):
    found = predictions(capsys, path(), model)
    assert list(found) == ["dose", "ill"]
    missing = gaps["dose"].isna()
    assert (found["dose"] - frame["dose"])[missing].abs().mean() < 2
    missing = gaps["ill"].isna()
    assert roc_auc_score(frame["ill"][missing] == 5, found["ill"][missing]) > 0.98


def test_columns_may_stand_anywhere_beside_others(gaps, path, model, capsys):
    want = predictions(capsys, path(), model)
    turned = gaps[["site", "weight", "height"]].assign(note="new", site=gaps["site"] + " ")
    got = predictions(capsys, path(turned[::-1], "turned.csv"), model)
    pd.testing.assert_frame_equal(got[::-1].reset_index(drop=True), want)


def test_gaps_and_unknown_words_are_no_mistake(gaps, path, model, capsys):
    site = ["east", "north", None]
    new = gaps[:3].assign(height=[np.nan, np.nan, 1.0], site=site)
    note = (
        "Column 'site': 1 of 2 words, such as 'east', are none that the model learnt, and count as "
        "no word; it learnt 'north', 'south'."
    )
    assert np.isfinite(predictions(capsys, path(new, "new.csv"), model, note)).all(axis=None)


@pytest.mark.parametrize("cells", [2**19, 1])
def test_a_column_without_anything_that_was_learnt_is_named(
    gaps, path, model, capsys, cells, monkeypatch
):
    """As one that was spelt or exported in another way; the last chunk may be the first to tell."""
    monkeypatch.setattr("maskloss._cli._text._CELLS", cells)
    new = pd.concat([gaps.assign(height=np.nan, site="North")] * 6, ignore_index=True)
    unknown = (
        "Column 'site': 1,200 of 1,200 words, such as 'North', are none that the model learnt, and "
        "count as no word; it learnt 'north', 'south'."
    )
    empty = "The model learnt from 'height', which no row of the table has."
    predictions(capsys, path(new, "new.csv"), model, unknown, empty)
    new.loc[len(new) - 1, "height"] = 1.0
    predictions(capsys, path(new, "new.csv"), model, unknown)
    both = "The model learnt from 'height', 'site', which no row of the table has."
    predictions(capsys, path(gaps.assign(height=np.nan, site=None), "new.csv"), model, both)


@pytest.mark.parametrize("cells", [2**19, 1])
def test_true_and_numbers_in_one_column_are_a_mistake(
    gaps, path, model, capsys, cells, monkeypatch
):
    """Also where the chunks of the table hold either one or the other."""
    monkeypatch.setattr("maskloss._cli._text._CELLS", cells)
    new = pd.concat([gaps] * 10, ignore_index=True)
    new["height"] = [None, "True"] * 500 + [None, "1.5"] * 500
    assert main(["predict", path(new, "new.csv"), str(model)]) == 2
    assert "'height' holds text, such as 'True': the model" in capsys.readouterr().err
    new["height"] = [None, "true"] * 500 + ["False", "TRUE"] * 500
    predictions(capsys, path(new, "new.csv"), model)


def test_words_that_look_like_numbers_stay_words(frame, path, tmp_path, capsys):
    file, batch = tmp_path / "batch.maskloss", np.arange(ROWS) % 3
    table = frame.assign(batch=np.array(["1", "2", "x"])[batch], dose=10.0 * batch + frame["dose"])
    options = ("--labels", "dose", "--folds", "2", "--save-model", str(file))
    assert main(["compare", path(table[["batch", "dose", "height"]]), *options]) == 0
    capsys.readouterr()
    want = predictions(capsys, path(table), file)[batch < 2].reset_index(drop=True)
    got = predictions(capsys, path(table[batch < 2], "new.csv"), file)
    pd.testing.assert_frame_equal(got, want)


def test_booleans_may_have_gaps(frame, path, tmp_path, capsys):
    file = tmp_path / "flag.maskloss"
    table = frame.assign(flag=frame["height"] > 0)[["flag", "weight", "ill"]]
    options = ("--labels", "ill", "--folds", "2", "--save-model", str(file))
    assert main(["compare", path(table), *options]) == 0
    capsys.readouterr()
    want = predictions(capsys, path(table), file)
    flags = table["flag"].astype(object).where(np.arange(ROWS) > 0)
    got = predictions(capsys, path(table.assign(flag=flags), "new.csv"), file)
    pd.testing.assert_frame_equal(got[1:], want[1:])
    assert 0 < got["ill"][0] < 1


@pytest.mark.parametrize("code", [[12, 34], [np.nan, np.nan]])
def test_numbers_as_text_in_parquet(code, frame, path, tmp_path, capsys):
    pytest.importorskip("pyarrow")
    file = tmp_path / "text.maskloss"
    words = frame.assign(code=np.where(frame["ill"] == 5, 34, 12), row=range(ROWS))
    table = path(words[["code", "ill", "row"]], "codes.csv")
    options = ("--labels", "ill", "--text", "code", "--group", "row", "--save-model", str(file))
    assert main(["compare", table, *options]) == 0
    capsys.readouterr()
    new = pd.DataFrame({"code": code, "row": [0, 0]})
    new.to_parquet(tmp_path / "new.parquet")
    empty = "The model learnt from 'code', which no row of the table has."
    notes = [empty] if np.isnan(code).all() else []
    found = predictions(capsys, str(tmp_path / "new.parquet"), file, *notes)
    new.to_csv(tmp_path / "new.csv", index=False)
    want = predictions(capsys, str(tmp_path / "new.csv"), file, *notes)
    pd.testing.assert_frame_equal(found, want)


def test_numbers_where_words_were_learnt_are_a_mistake(gaps, model, tmp_path, capsys):
    pytest.importorskip("pyarrow")
    table = tmp_path / "new.parquet"
    gaps.assign(site=range(ROWS)).to_parquet(table)
    assert main(["predict", str(table), str(model)]) == 2
    assert "'site' holds numbers, such as 0: the model learnt it as words, such as 'north'" in (
        capsys.readouterr().err
    )


def test_a_model_of_text(path, frame, tmp_path, capsys):
    file = tmp_path / "text.maskloss"
    words = frame.assign(word=np.where(frame["ill"] == 5, "CCOC", "c1cc"), row=range(ROWS))
    table = path(words[["word", "ill", "row"]], "words.csv")
    options = ("--labels", "ill", "--text", "word", "--group", "row", "--save-model", str(file))
    assert main(["compare", table, *options]) == 0
    capsys.readouterr()
    assert roc_auc_score(frame["ill"] == 5, predictions(capsys, table, file)["ill"]) == 1


def test_the_best_model_of_each_kind_is_kept(path, frame, tmp_path, capsys):
    pytest.importorskip("xgboost")
    file, out = tmp_path / "best.maskloss", tmp_path / "predictions.csv"
    product = frame["height"] * frame["weight"] > 0
    table = path(frame.assign(ill=product.astype(int)), "product.csv")
    options = ("--labels", "ill,dose", "--model", "linear,xgboost", "--save-model", str(file))
    assert main(["compare", table, *options, "--folds", "2"]) == 0
    contents = json.loads(file.read_bytes().partition(b"\n")[0].removeprefix(b"maskloss model 1 "))
    assert contents["models"] == {"binary": "xgboost", "numeric": "linear"}
    assert set(contents["versions"]) == {"maskloss", "scikit-learn", "xgboost"}
    assert main(["predict", table, str(file), "--output", str(out)]) == 0
    assert "dose" in pd.read_csv(out)
    assert roc_auc_score(product, pd.read_csv(out)["ill"]) > 0.95


def test_other_versions_are_named(path, model, capsys):
    model.write_bytes(model.read_bytes().replace(b'"scikit-learn": "', b'"scikit-learn": "0.'))
    assert main(["predict", path(), str(model)]) == 0
    assert "Written by scikit-learn 0." in capsys.readouterr().err


def cut(model, at):
    model.write_bytes(model.read_bytes()[:at])
    return model


MISTAKES = {
    "no column": (lambda f, m: (f.drop(columns="height"), m), "has no column 'height', which the"),
    "text": (
        lambda f, m: (f.assign(height="tall"), m),
        "column 'height' holds text, such as 'tall",
    ),
    "true among numbers": (
        lambda f, m: (f.assign(height=["true", *f["height"][1:]]), m),
        "column 'height' holds text, such as 'true'",
    ),
    "no rows": (lambda f, m: (f[:0], m), "has a header and no rows"),
    "no model": (lambda f, m: (f, m.parent / "table.csv"), "is no model of this command"),
    "absent model": (lambda f, m: (f, m.parent / "absent"), "cannot read"),
    "half a line": (lambda f, m: (f, cut(m, 100)), "the first line of"),
    "half a pickle": (lambda f, m: (f, cut(m, 900)), "cannot be opened here"),
    "columns before the pickle": (
        lambda f, m: (f.drop(columns="site"), cut(m, 900)),
        "has no column 'site'",
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(case, gaps, path, model, capsys):
    change, expected = MISTAKES[case]
    frame, file = change(gaps, model)
    assert main(["predict", path(frame, "new.csv"), str(file)]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.splitlines()[-1].startswith("maskloss: error: ")
    assert expected in err


def test_a_model_that_cannot_be_written_is_said_before_the_fits(path, capsys):
    assert main(["compare", path(), "--labels", "ill", "--save-model", "absent/m"]) == 2
    assert "--save-model absent/m: cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said(path, model, capsys):
    table = path()
    options = ["--labels", "ill", "--folds", "2", "--save-model", "/dev/full"]
    for argv in (
        ["predict", table, str(model), "--output", "/dev/full"],
        ["compare", table, *options],
    ):
        assert main(argv) == 2
        (*_, line) = capsys.readouterr().err.splitlines()
        assert line.startswith(
            f"maskloss: error: {argv[-2]} /dev/full: cannot be written: No space"
        )
