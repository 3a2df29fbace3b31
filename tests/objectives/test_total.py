"""Several objectives: each head as its loss by itself, and a total of what is observed."""

import math
from functools import partial

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import asnumpy, dtype_of
from helpers.objectives import (
    HEADS,
    OBJECTIVE,
    S,
    arrays,
    assert_same,
    everything,
    numbers,
    of_head,
    on,
)


def test_a_head_is_its_loss_by_itself(backend):
    x, y, keywords = on(backend, arrays())
    result, gradients = ml.value_and_grad(OBJECTIVE)(x, y, **keywords)
    _, hessians = ml.grad_and_hessian(OBJECTIVE)(x, y, **keywords)
    plain = OBJECTIVE(x, y, **keywords)
    assert_same([numbers(plain)], [numbers(result)])
    for name, head in HEADS.items():
        loss = partial(head.loss, **head.options, **of_head(keywords, name))
        value, gradient = ml.value_and_grad(loss)(x[name], y[name])
        hessian = ml.grad_and_hessian(loss)(x[name], y[name])[1]
        np.testing.assert_array_equal(asnumpy(result.values[name]), asnumpy(value))
        for got, want in ((gradients, gradient), (hessians, hessian)):
            want = head.weight * asnumpy(want)
            np.testing.assert_allclose(asnumpy(got[name]), want, rtol=2e-7)
            assert got[name].dtype == x[name].dtype
    counts = {name: int(asnumpy(count)) for name, count in result.counts.items()}
    assert counts == {"kind": 4, "depth": 4, "tags": 16, "size": 8}


def test_the_total_is_a_plain_loop(backend):
    x, y, keywords = arrays()
    value, _, _ = everything(backend, x, y, keywords)
    total = 0.0
    of_rows = []
    for row, label in zip(x["kind"].astype(float), y["kind"], strict=True):
        if label >= 0:
            of_rows.append(math.log(sum(math.exp(v) for v in row)) - row[label])
    total += 0.5 * sum(of_rows) / len(of_rows)
    pairs = zip(x["depth"].astype(float), y["depth"], strict=True)
    squares = [(a - b) ** 2 for a, b in pairs if b != -1]
    total += 2.0 * sum(squares) / len(squares)
    means = []
    for k in range(4):
        column = zip(x["tags"][:, k], y["tags"][:, k], keywords["mask"]["tags"][:, k], strict=True)
        losses = [math.log1p(math.exp(-a if b else a)) for a, b, known in column if known]
        means += [sum(losses) / len(losses)] if losses else []
    total += 0.25 * sum(means) / len(means)
    known = keywords["mask"]["size"]
    weight = keywords["weight"]["size"].astype(float)[known]
    total += (weight * abs(x["size"] - y["size"])[known]).sum() / weight.sum()
    np.testing.assert_allclose(value[0], total, rtol=1e-6)


def test_learned_weights_are_those_of_kendall_gal_and_cipolla(backend):
    x, y, keywords = arrays(absent=["tags"])
    fixed, gradients, hessians = everything(backend, x, y, keywords)
    got = everything(backend, x, y, {**keywords, "log_variances": S})
    total = 0.0
    for k, (name, head) in enumerate(HEADS.items()):
        s = float(S[k])
        half = 0.5 if head.loss is ml.mse_loss else 1.0
        if name != "tags":
            total += head.weight * (half * math.exp(-s) * float(fixed[1 + k]) + s / 2)
        factor = half * math.exp(-s)
        for ours, plain in ((got[1][k], gradients[k]), (got[2][k], hessians[k])):
            np.testing.assert_allclose(ours, factor * plain, rtol=1e-6)
    np.testing.assert_allclose(got[0][0], total, rtol=1e-6)
    assert_same([got[0][1:]], [fixed[1:]])


def test_the_learned_variance_of_a_squared_error_is_its_mean(backend):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 50)).astype("float32")
    objective = ml.MultiObjective({"depth": ml.Head(ml.mse_loss)})
    best = math.log(((x - y).astype(float) ** 2).mean())
    near = [np.asarray([best + d], "float32") for d in (-0.1, 0.0, 0.1)]
    low, least, high = (
        float(objective(*on(backend, ({"depth": x}, {"depth": y})), log_variances=s).total)
        for s in map(backend.asarray, near)
    )
    assert least < low
    assert least < high


def test_heads_of_different_dtypes(backend):
    if "float64" not in backend.dtypes:
        assert backend.name == "mlx"
        return
    x, y, keywords = arrays()
    x["depth"], y["depth"] = x["depth"].astype(float), y["depth"].astype(float)
    value, gradients, _ = everything(backend, x, y, {**keywords, "log_variances": S})
    x, y, keywords = on(backend, (x, y, keywords))
    s = backend.asarray(S)
    result, derivatives = ml.value_and_grad(OBJECTIVE)(x, y, **keywords, log_variances=s)
    dtypes = {name: dtype_of(value) for name, value in result.values.items()}
    assert dtypes == {"kind": "float32", "depth": "float64", "tags": "float32", "size": "float32"}
    assert result.total.dtype == result.values["depth"].dtype
    assert all(derivatives[name].dtype == x[name].dtype for name in x)
    assert np.isfinite(value[0])
    assert np.isfinite(gradients[1]).all()


@pytest.mark.needs("float16")
def test_the_gradient_of_half_precision_is_rounded_once(backend):
    """By itself, that of the mean is no normal number of float16."""
    size = 100_000
    head = ml.Head(ml.mse_loss, weight=1000.0)
    x, y = np.full(size, 1 + 2**-7, "float16"), np.ones(size, "float16")
    x, y = on(backend, ((x,), (y,)))
    result, (gradient,) = ml.value_and_grad(ml.MultiObjective([head]))(x, y)
    assert gradient.dtype == x[0].dtype
    np.testing.assert_allclose(asnumpy(gradient), 1000 * 2**-6 / size, rtol=2**-10)
    np.testing.assert_allclose(asnumpy(result.total), 1000 * 2**-14, rtol=1e-6)
