"""The command line: comparison, demo and doctor, and what they say of a mistake."""

import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import maskloss as ml
from maskloss._cli import main

ROWS = 240


@pytest.fixture
def frame():
    """Two yes-or-no labels and a number that follow from two columns, 40 % of each missing."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(ROWS, 3))
    noise = 0.3 * rng.normal(size=(3, ROWS))
    frame = pd.DataFrame(x, columns=["height", "weight", "age"])
    frame["ill"] = (x[:, 0] + x[:, 1] + noise[0] > 0).astype(float)
    frame["well"] = (x[:, 0] - x[:, 1] + noise[1] > 1).astype(float)
    frame["dose"] = 100 + 20 * x[:, 1] + noise[2]
    for label in ("ill", "well", "dose"):
        frame.loc[rng.random(ROWS) < 0.4, label] = np.nan
    frame["word"] = rng.choice(["alpha", "beta", "gamma", "delta"], ROWS)
    frame["site"] = rng.integers(0, 30, ROWS)
    return frame


@pytest.fixture
def table(frame, tmp_path):
    """Write the frame, changed by keywords, and return the path."""

    def write(name="table.csv", **columns):
        path = tmp_path / name
        frame.assign(**columns).to_csv(path, index=False)
        return str(path)

    return write


@pytest.fixture
def report(capsys):
    """Run a command with --json and return the document."""

    def run(*argv):
        assert main([*argv, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def scores(document, label, treatment="masked"):
    (entry,) = (entry for entry in document["labels"] if entry["name"] == label)
    return entry["scores"][treatment]


def verdicts(document, question):
    effects = (effect for effect in document["effects"] if effect["question"] == question)
    return {effect["against"]: effect["verdict"] for effect in effects}


def compare(path, labels="ill,well", *more):
    return ["compare", path, "--labels", labels, "--folds", "3", *more]


MISTAKES = {
    "missing file": (lambda _t, _: compare("absent.csv"), "no such file: absent.csv"),
    "folder": (lambda _, tmp: compare(str(tmp)), "cannot read"),
    "not gzip": (lambda _t, tmp: compare(binary(tmp / "a.csv.gz")), "cannot read"),
    "binary": (lambda _t, tmp: compare(binary(tmp / "a.csv")), "cannot read"),
    "empty file": (lambda _t, tmp: compare(written(tmp, "")), "cannot read"),
    "long row": (lambda _t, tmp: compare(written(tmp, "ill,well,x\n0,1,2\n0,1,2,3\n")), "cannot"),
    "every row long": (
        lambda _t, tmp: compare(written(tmp, "ill,x\n0,1,2\n"), "ill"),
        "cannot read",
    ),
    "no rows": (lambda _t, tmp: compare(written(tmp, "ill,well,x\n")), "no rows"),
    "unknown column": (lambda t, _: compare(t(), "il,well"), "no column 'il': did you mean 'ill'?"),
    "unknown text": (lambda t, _: compare(t(), "ill", "--text", "zzz"), "expected one of 'height'"),
    "unknown group": (lambda t, _: compare(t(), "ill", "--group", "zzz"), "no column 'zzz'"),
    "label is text": (lambda t, _: compare(t(), "ill", "--text", "ill"), "cannot be --text too"),
    "label is group": (lambda t, _: compare(t(), "ill", "--group", "ill"), "cannot be --group too"),
    "text label": (lambda t, _: compare(t(), "ill,word"), "holds text, such as"),
    "one value": (lambda t, _: compare(t(ill=1.0)), "one known value only, 1"),
    "no value": (lambda t, _: compare(t(ill=np.nan)), "no known value"),
    "one value left": (lambda t, _: compare(t(), "ill", "--missing", "0"), "one known value only"),
    "infinite label": (lambda t, _: compare(t(ill=[np.inf, 1] * 120)), "infinite"),
    "doubled label": (lambda t, _: compare(t(), "ill,well,ill"), "'ill' more than once"),
    "empty label": (lambda t, _: compare(t(), "ill,,well"), "empty name"),
    "few groups": (
        lambda t, _: compare(t(site=[0, 1] * 120), "ill", "--group", "site"),
        "2 groups",
    ),
    "one fold": (lambda t, _: [*compare(t()), "--folds", "1"], "--folds 1: expected 2 or more"),
    "few rows": (lambda t, _: [*compare(t()), "--folds", "999"], "240 rows, fewer than the 999"),
    "no features": (
        lambda _t, tmp: compare(written(tmp, "ill,w\n0,a\n1,b\n"), "ill"),
        "'w' could be",
    ),
    "picture format": (
        lambda t, _: [*compare(t()), "--output", "a.xyz"],
        "no picture format 'xyz'",
    ),
    "picture folder": (lambda t, _: [*compare(t()), "--output", "absent/a.png"], "existing folder"),
    "picture name": (lambda t, _: [*compare(t()), "--output", "a" * 300 + ".png"], "cannot be"),
    "backend": (lambda t, _: [*compare(t()), "--backend", "fortran"], "invalid choice: 'fortran'"),
    "no labels": (lambda t, _: ["compare", t()], "required: --labels"),
    "no command": (lambda _t, _: [], "required: COMMAND"),
}


def written(folder, text):
    path = folder / "written.csv"
    path.write_text(text)
    return str(path)


def binary(path):
    path.write_bytes(bytes(range(255, 0, -1)))
    return str(path)


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_line_and_exit_code_2(case, table, tmp_path, capsys):
    argv, expected = MISTAKES[case]
    assert main(argv(table, tmp_path)) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert err.startswith("maskloss: error: ")
    assert expected in err


@pytest.mark.parametrize("package", ["pandas", "rich", "sklearn", "scipy", "matplotlib"])
def test_without_a_package_the_command_says_what_to_install(package, table, monkeypatch, capsys):
    argv = compare(table())
    for name in [*sys.modules]:
        if name.startswith(("maskloss._cli._", f"{package}.")) and not name.endswith("._errors"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    assert main(argv) == 2
    expected = (
        f'`maskloss compare` needs {package}, which is not installed: pip install "maskloss[demo]"'
    )
    assert capsys.readouterr().err == f"maskloss: error: {expected}\n"


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_without_a_backend_the_command_says_what_to_install(library, table, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, library, None)
    assert main([*compare(table()), "--backend", library]) == 2
    assert f'pip install "maskloss[{library}]"\n' in capsys.readouterr().err


def test_labels_that_follow_from_the_features_are_fitted(table, report):
    document = report(*compare(table(), "ill,well,dose"))
    assert [label["kind"] for label in document["labels"]] == ["binary", "binary", "numeric"]
    assert scores(document, "ill")["roc_auc"] > 0.97
    assert scores(document, "well")["log_loss"] < 0.35
    assert scores(document, "dose")["r2"] > 0.95
    assert scores(document, "dose")["mean_prediction"] == pytest.approx(100, abs=5)
    assert document["features"]["left_out"] == []
    words = [f"word={word}" for word in ("alpha", "beta", "delta", "gamma")]
    assert document["features"]["numeric"] == ["height", "weight", "age", "site", *words]
    assert document["rows_used"]["masked"] == ROWS * 2 / 3


def test_masking_pays_where_few_rows_are_complete(table, report):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(ROWS, 12))
    y = (x @ rng.normal(size=(12, 6)) + rng.normal(size=(ROWS, 6)) > 0).astype(float)
    y[rng.random(y.shape) < 0.4] = np.nan
    features = {f"x{place}": column for place, column in enumerate(x.T)}
    labels = {f"y{place}": column for place, column in enumerate(y.T)}
    document = report(*compare(table(**features, **labels), ",".join(labels)))
    average = document["average"]["binary"]
    assert average["masked"]["roc_auc"] > average["dropped"]["roc_auc"] + 0.05
    assert average["masked"]["log_loss"] < min(
        average[rival]["log_loss"] for rival in ("filled", "dropped")
    )
    assert average["filled"]["mean_prediction"] < average["masked"]["mean_prediction"] - 0.1
    assert {effect["question"] for effect in document["effects"]} == {"ranking", "calibration"}
    assert verdicts(document, "calibration") == {
        "filled": "masking wins",
        "dropped": "masking wins",
    }
    assert any("[+" in line and "masking wins" in line for line in document["verdict"])


def test_a_complete_table_needs_no_mask(frame, table, report):
    labels = {name: frame[name].fillna(0.0) for name in ("ill", "well")}
    document = report(*compare(table(**labels)))
    assert document["verdict"][0].startswith("No label is missing")
    average = document["average"]["binary"]
    assert average["masked"] == average["filled"] == average["dropped"]


def test_backends_agree(chosen_backends, table, report):
    path = table()
    documents = [
        report(*compare(path, "ill,dose"), "--backend", library)
        for library in ("numpy", "torch", "jax")
        if library in {"numpy", *chosen_backends}
    ]
    for document in documents[1:]:
        for label in ("ill", "dose"):
            for treatment in ("masked", "filled", "dropped"):
                assert scores(document, label, treatment) == pytest.approx(
                    scores(documents[0], label, treatment), rel=1e-4, abs=1e-6
                )


@pytest.mark.parametrize("mark", ["-1", "-1.0", "?", "unknown"])
def test_a_mark_of_missing_labels_is_an_empty_cell(mark, frame, table, report):
    marked = {name: frame[name].astype(object).fillna(mark) for name in ("ill", "well")}
    document = report(*compare(table(**marked)), "--missing", mark)
    assert document["labels"] == report(*compare(table()))["labels"]


def test_two_values_are_the_classes_in_sorted_order(frame, table, report):
    named = {"ill": frame["ill"].map({0.0: "False", 1.0: "True"}), "well": frame["well"] + 4}
    document = report(*compare(table(**named)))
    assert document["labels"] == report(*compare(table()))["labels"]
    assert "Label well: 4 is taken as 0, 5 as 1." in document["notes"]


def test_three_values_are_questioned(frame, table, report):
    document = report(*compare(table(ill=frame["ill"].fillna(-1))))
    assert any("three values (-1, 0, 1)" in note for note in document["notes"])


def test_gaps_in_features_are_reported(frame, table, report):
    weight = frame["weight"].mask(frame.index < ROWS // 4)
    height = frame["height"].replace(frame["height"].max(), np.inf)
    document = report(*compare(table(weight=weight, height=height, age=np.inf), "ill,well,dose"))
    assert document["features"]["missing"] == {"weight": 0.25, "height": 1 / ROWS}
    assert document["features"]["left_out"] == ["age"]
    (note,) = (note for note in document["notes"] if "weight (25.0%)" in note)
    assert "filled with the mean of the training fold" in note
    assert scores(document, "ill")["roc_auc"] > 0.8


def test_rows_of_one_text_stay_in_one_fold(tmp_path, report):
    rng = np.random.default_rng(5)
    texts = ["".join(rng.choice(list("CNO#=c1()"), 12)) for _ in range(80)]
    frame = pd.DataFrame({"text": texts, "y": rng.integers(0, 2, 80)})
    frame = pd.concat([frame] * 3).assign(row=range(240))
    path = tmp_path / "texts.csv.gz"
    frame.to_csv(path, index=False)
    argv = compare(str(path), "y", "--text", "text")
    document = report(*argv)
    assert document["grouped_by"] == "text"
    assert scores(document, "y")["roc_auc"] < 0.7
    assert scores(report(*argv, "--group", "row"), "y")["roc_auc"] > 0.95


def test_text_predicts(frame, table, report):
    text = frame["word"] + " " + frame["word"][::-1].to_numpy()
    y = text.str.contains("alpha").astype(int)
    document = report(*compare(table(word=text, y=y), "y", "--text", "word", "--group", "site"))
    assert document["features"]["hashed"] == 4096
    assert document["grouped_by"] == "site"
    assert scores(document, "y")["roc_auc"] > 0.95


def test_a_label_of_one_class_is_left_out_and_named(frame, table, report):
    rare = (frame["site"] == 0).astype(float)
    document = report(*compare(table(rare=rare), "ill,rare", "--group", "site"))
    assert set(scores(document, "rare").values()) == {None}
    held_out, learnt, *_ = (note for note in document["notes"] if note.startswith("rare is left"))
    assert "one class only in the rows held out" in held_out
    assert "for 'masked': one class only in the rows to learn from" in learnt
    assert document["average"]["binary"]["masked"] == scores(document, "ill")


def test_a_class_lost_with_the_dropped_rows_is_named(frame, table, report):
    document = report(*compare(table(well=frame["well"].mask(frame["ill"] == 0))))
    assert scores(document, "ill", "dropped")["roc_auc"] is None
    assert scores(document, "ill", "masked")["roc_auc"] > 0.9
    for start in (
        "ill is left out of folds 1, 2, 3 for 'rows dropped'",
        "The averages of 'rows dropped' rest on 3 scores of a label in a fold, those of",
    ):
        assert any(note.startswith(start) for note in document["notes"])


def test_the_report_is_a_table_with_notes_and_a_verdict(table, capsys):
    assert main(compare(table(), "ill,well,dose")) == 0
    out, err = capsys.readouterr()
    assert not err
    for words in (
        "ROC-AUC",
        "R2",
        "as negative",
        "as mean",
        "55% known",
        "average",
        "Ranking (ROC-AUC",
        "Rule:",
    ):
        assert words in out


def test_json_holds_what_the_verdict_rests_on(table, report):
    document = report(*compare(table(), "ill,well,dose"))
    assert (document["maskloss"], document["seed"]) == (ml.__version__, 0)
    entry = document["labels"][0]
    folds = [fold["masked"]["roc_auc"] for fold in entry["fold_scores"]]
    assert np.mean(folds) == pytest.approx(entry["scores"]["masked"]["roc_auc"])
    for effect in document["effects"]:
        assert len(effect["fold_effects"]) == document["folds"]
        assert np.mean(effect["fold_effects"]) == pytest.approx(effect["effect"])
        low, high = effect["interval"]
        assert low <= effect["effect"] <= high
        assert set(effect["labels"]) == {"better", "worse"}
    found = [(effect["metric"], effect["against"]) for effect in document["effects"]]
    assert found == [
        (metric, rival)
        for metric in ("roc_auc", "log_loss", "r2")
        for rival in ("filled", "dropped")
    ]


@pytest.mark.parametrize("scale", [1e155, 1e306])
def test_a_number_too_large_to_square_spoils_no_other_label(scale, frame, table, tmp_path, report):
    huge = frame["dose"] / 100 * scale
    picture = str(tmp_path / "report.svg")
    document = report(*compare(table(huge=huge), "huge,dose", "--output", picture))
    assert set(scores(document, "huge").values()) == {None}
    assert scores(document, "dose")["r2"] > 0.95
    assert any("too large to square" in note for note in document["notes"])


def test_json_leaves_notes_to_standard_error(table, capsys):
    assert main([*compare(table()), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["notes"] == err.splitlines()


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG\r\n\x1a\n"), ("svg", b"<?xml")])
def test_the_picture_is_written(suffix, start, table, tmp_path, capsys):
    path = tmp_path / f"report.{suffix}"
    dollars = table(**{"$cost$": np.arange(ROWS) % 7})
    assert main([*compare(dollars, "ill,$cost$"), "--output", str(path)]) == 0
    assert path.read_bytes().startswith(start)
    assert path.stat().st_size > 10_000
    assert f"Picture: {path}" in capsys.readouterr().err


def test_the_picture_shows_what_is_observed(frame, table, tmp_path, capsys):
    path = tmp_path / "report.svg"
    assert main([*compare(table(), "ill,well,dose"), "--output", str(path)]) == 0
    words = re.sub(
        r"\s+", " ", " ".join(re.findall(r"<text[^>]*>([^<]*)", path.read_text("utf-8")))
    )
    share = frame[["ill", "well", "dose"]].notna().to_numpy().mean()
    assert f"240 rows, 3 labels, {share:.0%} of the labels observed" in words
    for panel in ("share of rows observed", "both labels observed", "AUC of a column"):
        assert panel in words
    assert re.search(r"Bonferroni over all \d+ tests", words)


def test_the_demo_says_that_no_row_is_complete(report):
    document = report("demo")
    average = document["average"]["binary"]
    assert average["masked"]["roc_auc"] > 0.98
    assert average["masked"]["log_loss"] < average["filled"]["log_loss"] / 2
    assert average["masked"]["mean_prediction"] == pytest.approx(0.09, abs=0.01)
    assert set(average["dropped"].values()) == {None}
    assert document["rows_used"]["dropped"] == 0
    assert any(note.startswith("No row has every label known") for note in document["notes"])
    assert verdicts(document, "ranking") == {"filled": "masking wins"}
    assert verdicts(document, "calibration") == {"filled": "masking wins"}


def test_help_and_version_load_no_array_library(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"maskloss {ml.__version__}\n"
    program = (
        "import sys, maskloss._cli as cli\n"
        "try: cli.main(['--help'])\n"
        "finally: assert not {'numpy', 'pandas', 'rich', 'torch', 'jax'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("usage: maskloss")
