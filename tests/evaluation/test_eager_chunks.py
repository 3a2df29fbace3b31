"""Chunks of libraries that compute eagerly without a graph, as CuPy and the strict namespace do."""

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_all_close
from helpers.frameworks import asnumpy
from helpers.problems import Problem
from maskloss._evaluation import chunks
from tables.cases import RICH, by_case


@by_case([case for case in RICH if case.is_split and not case.is_joint])
@pytest.mark.needs("array_api_strict")
def test_chunks_make_up_the_whole(backend, case, monkeypatch):
    problem = Problem.make(backend, case)
    wanted = problem.bind(ml.grad_and_hessian(case.loss))
    want = wanted(*problem.arrays)
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 20)
    assert_all_close(wanted(*problem.arrays), want)


@pytest.mark.needs("array_api_strict")
@pytest.mark.parametrize("rows", [1, 7, 8])
def test_the_last_chunk_may_be_shorter(backend, rows, monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 64)
    x = backend.asarray(np.arange(3.0 * rows).reshape(rows, 3))
    value, slope = ml.value_and_grad(ml.mse_loss)(x, backend.asarray(np.ones((rows, 3))))
    want = 2 * (np.arange(3.0 * rows) - 1) / (3 * rows)
    np.testing.assert_allclose(asnumpy(slope).ravel(), want, rtol=1e-6)
    np.testing.assert_allclose(asnumpy(value), np.mean((np.arange(3.0 * rows) - 1) ** 2))
