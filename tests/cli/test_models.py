"""The command `compare` by several models."""

import json
import sys

import numpy as np
import pandas as pd
import pytest

from maskloss._cli import main

TREES = ("xgboost", "lightgbm", "catboost")
ROWS = 240


@pytest.fixture
def table(tmp_path):
    """Write labels that follow from a step and a product, which no line through zero does."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(ROWS, 2))
    frame = pd.DataFrame(x, columns=["height", "weight"])
    frame["site"] = rng.choice(["north", "south"], ROWS)
    frame["ill"] = (x[:, 0] * x[:, 1] > 0).astype(float)
    frame["dose"] = 100 + 20 * (x[:, 0] * x[:, 1] > 0) + (frame["site"] == "north")
    for label in ("ill", "dose"):
        frame.loc[rng.random(ROWS) < 0.3, label] = np.nan
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    return str(path)


def compare(table, *more):
    return ["compare", table, "--labels", "ill,dose", "--folds", "2", *more]


def report(capsys, *argv):
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_default_is_the_linear_model(table, capsys):
    plain = report(capsys, *compare(table))
    assert plain["model"] == "linear"
    assert report(capsys, *compare(table), "--model", "linear") == plain


@pytest.mark.parametrize("name", TREES)
def test_trees_find_what_a_line_cannot(name, table, capsys):
    pytest.importorskip(name)
    document = report(capsys, *compare(table, "--model", f"linear,{name}"))
    assert [one["model"] for one in document["models"]] == ["linear", name]
    assert document["best"] == {"binary": name, "numeric": name}
    line, trees = (one["average"] for one in document["models"])
    assert trees["binary"]["masked"]["roc_auc"] > line["binary"]["masked"]["roc_auc"] + 0.2
    assert trees["numeric"]["masked"]["r2"] > line["numeric"]["masked"]["r2"] + 0.5
    assert [effect["against"] for effect in document["effects"]] == ["linear", "linear"]
    assert document["effects"][0]["effect"] > 0.2
    assert document["verdict"][1].startswith(f"{name} minus linear, 95% interval: +")


def test_the_report_names_the_models(table, tmp_path, capsys):
    pytest.importorskip("xgboost")
    picture = tmp_path / "report.png"
    assert main(compare(table, "--model", "linear,xgboost", "--output", str(picture))) == 0
    out, err = capsys.readouterr()
    words = " ".join(out.split())
    for part in ("model: linear;", "model: xgboost;", "Models, masked (ROC-AUC, higher is better)"):
        assert part in words
    assert err == f"Picture of xgboost: {picture}\n"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--model", "forest"], "invalid choice: 'forest' (choose from linear, xgboost"),
        (["--model", "linear,"], "invalid choice: ''"),
        (["--model", "xgboost", "--backend", "torch"], "--backend torch computes the loss of"),
    ],
)
def test_mistakes(options, text, table, capsys):
    assert main(compare(table, *options)) == 2
    out, err = capsys.readouterr()
    assert not out
    assert text in err


def test_an_absent_library_is_named(table, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "maskloss.sklearn._boosting_lightgbm", None)
    assert main(compare(table, "--model", "lightgbm")) == 2
    assert "lightgbm is not installed: pip install lightgbm" in capsys.readouterr().err
