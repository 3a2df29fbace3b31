"""Jitted JAX tasks: against optax, and against Keras on JAX."""

import functools

import exact
import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
from arrays import entrywise, rows, with_nan
from task import Target, Task

import maskloss as ml


def ready(function, *arrays):
    """Return a run of the jitted function that waits for the results."""
    arrays = tuple(map(jnp.asarray, arrays))
    jitted = jax.jit(function)
    return lambda: tuple(np.asarray(part) for part in jax.block_until_ready(jitted(*arrays)))


def optax_bce(x, y, mask):
    return jnp.mean(optax.sigmoid_binary_cross_entropy(x, y), where=mask)


def keras_bce(x, y, mask):
    """Add a last axis: Keras averages over it before it applies the weights."""
    loss = keras.losses.BinaryCrossentropy(from_logits=True, reduction="mean_with_sample_weight")
    return loss(y[..., None], x[..., None], sample_weight=mask)


def optax_cross_entropy(x, y):
    losses = optax.softmax_cross_entropy_with_integer_labels(x, jnp.maximum(y, 0))
    return jnp.mean(losses, where=y >= 0)


def keras_cross_entropy(x, y):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-100)
    return loss(y, x)


def bce(peer, theirs, target, sizes, *, by=ml.value_and_grad, name="jax.jit, BCE"):
    x, y, mask = entrywise(sizes.entries, 0.3)
    ours = by(ml.binary_cross_entropy_with_logits)
    return Task(
        name,
        peer,
        target,
        ready(lambda x, y, m: ours(x, y, mask=m), x, y, mask),
        ready(jax.value_and_grad(theirs), x, y, mask),
        lambda: exact.bce(x, y, mask),
        ready(jax.value_and_grad(theirs), with_nan(x, mask), y, mask),
    )


def cross_entropy(
    peer,
    theirs,
    target,
    sizes,
    *,
    by=ml.value_and_grad,
    name="jax.jit, cross-entropy, half ignored",
):
    x, y = rows(sizes.classes, 0.5)
    ours = by(ml.cross_entropy)
    return Task(
        name,
        peer,
        target,
        ready(lambda x, y: ours(x, y, missing=-100), x, y),
        ready(jax.value_and_grad(theirs), x, y),
        lambda: exact.cross_entropy(x, y),
        ready(jax.value_and_grad(theirs), with_nan(x, y >= 0), y),
    )


BY_OPTAX = "optax, jnp.mean(..., where=mask)"

TASKS = (
    functools.partial(bce, BY_OPTAX, optax_bce, Target(2.0)),
    functools.partial(
        bce,
        BY_OPTAX,
        optax_bce,
        Target(),
        by=jax.value_and_grad,
        name="jax.jit, BCE, jax.value_and_grad",
    ),
    functools.partial(bce, "Keras, sample_weight", keras_bce, Target()),
    functools.partial(cross_entropy, BY_OPTAX, optax_cross_entropy, Target(1.0)),
    functools.partial(
        cross_entropy,
        BY_OPTAX,
        optax_cross_entropy,
        Target(),
        by=jax.value_and_grad,
        name="jax.jit, cross-entropy, half ignored, jax.value_and_grad",
    ),
    functools.partial(cross_entropy, "Keras, ignore_class", keras_cross_entropy, Target()),
)
