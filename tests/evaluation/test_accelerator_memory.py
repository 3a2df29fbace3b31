"""The memory of every loss on an accelerator, counted on tensors without values."""

import importlib
import math
from pathlib import Path

import numpy as np
import pytest

from maskloss._evaluation.chunks import CHUNK_BYTES, Chunks
from tables.cases import CASES, by_case

FOLDER = Path(__file__).parents[2] / "benchmarks"
MOST = 256 * 2**20
CHUNKS = 2

pytestmark = pytest.mark.needs("torch")


def can_be_cut(case):
    """Return whether a call computes the entries of a case in chunks, along the first axis."""
    is_whole = case.is_joint or case.is_batchwise or not case.is_split
    return not is_whole and 0 not in case.row_axes(case.arrays()[0].shape)


CUT = [case for case in CASES if can_be_cut(case)]


class Large:
    """The arrays of a case, repeated along the first axis until the prediction is some chunks."""

    def __init__(self, case, *, is_wide):
        import torch

        x, y, mask, weight = (np.asarray(array) for array in case.arrays())
        self.case, self._times = case, CHUNKS * CHUNK_BYTES // 4 // x.size
        self.x, self.y, mask, weight = (self._repeat(a, x.shape) for a in (x, y, mask, weight))
        self.keywords = {"mask": mask}
        if is_wide:
            self.x = self.x.to(torch.bfloat16)
            self.y = self.y.bool() if self.y.is_floating_point() else self.y
            self.keywords["weight"] = weight
        lined_up = case.lined_up(x.shape)
        for name, value in case.options.items():
            if isinstance(value, np.ndarray):
                value = self._repeat(value, x.shape if name in lined_up else None)
            self.keywords[name] = value

    def _repeat(self, array, shape):
        import torch

        kinds = {"f": torch.float32, "b": torch.bool}
        dtype = kinds.get(array.dtype.kind, torch.int64)
        is_long = shape is not None and array.shape[:1] == shape[:1]
        size = (array.shape[0] * self._times, *array.shape[1:]) if is_long else array.shape
        return torch.empty(size, dtype=dtype, device="meta")

    @property
    def tensors(self):
        """The prediction, and all others."""
        import torch

        others = [self.y, *self.keywords.values()]
        return self.x.requires_grad_(), *filter(torch.is_tensor, others)

    def loss(self, x, *others):  # noqa: ARG002 - counted as arguments
        """Compute value and slope."""
        return self.case.loss(x, self.y, **self.keywords)


@pytest.mark.parametrize("is_wide", [False, True], ids=["single", "half, weighted"])
@by_case(CUT)
def test_the_memory_beyond_the_slope_is_bounded(backend, case, is_wide, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    count = importlib.import_module("kernels").count
    large, evaluate, parts = Large(case, is_wide=is_wide), Chunks._part, []

    def counted(self, chunk, wanted):
        parts.append(chunk)
        return evaluate(self, chunk, wanted)

    monkeypatch.setattr(Chunks, "_part", counted)
    slope = 4 * large.x.numel()
    peak = count(large.loss, *large.tensors).peak * large.x.numel() * large.x.itemsize - slope
    assert peak <= MOST
    # Nor are chunks small for nothing: with one fewer, a third more might not fit.
    number, least = len(parts), math.ceil(slope / CHUNK_BYTES)
    assert number <= least + 1 or 1.3 * peak * number / (number - 1) >= MOST
