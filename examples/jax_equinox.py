"""Learn three numbers per patient, most of them missing, with equinox and optax."""

import equinox as eqx
import gaps
import jax
import numpy as np
import optax

import maskloss as ml

OPTIMIZER = optax.adamw(1e-2, weight_decay=0.1)


@eqx.filter_value_and_grad
def loss(model, x, numbers):
    return ml.mse_loss(jax.vmap(model)(x), numbers, missing=np.nan)


@eqx.filter_jit
def step(model, state, x, numbers):
    value, gradients = loss(model, x, numbers)
    updates, state = OPTIMIZER.update(gradients, state, eqx.filter(model, eqx.is_array))
    return eqx.apply_updates(model, updates), state, value


def fit(features, numbers):
    inputs, outputs = features.shape[1], numbers.shape[1]
    model = eqx.nn.MLP(inputs, outputs, width_size=32, depth=1, key=jax.random.key(0))
    state = OPTIMIZER.init(eqx.filter(model, eqx.is_array))
    x, y = jax.numpy.asarray(features), jax.numpy.asarray(numbers)
    for _ in range(60):
        model, state, _ = step(model, state, x, y)
    return lambda features: np.asarray(jax.vmap(model)(jax.numpy.asarray(features)))


if __name__ == "__main__":
    gaps.compare(gaps.patients, fit)
