"""What `docs/guarantees.md` says of threads of other libraries, and of memory that is kept."""

import functools
import os
import platform
import subprocess
import sys

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy

MIB = 1 << 20


def dice(x, y):
    return ml.value_and_grad(ml.dice_loss)(x, y)


def layer(x, y):
    """Return value and gradients of a layer with a row of features for each 1000 numbers."""
    rows, labels = x.reshape(-1, 1000), y.reshape(-1, 1000)[:, :3]
    loss = functools.partial(ml.linear_binary_cross_entropy, rows, rows[:3] / 30, labels)
    value, gradients = ml.value_and_grad(loss.func)(*loss.args)
    return value, *gradients


@pytest.mark.needs("torch")
@pytest.mark.parametrize("loss", [dice, layer])
def test_threads_of_torch_change_some_epsilons(backend, loss):
    import torch

    rng = np.random.default_rng(0)
    x = backend.asarray(rng.uniform(size=1_000_000).astype("float32"))
    y = backend.asarray((rng.uniform(size=1_000_000) < 0.3).astype("float32"))
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 4):
            torch.set_num_threads(threads)
            found.append([asnumpy(part) for part in loss(x, y)])
    finally:
        torch.set_num_threads(before)
    epsilon = np.finfo("float32").eps
    for one, other in zip(*found, strict=True):
        size = np.abs(one).max()
        np.testing.assert_allclose(one, other, rtol=0, atol=8 * epsilon * size)


KEPT = """
import numpy as np
import maskloss as ml

def used():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

x, y = np.zeros(1_000_000), np.ones(1_000_000)
loss = ml.value_and_grad(ml.mse_loss)
loss(x[:9], y[:9])
before = used()
loss(x, y)
np.ones(20 << 20, np.uint8)
print(used() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
@pytest.mark.needs("numpy")
def test_memory_is_kept_unless_the_environment_fixes_the_threshold():
    def kept(**more):
        environment = {key: os.environ[key] for key in os.environ if "MALLOC" not in key} | more
        command = [sys.executable, "-c", KEPT]
        return int(subprocess.run(command, check=True, capture_output=True, env=environment).stdout)

    assert 15 * MIB < kept() < 40 * MIB
    assert kept(MALLOC_MMAP_THRESHOLD_="131072") < 2 * MIB
