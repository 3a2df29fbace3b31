"""Ten questions about handwritten digits, most of them unanswered, learned by equinox and optax."""

import equinox as eqx
import gaps
import jax
import numpy as np
import optax

import maskloss as ml

OPTIMIZER = optax.adamw(1e-2, weight_decay=0.1)


@eqx.filter_value_and_grad
def loss(model, x, labels):
    return ml.binary_cross_entropy_with_logits(jax.vmap(model)(x), labels, missing=-1)


@eqx.filter_jit
def step(model, state, x, labels):
    value, gradients = loss(model, x, labels)
    updates, state = OPTIMIZER.update(gradients, state, eqx.filter(model, eqx.is_array))
    return eqx.apply_updates(model, updates), state, value


def fit(features, labels):
    model = eqx.nn.MLP(64, 10, width_size=64, depth=1, key=jax.random.key(0))
    state = OPTIMIZER.init(eqx.filter(model, eqx.is_array))
    x, y = jax.numpy.asarray(features), jax.numpy.asarray(labels)
    for _ in range(150):
        model, state, _ = step(model, state, x, y)
    return lambda features: np.asarray(jax.vmap(model)(jax.numpy.asarray(features)))


if __name__ == "__main__":
    gaps.compare(gaps.digits(), fit)
