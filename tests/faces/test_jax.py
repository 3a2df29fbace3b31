"""The functions in JAX's training loops: scans, rematerialisation, ensembles, flax and equinox."""

import functools
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import maskloss as ml
from helpers import pages
from helpers.problems import Problem
from maskloss._arrays.support import backend
from tables.cases import CASES, by_case

STEPS, ROWS, COLUMNS, CLASSES = 5, 4, 3, 2
FAMILIES = [
    ml.binary_cross_entropy_with_logits,
    ml.cross_entropy,
    ml.multilabel_margin_loss,
    ml.dice_loss,
    ml.softmax_ranking_loss,
]
OF_FAMILIES = [next(case for case in CASES if case.loss is loss) for loss in FAMILIES]


@pytest.fixture
def steps():
    """Steps with ever fewer targets, the last with none; what is missing is not a number."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(STEPS, ROWS, COLUMNS))
    y = rng.normal(size=(STEPS, ROWS, CLASSES))
    y[rng.uniform(size=y.shape) < np.linspace(0, 1, STEPS)[:, None, None]] = np.nan
    y[-1] = np.nan
    return x, y


@pytest.fixture
def matrix():
    return np.random.default_rng(1).normal(size=(COLUMNS, CLASSES))


def mean_and_gradient(matrix, x, y):
    """The mean squared error of what is observed, and its gradient, in NumPy."""
    x, y = x.reshape(-1, COLUMNS), y.reshape(-1, CLASSES)
    known = ~np.isnan(y)
    error = np.where(known, x @ matrix - np.where(known, y, 0), 0)
    return (error**2).sum() / known.sum(), 2 * x.T @ error / known.sum()


def sums_of(matrix, x, y):
    return ml.mse_loss(x @ matrix, y, missing=math.nan, reduction="sums")


def test_sums_are_carried_through_a_scan(matrix, steps):
    def mean(matrix, x, y):
        start = jax.tree.map(jnp.zeros_like, jax.eval_shape(sums_of, matrix, x[0], y[0]))
        sums, _ = jax.lax.scan(lambda sums, s: (sums + sums_of(matrix, *s), None), start, (x, y))
        return sums.mean()

    value, gradient = jax.jit(jax.value_and_grad(mean))(matrix, *map(jnp.asarray, steps))
    want, slope = mean_and_gradient(matrix, *steps)
    np.testing.assert_allclose(value, want, rtol=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-12)


def test_gradients_are_accumulated_in_a_scan(matrix, steps):
    """With the memory of one step: gradients of the totals add up, and are divided at the end."""

    def total(matrix, x, y):
        sums = sums_of(matrix, x, y)
        return sums.total, sums

    def step(carry, batch):
        gradient, sums = jax.grad(total, has_aux=True)(matrix, *batch)
        return jax.tree.map(jnp.add, carry, (gradient, sums)), None

    @jax.jit
    def accumulated(x, y):
        shapes = jax.eval_shape(jax.grad(total, has_aux=True), matrix, x[0], y[0])
        (gradient, sums), _ = jax.lax.scan(step, jax.tree.map(jnp.zeros_like, shapes), (x, y))
        return sums.mean(), gradient / sums.count.astype(gradient.dtype)

    value, gradient = accumulated(*map(jnp.asarray, steps))
    want, slope = mean_and_gradient(matrix, *steps)
    np.testing.assert_allclose(value, want, rtol=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-12)


def test_stacked_sums_add_up(matrix, steps):
    x, y = map(jnp.asarray, steps)
    _, stacked = jax.lax.scan(lambda _, s: (None, sums_of(matrix, *s)), None, (x, y))
    assert isinstance(stacked, ml.Sums)
    sums = jax.tree.map(lambda part: part.sum(axis=0), stacked)
    np.testing.assert_allclose(sums.mean(), mean_and_gradient(matrix, *steps)[0], rtol=1e-12)


@by_case(OF_FAMILIES)
def test_rematerialisation_changes_nothing(case):
    problem = Problem.make(backend("jax"), case)
    x, *others = problem.arrays
    loss = problem.bind(case.loss)
    plain = jax.jit(jax.value_and_grad(loss))(x, *others)
    again = jax.jit(jax.value_and_grad(jax.checkpoint(loss)))(x, *others)
    jax.tree.map(functools.partial(np.testing.assert_allclose, rtol=1e-6), again, plain)
    assert np.any(plain[1])


def test_rematerialised_layers_get_gradients_of_what_is_observed(matrix, steps):
    loss = jax.checkpoint(lambda m, x, y: ml.mse_loss(x @ m, y, missing=math.nan))
    x, y = (jnp.asarray(array.reshape(-1, array.shape[-1])) for array in steps)
    want, slope = mean_and_gradient(matrix, *steps)
    value, gradient = jax.jit(jax.value_and_grad(loss))(matrix, x, y)
    np.testing.assert_allclose(value, want, rtol=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-12)


@by_case(OF_FAMILIES)
def test_each_of_mapped_models_has_its_own_loss(case):
    """As for an ensemble: predictions of several models, and the labels of one batch."""
    problem = Problem.make(backend("jax"), case)
    x, *others = problem.arrays
    models = jnp.stack([x, x + jnp.ones_like(x), -x])
    of_one = jax.value_and_grad(lambda x: problem.bind(case.loss)(x, *others))
    values, gradients = jax.jit(jax.vmap(of_one))(models)
    want = jax.tree.map(lambda *parts: jnp.stack(parts), *map(jax.jit(of_one), models))
    np.testing.assert_allclose(values, want[0], rtol=1e-6)
    np.testing.assert_allclose(gradients, want[1], rtol=1e-5, atol=1e-7)


def batch():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(32, COLUMNS)).astype(np.float32)
    labels = (x[:, :CLASSES] > 0).astype(np.float32)
    labels[rng.uniform(size=labels.shape) < 0.7] = np.nan
    return jnp.asarray(x), jnp.asarray(labels)


bce = functools.partial(ml.binary_cross_entropy_with_logits, missing=math.nan)


def linear(key):
    return eqx.nn.Linear(COLUMNS, CLASSES, dtype=jnp.float32, key=key)


def test_flax_trains():
    model = nnx.Linear(COLUMNS, CLASSES, rngs=nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, optax.sgd(1.0), wrt=nnx.Param)
    x, labels = batch()

    @nnx.jit
    def step(model, optimizer):
        value, gradients = nnx.value_and_grad(lambda model: bce(model(x), labels))(model)
        optimizer.update(model, gradients)
        return value

    values = [float(step(model, optimizer)) for _ in range(30)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.5
    assert values[-1] < 0.25


def test_an_ensemble_of_flax_has_the_losses_of_its_members():
    @nnx.split_rngs(splits=3)
    @nnx.vmap
    def make(rngs):
        return nnx.Linear(COLUMNS, CLASSES, rngs=rngs)

    x, labels = batch()
    ensemble = make(nnx.Rngs(0))
    losses = nnx.jit(nnx.vmap(lambda model: bce(model(x), labels), in_axes=0))(ensemble)
    kernels, biases = ensemble.kernel[...], ensemble.bias[...]
    for loss, kernel, bias in zip(losses, kernels, biases, strict=True):
        np.testing.assert_allclose(loss, bce(x @ kernel + bias[None], labels), rtol=1e-6)


def test_equinox_trains_an_ensemble():
    x, labels = batch()
    keys = jax.random.split(jax.random.key(0), 3)
    models = eqx.filter_vmap(linear)(keys)
    optimizer = optax.sgd(1.0)
    states = eqx.filter_vmap(optimizer.init)(models)

    @eqx.filter_jit
    @eqx.filter_vmap
    def step(model, state):
        loss = eqx.filter_value_and_grad(lambda model: bce(jax.vmap(model)(x), labels))
        value, gradients = loss(model)
        updates, state = optimizer.update(gradients, state)
        return eqx.apply_updates(model, updates), state, value

    values = []
    for _ in range(30):
        models, states, value = step(models, states)
        values.append(np.asarray(value))
    values = np.stack(values)
    assert np.all(np.diff(values, axis=0) < 0)
    assert np.all(values[-1] < 0.25)


def test_equinox_keeps_a_loss_in_a_module():
    class Model(eqx.Module):
        layer: eqx.nn.Linear
        loss: functools.partial
        pos_weight: jax.Array

        def __call__(self, x, labels):
            return self.loss(jax.vmap(self.layer)(x), labels, pos_weight=self.pos_weight)

    x, labels = batch()
    layer = linear(jax.random.key(0))
    model = Model(layer, bce, jnp.asarray([1.0, 3.0], dtype=jnp.float32))
    value, gradients = eqx.filter_jit(eqx.filter_value_and_grad(lambda m: m(x, labels)))(model)
    want = bce(jax.vmap(layer)(x), labels, pos_weight=model.pos_weight)
    np.testing.assert_allclose(value, want, rtol=1e-6)
    assert np.all(np.isfinite(gradients.layer.weight))
    assert np.any(gradients.layer.weight)


@pytest.mark.parametrize("loss", [ml.pairwise_logistic_loss, ml.pairwise_hinge_loss])
def test_what_jit_compiles_does_not_grow_with_the_length_of_a_list(loss):
    def operations(items):
        labels = jnp.arange(items)[None] % 3
        gradient = jax.grad(lambda x: loss(x, labels))
        return str(jax.make_jaxpr(gradient)(jnp.zeros((1, items)))).count("\n")

    assert operations(500) < 1.1 * operations(20)


def test_the_page_runs():
    pages.run("docs/faces/jax.md")
