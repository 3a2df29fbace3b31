"""The benchmark measures what it says, on small arrays."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


def run(script, *options, output):
    """Return what the benchmark writes, prints, and says on its way."""
    options = ["--smoke", "--rounds", "2", "--output", output, *options]
    done = subprocess.run(
        [sys.executable, script, *options], capture_output=True, check=True, text=True
    )
    results = json.loads(output.read_text(), parse_constant=pytest.fail)
    assert output.with_suffix(".png").exists() is bool(results)
    return {(r["name"], r["peer"]): r for r in results}, done.stdout, done.stderr


@pytest.fixture
def part(monkeypatch):
    """A module of the benchmark, by its name."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.mark.long
def test_numpy_beside_its_peers(tmp_path):
    output = tmp_path / "bench.json"
    results, printed, _ = run(FOLDER, "--libraries", "import,numpy", output=output)
    lines = [line.split("│") for line in printed.splitlines() if "│" in line]
    rows = [[cell.strip() for cell in line] for line in lines]
    for (name, _), result in results.items():
        (row,) = (row for row in rows if row[1] == name and result["peer"].startswith(row[2]))
        verdict = row[-2].removeprefix("no: ")
        assert verdict == (", ".join(result["misses"]) or "yes" * any(result["target"].values()))
        assert result["low"] <= result["ratio"] <= result["high"]
        assert len(result["ratios"]) == 2
        is_slow = result["ratio"] < (result["target"]["time"] or 0)
        assert ("time" in result["misses"]) is is_slow
        if name.startswith("NumPy"):
            assert result["counter"] == "tracemalloc"
            assert 0 < result["ours_mb"] < 1
            assert result["ours_error"] < 16
    for threads, target in (("1 thread", 2.2), ("2 threads", 3.2)):
        bce = results[f"NumPy, BCE, {threads}", "textbook formula times mask"]
        assert bce["target"]["time"] == target
        assert bce["theirs_error"] > 16
        assert bce["peer_is_safe"] is False
    by_hand = results["NumPy, indexed labels", "logits[rows, classes], then the dense loss"]
    assert by_hand["peer_is_safe"] is True
    imports = results["import maskloss", "import numpy"]
    assert imports["ours_mb"] is imports["ours_error"] is imports["peer_is_safe"] is None


def test_a_part_is_recorded_again_and_the_others_stay(tmp_path):
    output = tmp_path / "results.json"
    loops = {"date": "2026-01-01", "rows": [{"loss": "mse_loss", "some": [1.0, 2.0, 3.0]}]}
    output.write_text(json.dumps({"loops": loops}))
    options = ["--smoke", "--rounds", "2", "--parts", "numpy", "--output", output]
    script = FOLDER / "record.py"
    subprocess.run([sys.executable, script, *options], capture_output=True, check=True)
    results = json.loads(output.read_text(), parse_constant=pytest.fail)
    assert [*results] == ["numpy", "loops"]
    assert results["loops"] == loops
    assert {"date", "processor", "load", "versions", "seconds"} < results["numpy"].keys()
    for row in results["numpy"]["rows"]:
        low, median, high = row["time"]
        assert 0 < low <= median <= high


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--parts", "numpy,loop"], "--parts has loop: expected some of"),
        (["--smoke"], "--smoke would overwrite what was measured: give --output"),
    ],
)
def test_a_mistake_is_told_before_anything_is_measured(options, said):
    command = [sys.executable, FOLDER / "record.py", *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.long
def test_torch_beside_the_entries_taken_by_hand(tmp_path):
    pytest.importorskip("torch")
    options = ("--libraries", "torch", "--only", "indexed")
    results, _, _ = run(FOLDER, *options, output=tmp_path / "bench.json")
    (result,) = results.values()
    assert result["counter"] == "RSS"
    assert result["ours_error"] < 16
    assert result["peer_is_safe"] is True


def test_a_task_without_room_is_left_out(tmp_path):
    script = tmp_path / "crowded.py"  # which the contestants' processes import too
    script.write_text(
        f"""
import runpy, sys
sys.path.insert(0, {str(FOLDER)!r})
import room
room.SPARE = 2**60
if __name__ == "__main__":
    runpy.run_path({str(FOLDER / "__main__.py")!r})["main"]()
"""
    )
    options = ("--libraries", "numpy", "--only", "2 GB")
    results, _, said = run(script, *options, output=tmp_path / "bench.json")
    assert not results
    for name in ("value", "value and gradient"):
        assert f"NumPy, 2 GB memmap, {name}: left out, needs" in said


@pytest.mark.parametrize("counter", ["RSS", "tracemalloc"])
def test_memory_is_counted_beyond_arguments_and_results(part, counter):
    megabytes = 2**20
    argument = np.ones(32 * megabytes, "uint8")

    def task():
        temporaries = argument + 1, argument * 2
        return (np.add(*temporaries),)

    assert part("memory").COUNTERS[counter](task) == pytest.approx(64, abs=4)


@pytest.mark.parametrize(
    ("target", "misses"),
    [
        ({}, []),
        ({"time": 2.0, "memory": 3.0, "megabytes": 11.0}, []),
        ({"time": 2.1}, ["time"]),
        ({"memory": 3.1}, ["memory"]),
        ({"time": 2.1, "megabytes": 10.0}, ["time", "memory"]),
    ],
)
def test_a_result_says_what_it_misses(part, target, misses):
    measured = {"ours_ms": 1.0, "ratio": 2.0, "low": 2.0, "high": 2.0, "ratios": [2.0]}
    memory = {"counter": "RSS", "ours_mb": 10.0, "theirs_mb": 30.0}
    errors = {"ours_error": 1.0, "theirs_error": 1.0, "peer_is_safe": True}
    target = part("task").Target(**target)
    result = part("contest").Result("task", "peer", target, **measured, **memory, **errors)
    assert result.misses == misses


def test_entries_in_bounded_memory(tmp_path):
    options = ["--entries", "1e7", "--ways", "memmap", "--folder", str(tmp_path)]
    script = str(FOLDER / "entries.py")
    done = subprocess.run(
        [sys.executable, script, *options], capture_output=True, check=True, text=True
    )
    assert done.stdout.startswith("memmap: 1.0e+07 entries, 2999112 observed")
    assert not [*tmp_path.iterdir()]
