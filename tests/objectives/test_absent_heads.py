"""A head of which nothing is observed contributes exactly nothing."""

import math
from functools import partial

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.objectives import (
    HEADS,
    OBJECTIVE,
    S,
    arrays,
    assert_same,
    by_learned,
    everything,
    on,
    poisoned,
)

ABSENT = [["depth"], ["kind", "size"], ["tags"], list(HEADS)]


by_absent = pytest.mark.parametrize("absent", ABSENT, ids=", ".join)


@by_absent
@by_learned
def test_an_absent_head_contributes_exactly_nothing(backend, absent, learned):
    x, y, keywords = arrays(absent=absent)
    s = {"log_variances": S} if learned else {}
    got = everything(backend, x, y, {**keywords, **s})
    for k, name in enumerate(HEADS):
        if name in absent:
            assert not got[1][k].any()
            assert not got[2][k].any()
            assert got[0][1 + k] == got[0][1 + len(HEADS) + k] == 0
    present = [name for name in HEADS if name not in absent]
    if not present:
        assert got[0][0] == 0.0
        return
    rest = ml.MultiObjective({name: HEADS[name] for name in present})
    x, y = ({name: group[name] for name in present} for group in (x, y))
    keywords = {
        key: {name: a for name, a in given.items() if name in present}
        for key, given in keywords.items()
    }
    s = {"log_variances": S[[list(HEADS).index(name) for name in present]]} if learned else {}
    want = everything(backend, x, y, {**keywords, **s}, rest)
    assert got[0][0] == want[0][0]
    for k, name in enumerate(present):
        for part in (1, 2):
            np.testing.assert_array_equal(got[part][list(HEADS).index(name)], want[part][k])


@by_absent
@by_learned
@pytest.mark.parametrize("poison", [np.nan, np.inf, -1e38])
def test_whatever_an_absent_head_holds(backend, absent, learned, poison):
    clean = arrays(absent=absent)
    dirty = poisoned(poison, absent)
    if learned:
        clean[2]["log_variances"] = S
        bad = [name in absent for name in HEADS]
        dirty[2]["log_variances"] = np.where(bad, poison, S).astype("float32")
    assert_same(everything(backend, *dirty), everything(backend, *clean))


@pytest.mark.needs("autodiff")
@by_absent
def test_whatever_an_absent_head_holds_by_autodiff(backend, absent):
    x, y, keywords = poisoned(np.nan, absent)
    s = np.where([name in absent for name in HEADS], np.nan, S).astype("float32")
    x, y, keywords = on(backend, (x, y, keywords))
    framework = FRAMEWORKS[backend.name]

    def total(name, array, s):
        return OBJECTIVE({**x, name: array}, y, **keywords, log_variances=s).total

    for k, name in enumerate(HEADS):
        gradient = asnumpy(framework.grad(partial(total, name), x[name], backend.asarray(s)))
        assert np.isfinite(gradient).all()
        assert gradient.any() == (name not in absent)
        of_s = asnumpy(framework.grad(partial(total, name), x[name], backend.asarray(s), by=1))
        assert np.isfinite(of_s).all()
        assert bool(of_s[k]) == (name not in absent)


def test_what_a_mean_over_nothing_is_stays_out_of_the_total(backend):
    heads = (ml.Head(ml.mse_loss, empty=math.nan), ml.Head(ml.mse_loss))
    x, y = on(backend, ((np.ones(2, "f4"),) * 2, (np.full(2, 3, "f4"),) * 2))
    for s in (None, backend.asarray(S[:2])):
        result, gradients = ml.value_and_grad(ml.MultiObjective(heads))(
            x, y, mask=(False, None), log_variances=s
        )
        assert math.isnan(float(result.values[0]))
        assert math.isfinite(float(result.total))
        assert not asnumpy(gradients[0]).any()
        assert asnumpy(gradients[1]).all()


def test_an_observed_nan_stays_visible(backend):
    x, y, keywords = arrays()
    x["size"][:] = np.nan
    value, _, _ = everything(backend, x, y, keywords)
    assert np.isnan(value[0])
    assert np.isfinite(value[1:4]).all()


@pytest.mark.needs("torch")
def test_a_total_of_nothing_is_connected_to_the_graph(backend):
    import torch

    x, y, keywords = on(backend, arrays(absent=list(HEADS)))
    x = {name: array.requires_grad_() for name, array in x.items()}
    s = torch.zeros(4, requires_grad=True)
    OBJECTIVE(x, y, **keywords, log_variances=s).total.backward()
    for leaf in (*x.values(), s):
        assert leaf.grad is not None
        assert not leaf.grad.any()
