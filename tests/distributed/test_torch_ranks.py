"""Losses of several processes of torch, which are those of one process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
TESTS = Path(__file__).parents[1]


@pytest.mark.long
def test_four_processes():
    """One spawn for everything; a process that hangs fails after 15 seconds, all after 240."""
    done = subprocess.run(
        [sys.executable, "-m", "helpers.torch_ranks"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)])},
        capture_output=True,
        check=False,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0", "1", "2", "3"], done.stdout
