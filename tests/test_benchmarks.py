"""The benchmark measures what it says, on small arrays."""

import json
import math
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_numpy_beside_its_peers(tmp_path):
    output = tmp_path / "bench.json"
    options = ["--smoke", "--rounds", "2", "--libraries", "numpy", "--output", output]
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks", *options], capture_output=True, check=True, text=True
    )
    results = {result["name"]: result for result in json.loads(output.read_text())}
    assert output.with_suffix(".png").exists()
    assert all(name.strip() in done.stdout for name in results)
    for result in results.values():
        assert result["low"] <= result["ratio"] <= result["high"]
        assert len(result["ratios"]) == 2
    bce = results["NumPy, BCE"]
    assert bce["ours_error"] < 16 < bce["theirs_error"]
    assert bce["peer_is_safe"] is False
    assert math.isnan(results["NumPy, 8 x 10"]["ours_error"])
