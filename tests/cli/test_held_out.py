"""What `compare --predictions` writes of held-out rows, and files that must not be overwritten."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, r2_score

from maskloss._cli import main

ROWS = 120
TREATMENTS = ["masked", "filled", "dropped"]


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(ROWS, 2))
    frame = pd.DataFrame(x, columns=["height", "weight"])
    frame["ill"] = (x[:, 0] + 0.3 * rng.normal(size=ROWS) > 0).astype(float)
    frame["dose"] = 100 + 20 * x[:, 1] + rng.normal(size=ROWS)
    for label in ("ill", "dose"):
        frame.loc[rng.random(ROWS) < 0.3, label] = np.nan
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    return str(path)


def compare(table, *more):
    return ["compare", table, "--labels", "ill,dose", "--folds", "3", *more]


def test_scores_of_the_predictions_are_those_of_the_report(table, tmp_path, capsys):
    written = str(tmp_path / "out.csv.gz")
    assert main([*compare(table), "--json", "--predictions", written]) == 0
    document, held_out = json.loads(capsys.readouterr().out), pd.read_csv(written)
    assert list(held_out) == ["row", "fold", "treatment", "ill", "dose"]
    assert held_out["treatment"].unique().tolist() == TREATMENTS
    truth = pd.read_csv(table)
    metrics = {"ill": ("log_loss", log_loss), "dose": ("r2", r2_score)}
    for entry in document["labels"]:
        name, (metric, score) = entry["name"], metrics[entry["name"]]
        for (treatment, fold), rows in held_out.groupby(["treatment", "fold"]):
            labels = truth[name].iloc[rows["row"] - 1].to_numpy()
            known = ~np.isnan(labels)
            want = entry["fold_scores"][fold - 1][treatment][metric]
            assert score(labels[known], rows[name][known]) == pytest.approx(want, rel=1e-6)
    for _, rows in held_out.groupby("treatment"):
        assert sorted(rows["row"]) == list(range(1, ROWS + 1))


def test_of_several_models_the_best_one_predicts(table, tmp_path, capsys):
    alone, best = str(tmp_path / "alone.csv"), str(tmp_path / "best.csv")
    assert main([*compare(table), "--predictions", alone]) == 0
    models = [*compare(table), "--json", "--model", "xgboost,linear", "--predictions", best]
    capsys.readouterr()
    assert main(models) == 0
    assert set(json.loads(capsys.readouterr().out)["best"].values()) == {"linear"}
    pd.testing.assert_frame_equal(pd.read_csv(best), pd.read_csv(alone))


@pytest.mark.parametrize("ending", [".zip", ".csv.gz", ".tar", ".csv.xz"])
def test_compressed_predictions_have_all_lines(ending, table, tmp_path):
    path = str(tmp_path / f"held_out{ending}")
    assert main([*compare(table), "--predictions", path]) == 0
    assert len(pd.read_csv(path)) == 3 * ROWS


def test_two_options_write_two_files(table, tmp_path, capsys):
    path = str(tmp_path / "one")
    assert main([*compare(table), "--predictions", path, "--save-model", path]) == 2
    assert "--predictions and --save-model are one file" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--predictions", "--save-model", "--output"])
def test_the_table_is_not_overwritten(option, table, tmp_path, capsys):
    (tmp_path / "link.svg").symlink_to(table)
    assert main([*compare(table), option, str(tmp_path / "link.svg")]) == 2
    assert f"{option} " in (error := capsys.readouterr().err)
    assert "is the table, which would be lost" in error
    assert len(pd.read_csv(table)) == ROWS


def test_the_model_is_not_overwritten(table, tmp_path, capsys):
    model = str(tmp_path / "best.maskloss")
    assert main([*compare(table), "--save-model", model]) == 0
    assert main(["predict", table, model, "--output", model]) == 2
    assert "is the model, which would be lost" in capsys.readouterr().err
    assert main(["predict", table, model]) == 0


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--predictions", "/dev/full"], "--predictions /dev/full: cannot be written"),
        (["--predictions", "absent/out.csv"], "--predictions absent/out.csv: cannot be written"),
        (["--predictions", "out.csv", "--rows", "50"], "--predictions goes with all rows"),
    ],
)
def test_mistakes(more, expected, table, capsys):
    assert main([*compare(table), *more]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("number", [1e300, -1.7e308])
def test_features_too_large_to_square_are_left_out_and_named(number, table, capsys):
    frame = pd.read_csv(table)
    frame["huge"] = np.where(frame.index == 3, number, 1.0)
    frame.to_csv(table, index=False)
    assert main([*compare(table), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["features"]["numeric"] == ["height", "weight"]
    assert "Left out, holding numbers beyond 1e+150: huge." in document["notes"]
