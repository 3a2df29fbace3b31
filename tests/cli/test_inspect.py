"""``maskloss inspect``: which labels are observed, and whether missing looks random."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu

from maskloss._cli import main
from maskloss._cli._ranksum import rank_sums

ROWS = 200


@pytest.fixture
def table(tmp_path):
    """Write two labels with gaps, one of them where `age` is high, and a number; return a path."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(ROWS, 2)), columns=["age", "height"])
    frame["ill"] = (frame["height"] > 0).astype(float).mask(frame["age"] > 0.5)
    frame["well"] = (frame["height"] > 1).astype(float).mask(rng.random(ROWS) < 0.5)
    frame["dose"] = frame["height"].round(1)

    def write(**columns):
        path = tmp_path / "table.csv"
        frame.assign(**columns).to_csv(path, index=False)
        return str(path)

    write.frame = frame
    return write


def inspect(capsys, path, labels, *options):
    assert main(["inspect", path, "--labels", labels, "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_shares_and_pairs_are_counted(table, capsys):
    document = inspect(capsys, table(), "ill,well,dose")
    known = table.frame[["ill", "well", "dose"]].notna().to_numpy()
    observed = [label["observed"] for label in document["labels"]]
    np.testing.assert_allclose(observed, known.mean(axis=0))
    np.testing.assert_allclose(document["observed_together"], known.T @ (known * 1.0) / ROWS)
    assert document["complete_rows"] == known.all(axis=1).sum()
    assert document["rows_by_observed_labels"] == np.bincount(known.sum(axis=1)).tolist()
    lost = known[~known.all(axis=1)].sum() / known.sum()
    np.testing.assert_allclose(document["lost_with_incomplete_rows"], lost)
    positives = [label["positives"] for label in document["labels"]]
    np.testing.assert_allclose(positives[:2], table.frame[["ill", "well"]].mean())
    assert positives[2] is None


def test_the_column_that_goes_with_missing_is_named(table, capsys):
    ill, well, dose = inspect(capsys, table(), "ill,well,dose")["labels"]
    assert ill["goes_with"]["column"] == "age"
    assert ill["goes_with"]["auc"] == 0.0
    assert ill["goes_with"]["p"] < 1e-10
    assert well["goes_with"]["p"] > 0.05
    assert dose["goes_with"] is None  # it has no gap


def test_rank_sums_are_scipys():
    """With ties and absent values, and multiplied by the number of tests."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 5, (60, 3)).astype(float)
    values[rng.random(values.shape) < 0.2] = np.nan
    known = rng.random((60, 2)) < 0.5
    tested = rank_sums([*values.T], known)
    for column, numbers in enumerate(values.T):
        for label, is_known in enumerate(known.T):
            there = np.isfinite(numbers)
            groups = numbers[there & is_known], numbers[there & ~is_known]
            want = mannwhitneyu(*groups, method="asymptotic", use_continuity=False)
            auc = want.statistic / (len(groups[0]) * len(groups[1]))
            np.testing.assert_allclose(tested.auc[column, label], auc, rtol=1e-12)
            np.testing.assert_allclose(tested.p[column, label], min(want.pvalue * 6, 1), rtol=1e-9)


def test_positives_alone_get_advice_of_their_own(table, capsys):
    alone = table.frame["ill"].where(table.frame["ill"] == 1)
    document = inspect(capsys, table(ill=alone), "ill,well")
    assert document["labels"][0]["positives"] == 1.0
    assert "assume_negative_loss" in document["advice"][1]


def test_a_complete_table_needs_nothing(table, capsys):
    first, second = inspect(capsys, table(), "dose")["advice"]
    assert first.startswith("No label is missing")
    assert second.startswith("No column could be tested")
    assert main(["inspect", table(), "--labels", "dose"]) == 0
    assert "Bonferroni" not in capsys.readouterr().out


def test_one_label_is_masked_as_its_rows_are_dropped(table, capsys):
    first, _ = inspect(capsys, table(), "ill")["advice"]
    assert first == "With one label, masking it and dropping the rows that miss it are the same."


def test_a_label_of_too_few_rows_is_not_tested(table, capsys):
    path = table(well=[1.0] * 3 + [None] * (ROWS - 3), ill=[1.0] * ROWS)
    assert inspect(capsys, path, "ill")["advice"][1].startswith("No column could be tested")
    assert inspect(capsys, path, "ill,well")["advice"][1].startswith("well has positives only")


def test_the_report_and_the_picture(table, capsys, tmp_path):
    picture = tmp_path / "coverage.png"
    argv = ["inspect", table(), "--labels", "ill,well,dose", "--output", str(picture)]
    assert main(argv) == 0
    printed = capsys.readouterr()
    assert "Missing does not look random for 1 of 3 labels" in printed.out.replace("\n", " ")
    assert "coverage.png" in printed.err
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_mistake_is_one_line(table, capsys):
    assert main(["inspect", table(), "--labels", "il"]) == 2
    assert capsys.readouterr().err == (
        "maskloss: error: the table has no column 'il': did you mean 'ill'?\n"
    )
