"""Sums of several objectives over the steps of an epoch."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.objectives import (
    ADDABLE,
    HEADS,
    S,
    arrays,
    assert_same,
    by_learned,
    flat,
    of_head,
    on,
    steps,
)


@by_learned
def test_sums_of_steps_combine_to_the_whole(backend, learned):
    whole, parts = steps(backend)
    s = backend.asarray(S) if learned else None
    want = ADDABLE(*whole[:2], **whole[2], log_variances=s)
    sums = sum(ADDABLE(x, y, **keywords, reduction="sums") for x, y, keywords in parts)
    assert isinstance(sums, ml.ObjectiveSums)
    assert list(sums.heads) == list(HEADS)
    got = ADDABLE.combine(sums, log_variances=s)
    assert type(got) is ml.ObjectiveValue
    for one, other in zip(flat(got), flat(want), strict=True):
        np.testing.assert_allclose(asnumpy(one), asnumpy(other), rtol=1e-6)


def test_a_head_absent_from_all_sums_contributes_nothing(backend):
    x, y, keywords = on(backend, arrays(absent=["depth"]))
    depth = ml.Head(ml.mse_loss, missing=-1, empty=math.nan)
    objective = ml.MultiObjective({**ADDABLE.heads, "depth": depth})
    for s in (None, backend.asarray(S)):
        want = objective(x, y, **keywords, log_variances=s)
        sums = objective(x, y, **keywords, reduction="sums")
        got = objective.combine(sums, log_variances=s)
        assert math.isnan(float(got.values["depth"]))
        np.testing.assert_allclose(float(got.total), float(want.total), rtol=1e-6)


def test_the_gradients_of_sums_are_those_of_their_totals(backend):
    x, y, keywords = on(backend, arrays())
    sums, gradients = ml.value_and_grad(ADDABLE)(x, y, **keywords, reduction="sums")
    assert type(sums) is ml.ObjectiveSums
    for name, head in HEADS.items():
        options = {**head.options, **of_head(keywords, name), "reduction": "sums"}
        want, gradient = ml.value_and_grad(head.loss)(x[name], y[name], **options)
        assert_same([map(asnumpy, sums.heads[name])], [map(asnumpy, want)])
        np.testing.assert_array_equal(asnumpy(gradients[name]), asnumpy(gradient))


@pytest.mark.parametrize("other", [None, 1, 2.0, (1,), ml.Sums(1, 1, 1)], ids=str)
def test_sums_of_objectives_add_to_nothing_else(backend, other):
    x, y, keywords = on(backend, arrays())
    sums = ADDABLE(x, y, **keywords, reduction="sums")
    for add in (lambda: sums + other, lambda: other + sums):
        with pytest.raises(TypeError):
            add()
    for multiply in (lambda: sums * 2, lambda: 2 * sums):
        with pytest.raises(TypeError, match="ObjectiveSums cannot be multiplied"):
            multiply()


def test_sums_of_other_heads_are_refused():
    one, two = (ml.ObjectiveSums({name: ml.Sums(1, 1, 1)}) for name in ("kind", "depth"))
    with pytest.raises(ValueError, match=r"'kind'.*'depth'.*one objective"):
        one + two
