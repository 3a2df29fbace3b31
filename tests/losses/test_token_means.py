"""The means of trainers of language models, as combinations of keywords, against plain loops."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.problems import native

RNG = np.random.default_rng(3)
VALUES = RNG.normal(0, 1, (4, 5))
# The third sequence has no token that counts.
MASK = RNG.uniform(size=(4, 5)) < 0.6
MASK[2] = False
B, T = MASK.shape
N = MASK.sum(1)
SEQUENCES = [VALUES[b][MASK[b]] for b in range(B)]
SOME = [values for values in SEQUENCES if len(values)]
L = 64


def token_mean():
    return sum(map(sum, SEQUENCES)) / N.sum()


def token_mean_of_all_processes():
    return sum(map(sum, SEQUENCES)) / 100


def mean_of_means():
    return sum(sum(values) / len(values) for values in SOME) / len(SOME)


def mean_of_means_empty_as_0():
    return sum(sum(values) / max(len(values), 1) for values in SEQUENCES) / B


def mean_of_sums():
    return sum(map(sum, SEQUENCES)) / len(SOME)


def mean_over_constant_length():
    return sum(map(sum, SEQUENCES)) / (B * L)


def sum_over_length():
    return sum(map(sum, SEQUENCES)) / T


WAYS = [
    (token_mean, {}),
    (token_mean_of_all_processes, {"divisor": 100}),
    (mean_of_means, {"reduction": "samples"}),
    (mean_of_means_empty_as_0, {"weight": 1 / np.maximum(N, 1)[:, None], "divisor": B}),
    (mean_of_sums, {"divisor": len(SOME)}),
    (mean_over_constant_length, {"divisor": B * L}),
    (sum_over_length, {"divisor": T}),
]


@pytest.mark.parametrize(("loop", "keywords"), WAYS, ids=lambda way: getattr(way, "__name__", ""))
def test_a_mean_of_a_trainer(backend, loop, keywords):
    values, mask = native(backend, np.where(MASK, VALUES, np.nan)), backend.asarray(MASK)
    given = {k: native(backend, v) if np.ndim(v) else v for k, v in keywords.items()}
    got = ml.masked_mean(values, mask=mask, **given)
    np.testing.assert_allclose(float(got), loop(), rtol=1e-5)


def test_means_of_sequences_with_0_for_empty_ones(backend):
    values, mask = native(backend, VALUES), backend.asarray(MASK)
    means = asnumpy(ml.masked_mean(values, mask=mask, axis=1))
    np.testing.assert_allclose(means.mean(), mean_of_means_empty_as_0(), rtol=1e-5)
    assert means[2] == 0
