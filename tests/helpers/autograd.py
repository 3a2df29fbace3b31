"""Gradients of torch in the eager evaluator, and by way of whole arrays."""

import pytest

import maskloss as ml
from helpers.comparison import assert_all_close
from helpers.eager import (
    gradient_of,
    whole_arrays,
)
from helpers.frameworks import asnumpy
from tables.cases import KINDS, by_case

VECTORS = [
    {"reduction": "none"},
    {"reduction": "sums"},
    {"reduction": "sums", "axis": 0},
    {"reduction": "macro"},
    {"reduction": "samples"},
    {"reduction": "weighted_mean", "axis": 0},
    {"axis": 0},
    {"axis": 1},
    {"axis": ()},
    {},
]


each_kind = by_case(KINDS)


each_vector = pytest.mark.parametrize("way", VECTORS, ids=str)


def draw(like, seed=0):
    import torch

    generator = torch.Generator().manual_seed(seed)
    return torch.randn(like.shape, generator=generator, dtype=like.dtype)


def traced(problem, grad_output=None, **way):
    with whole_arrays():
        return gradient_of(problem, grad_output, **way)


def result_of(problem, **way):
    value = problem.call(**way)
    return value.total if isinstance(value, ml.Sums) else value


def same(got, want, epsilons=16):
    assert got.dtype == want.dtype
    assert_all_close([asnumpy(got)], [asnumpy(want)], epsilons)
