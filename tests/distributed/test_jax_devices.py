"""`psum` of sums and of objectives over virtual devices of JAX."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jax")
TESTS = Path(__file__).parents[1]


def test_four_devices():
    done = subprocess.run(
        [sys.executable, "-m", "helpers.jax_devices"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)]),
            "XLA_FLAGS": "--xla_force_host_platform_device_count=4",
        },
        capture_output=True,
        check=False,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["done"], done.stdout
