"""Tasks of JAX, jitted: against optax."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from arrays import entrywise, rows
from contest import Task
from tasks_numpy import exact_bce

import maskloss as ml


def ready(function, *arrays):
    """Return a run of a jitted function that waits for its results."""
    arrays = tuple(map(jnp.asarray, arrays))
    jitted = jax.jit(function)
    return lambda: tuple(np.asarray(part) for part in jax.block_until_ready(jitted(*arrays)))


def of_optax(x, y, mask):
    return jnp.mean(optax.sigmoid_binary_cross_entropy(x, y), where=mask)


def bce(sizes):
    x, y, mask = entrywise(sizes, 0.3)
    bad = x.copy()
    bad[tuple(np.argwhere(~mask)[0])] = np.nan
    ours = ml.value_and_grad(ml.binary_cross_entropy_with_logits)
    return Task(
        "jax.jit, BCE",
        "optax, jnp.mean(..., where=mask)",
        2.0,
        ready(lambda x, y, m: ours(x, y, mask=m), x, y, mask),
        ready(jax.value_and_grad(of_optax), x, y, mask),
        lambda: exact_bce(x, y, mask),
        ready(jax.value_and_grad(of_optax), bad, y, mask),
    )


def cross_entropy(sizes):
    x, y = rows(sizes, 0.5)

    def theirs(x, y):
        losses = optax.softmax_cross_entropy_with_integer_labels(x, jnp.maximum(y, 0))
        return jnp.mean(losses, where=y >= 0)

    ours = ml.value_and_grad(ml.cross_entropy)
    return Task(
        "jax.jit, cross-entropy, half ignored",
        "optax",
        1.0,
        ready(lambda x, y: ours(x, y, missing=-100), x, y),
        ready(jax.value_and_grad(theirs), x, y),
    )


TASKS = (bce, cross_entropy)
