"""The tables of docs/coming-from.md: ours is run, and theirs where that library is installed."""

import contextlib
import importlib
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from helpers.frameworks import asnumpy

PAGE = (Path(__file__).parents[2] / "docs" / "coming-from.md").read_text(encoding="utf-8")
SETUP = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
ROWS = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE)

# What the page calls a library, and whether it takes tensors of torch.
LIBRARIES = {
    "F": ("torch.nn.functional", True),
    "torch": ("torch", True),
    "torchvision": ("torchvision", True),
    "chemprop": ("chemprop", True),
    "smp": ("segmentation_models_pytorch", True),
    "monai": ("monai", True),
    "keras": ("keras", False),
    "tf": ("tensorflow", False),
    "optax": ("optax", False),
    "rax": ("rax", False),
    "sklearn": ("sklearn", False),
    "pycox": ("pycox", True),
    "scoringrules": ("scoringrules", False),
}


def namespace():
    names = {}
    exec(SETUP, names)
    return names


def theirs_of(call):
    """Return what their call gives; None where a library of it is not installed."""
    wanted = [LIBRARIES[name] for name in re.findall(r"\b(\w+)\.", call) if name in LIBRARIES]
    assert wanted, f"no library in {call}"
    if any(importlib.util.find_spec(module.partition(".")[0]) is None for module, _ in wanted):
        return None
    names = namespace()
    for name, (module, _) in LIBRARIES.items():
        if re.search(rf"\b{name}\.", call):
            names[name] = importlib.import_module(module)
    if wanted[0][1]:
        torch = importlib.import_module("torch")
        arrays = {k: torch.asarray(v) for k, v in names.items() if isinstance(v, np.ndarray)}
        names |= arrays
    with wide_numbers(names):
        return asnumpy(eval(call, names))


@contextlib.contextmanager
def wide_numbers(names):
    """Compute in float64 where a call is of a library over JAX, whatever the tests before set."""
    if not {"optax", "rax"} & {*names}:
        yield
        return
    config = importlib.import_module("jax").config
    before = config.jax_enable_x64
    config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        config.update("jax_enable_x64", before)


@pytest.mark.parametrize(("theirs", "ours"), ROWS, ids=[theirs for theirs, _ in ROWS])
def test_both_columns_are_the_same(theirs, ours):
    got = asnumpy(eval(ours, namespace()))
    assert np.isfinite(got).all()
    want = theirs_of(theirs)
    if want is not None:
        np.testing.assert_allclose(got, want, rtol=1e-5)


def test_every_row_is_found():
    assert len(ROWS) == len(re.findall(r"^\| `", PAGE, re.MULTILINE))
    named = {name for theirs, _ in ROWS for name in re.findall(r"\b(\w+)\.", theirs)}
    assert set(LIBRARIES) <= named


# What divides, where it is one number for all; else how the means are taken.
MEANS = {
    "number observed": lambda _, m: m.sum(),
    "number of entries": lambda _, m: m.size,
    "sum of w m": lambda w, m: w[m].sum(),
    "number observed of a class, then of classes that have any": lambda _, m: (
        m.sum(0) * m.any(0).sum()
    ),
    "number observed of a sample, then of samples that have any": lambda _, m: (
        m.sum(1, keepdims=True) * m.any(1).sum()
    ),
    "number of rows": lambda _, m: len(m),
    "number observed in all steps and devices": lambda *_: 64,
}


def test_the_meanings_of_mean():
    rows = re.findall(r"^\| ([^|`]+) \| `([^`]+)` \|", PAGE, re.MULTILINE)
    assert [name for name, _ in rows] == list(MEANS)
    names = namespace()
    x, z, w, m = (names[name] for name in ("x", "z", "w", "known"))
    for name, keyword in rows:
        got = eval(f"ml.mse_loss(x, z, weight=w, mask=known, {keyword})", names)
        shares = np.where(m, w * (x - z) ** 2, 0) / np.maximum(MEANS[name](w, m), 1)
        np.testing.assert_allclose(got, shares.sum(), rtol=1e-12, err_msg=name)
