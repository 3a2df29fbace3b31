"""Sums of parts of a batch are the sums of the batch, or the loss says why not."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import Problem
from tables.cases import CASES, by_case


@by_case()
def test_sums_of_parts_are_the_sums_of_the_whole(backend, case):
    x, y, mask, weight = case.arrays()
    if not case.is_split:
        with pytest.raises(ValueError, match='reduction="sums" cannot be added up'):
            Problem.make(backend, case).call(reduction="sums")
        return
    if 0 in case.row_axes(x.shape):
        # Entries go through the whole batch: their sums are added to those of other batches.
        batches = [Problem.make(backend, case, seed=seed).call(reduction="sums") for seed in (0, 1)]
        counts = [int(asnumpy(sums.count)) for sums in (*batches, sum(batches))]
        assert counts[0] + counts[1] == counts[2] > 1
        return
    parts = [
        Problem.of(backend, case.at(k, x.shape), x[k], y[k], mask[k], weight[k])
        for k in (slice(0, 1), slice(1, 2), slice(2, None))
    ]
    merged = sum(part.call(reduction="sums") for part in parts)
    want = Problem.make(backend, case).call(reduction="sums")
    assert isinstance(merged, ml.Sums)
    assert int(asnumpy(merged.count)) == int(asnumpy(want.count))
    for name in ("total", "weight"):
        got = asnumpy(getattr(merged, name))
        np.testing.assert_allclose(got, asnumpy(getattr(want, name)), rtol=1e-5)


def test_some_losses_do_not_split():
    assert {case.is_split for case in CASES} == {True, False}
