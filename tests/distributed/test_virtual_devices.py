"""Sums over virtual devices of JAX and replicas of TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def output(module, **environment):
    """Run a module of the tests alone, with the paths of this process."""
    paths = os.pathsep.join([str(TESTS), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-m", module],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        check=False,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_psum_of_sums_and_of_objectives_over_four_devices():
    pytest.importorskip("jax")
    flags = "--xla_force_host_platform_device_count=4"
    assert output("helpers.jax_devices", XLA_FLAGS=flags) == "done"


def test_sums_over_two_replicas_of_tensorflow():
    pytest.importorskip("tensorflow")
    assert output("helpers.tensorflow_replicas") == "2 True"
