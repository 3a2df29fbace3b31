"""What is filled in where nothing is observed, and the fixture of pytest."""

import os
import subprocess
import sys

import numpy as np
import pytest

from helpers.frameworks import asnumpy, dtype_of
from maskloss.testing import POISONS, poison_unobserved

MASK = np.asarray([True, False, True])


@pytest.mark.parametrize(
    ("numbers", "filled"),
    [
        (np.float32([1, 2, 3]), [np.nan, np.inf, -np.inf, 3.4028235e38, -3.4028235e38, 3]),
        (np.int32([1, 2, 3]), [-1, 2**31 - 1, -(2**31), 2**31 - 1, -(2**31), 3]),
        (np.int32([1, 0, 1]), [-1, 2**31 - 1, -(2**31), 2**31 - 1, -(2**31), 0]),
        (np.float32([1, 0, 1]), [np.nan, np.inf, -np.inf, 3.4028235e38, -3.4028235e38, 0.5]),
        (np.asarray([True, False, True]), [True] * 6),
    ],
)
def test_numbers_of_each_dtype(backend, numbers, filled):
    array = backend.asarray(numbers)
    for poison, number in zip(POISONS, filled, strict=True):
        got = poison_unobserved(array, backend.asarray(MASK), poison)
        assert dtype_of(got) == dtype_of(array)
        want = np.where(MASK, numbers, np.asarray(number).astype(numbers.dtype))
        np.testing.assert_array_equal(asnumpy(got), want)
    np.testing.assert_array_equal(asnumpy(array), numbers)  # the array of the caller stays


def test_nothing_observed_and_masks_of_numbers():
    np.testing.assert_array_equal(poison_unobserved(MASK * 2.0, MASK * 0, "plausible"), [1, 1, 1])


def test_an_unknown_poison():
    with pytest.raises(ValueError, match=r"`poison` must be one of 'nan', .*, got 'arsenic'"):
        poison_unobserved(MASK * 1.0, MASK, "arsenic")


def test_the_fixture_runs_a_test_once_for_each_poison(tmp_path):
    """As a plug-in alone, in a process of its own, where another test finds no such fixture."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["maskloss.testing.pytest_plugin"]\n')
    (tmp_path / "test_step.py").write_text(
        "import numpy as np\n"
        "def test_step(poison_unobserved):\n"
        "    mask = np.asarray([True, False])\n"
        "    assert poison_unobserved(np.asarray([1.0, 2.0]), mask)[mask] == 1.0\n"
    )
    options = ("-v", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path))
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment,
    )
    assert "6 passed" in done.stdout, done.stdout + done.stderr
    assert all(f"test_step[{poison}]" in done.stdout for poison in POISONS)
