"""Mappings and tuples of heads, their keywords, and objectives as values."""

import copy
import functools
import pickle
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy
from helpers.objectives import (
    ADDABLE,
    HEADS,
    OBJECTIVE,
    S,
    arrays,
    assert_same,
    flat,
    numbers,
    on,
    steps,
)


class Pair(NamedTuple):
    kind: object
    depth: object


@pytest.mark.parametrize("make", [tuple, list, Pair._make], ids=["tuple", "list", "named tuple"])
def test_heads_by_place(backend, make):
    x, y, _ = on(backend, arrays())
    two = ["kind", "depth"]
    placed = ml.MultiObjective(make([HEADS[name] for name in two]))
    named = ml.MultiObjective({name: HEADS[name] for name in two})
    want, wanted = ml.value_and_grad(named)(*({n: g[n] for n in two} for g in (x, y)))
    got, gradients = ml.value_and_grad(placed)(*(make([g[n] for n in two]) for g in (x, y)))
    assert type(gradients) is type(make([1, 2]))
    assert type(got.values) is type(got.counts) is tuple
    assert_same([numbers(got, gradients)], [numbers(want, wanted)])


def test_results_keep_the_order_of_the_heads_and_gradients_that_of_the_predictions(backend):
    x, y, keywords = on(backend, arrays())
    turned = {name: x[name] for name in reversed(x)}
    result, gradients = ml.value_and_grad(OBJECTIVE)(turned, y, **keywords)
    assert list(gradients) == list(turned)
    assert list(result.values) == list(result.counts) == list(HEADS)
    assert float(result.total) == float(OBJECTIVE(x, y, **keywords).total)


def test_keywords_of_a_call_come_before_those_of_a_head(backend):
    objective = ml.MultiObjective((ml.Head(ml.mse_loss, missing=7), ml.Head(ml.mse_loss)))
    x = np.zeros(3, "float32")
    y = np.asarray([1.0, 7.0, 3.0], "float32")
    x, y = on(backend, ((x, x), (y, y)))

    def counts(**keywords):
        return [int(asnumpy(count)) for count in objective(x, y, **keywords).counts]

    known = backend.asarray(np.asarray([True, True, False]))
    assert counts() == counts(mask=None) == counts(missing=(None, None)) == [2, 3]
    assert counts(mask=(known, None)) == [1, 3]
    assert counts(mask=(None, known), missing=((1, 7), None)) == [1, 2]


def test_a_head_may_have_every_keyword_of_its_loss(backend):
    x, y, _ = on(backend, arrays())
    smoothed = partial(ml.cross_entropy, label_smoothing=0.1, missing=0)
    options = {"class_weight": backend.asarray(np.asarray([1.0, 2.0, 3.0], "float32"))}
    head = ml.Head(partial(smoothed, missing=1), missing=-1, **options)
    assert head.options == {"label_smoothing": 0.1, "missing": -1, **options}
    got = ml.MultiObjective([head])([x["kind"]], [y["kind"]])
    want = ml.cross_entropy(x["kind"], y["kind"], missing=-1, label_smoothing=0.1, **options)
    assert float(got.total) == float(want)


def test_objectives_survive_pickling_and_copying(backend):
    x, y, keywords = on(backend, arrays())
    want = float(OBJECTIVE(x, y, **keywords).total)
    derivatives = ml.value_and_grad(OBJECTIVE)
    for renew in (copy.deepcopy, lambda whole: pickle.loads(pickle.dumps(whole))):
        again = renew(OBJECTIVE)
        assert float(again(x, y, **keywords).total) == want
        for function in (ml.value_and_grad(again), renew(derivatives)):
            assert float(function(x, y, **keywords)[0].total) == want


def test_derivatives_of_a_partial_objective(backend):
    x, y, keywords = on(backend, arrays())
    s = backend.asarray(S)
    want, gradients = ml.value_and_grad(OBJECTIVE)(x, y, **keywords, log_variances=s)
    bound = ml.value_and_grad(partial(OBJECTIVE, log_variances=s))
    got, others = bound(x, y, **keywords)
    assert_same([numbers(got, others)], [numbers(want, gradients)])


@pytest.mark.needs("jax")
def test_results_are_pytrees_in_jax(backend):
    import jax

    whole, parts = steps(backend)
    want = ADDABLE(*whole[:2], **whole[2])

    @jax.jit
    def add(sums, part):
        return sums + ADDABLE(*part[:2], **part[2], reduction="sums")

    sums = ADDABLE(*parts[0][:2], **parts[0][2], reduction="sums")
    got = jax.jit(ADDABLE.combine)(functools.reduce(add, parts[1:], sums))
    for name in HEADS:
        np.testing.assert_allclose(got.values[name], want.values[name], rtol=1e-6)
    np.testing.assert_allclose(got.total, want.total, rtol=1e-6)

    def total(x):
        result = ADDABLE(x, whole[1], **whole[2])
        return result.total, result

    gradients, result = jax.jit(jax.grad(total, has_aux=True))(whole[0])
    assert jax.tree.structure(gradients) == jax.tree.structure(whole[0])
    np.testing.assert_allclose(result.total, want.total, rtol=1e-6)


@pytest.mark.needs("torch")
def test_results_are_pytrees_in_torch(backend):
    import torch
    from torch.utils import _pytree

    whole, _ = steps(backend)
    result = ADDABLE(*whole[:2], **whole[2])
    doubled = _pytree.tree_map(lambda a: a + a, result)
    assert type(doubled) is ml.ObjectiveValue
    torch.testing.assert_close(doubled.total, 2 * result.total)
    sums = ADDABLE(*whole[:2], **whole[2], reduction="sums")
    doubled = _pytree.tree_map(lambda a: a + a, sums)
    want = flat(ADDABLE.combine(sums + sums))
    torch.testing.assert_close(flat(ADDABLE.combine(doubled)), want, check_dtype=False)
