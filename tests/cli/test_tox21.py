"""The main job on real data with real gaps, where the data lie beside the checkout."""

import json
from pathlib import Path

import pytest

from maskloss._cli import main

TABLE = Path(__file__).parents[3] / "shared" / "data" / "tox21.csv.gz"
ASSAYS = (
    "NR-AR,NR-AR-LBD,NR-AhR,NR-Aromatase,NR-ER,NR-ER-LBD,NR-PPAR-gamma,"
    "SR-ARE,SR-ATAD5,SR-HSE,SR-MMP,SR-p53"
)


@pytest.mark.skipif(not TABLE.exists(), reason=f"needs {TABLE.name} in shared/data")
@pytest.mark.long
def test_masking_pays_on_tox21(capsys):
    assert main(["compare", str(TABLE), "--labels", ASSAYS, "--text", "smiles", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    scores = report["average"]["binary"]
    observed = sum(label["observed_mean"] for label in report["labels"]) / len(report["labels"])
    masked, others = scores["masked"], [scores["filled"], scores["dropped"]]

    assert masked["roc_auc"] > 0.80
    assert masked["roc_auc"] >= scores["dropped"]["roc_auc"] + 0.05
    assert all(masked["log_loss"] < other["log_loss"] for other in others)

    def distance(score):
        return abs(score["mean_prediction"] - observed)

    assert all(distance(masked) < distance(other) for other in others)
