"""Learn ten questions about handwritten digits, most answers missing, with flax and optax."""

import gaps
import jax
import numpy as np
import optax
from flax import nnx

import maskloss as ml


class Network(nnx.Module):
    def __init__(self, rngs):
        self.hidden = nnx.Linear(64, 64, rngs=rngs)
        self.out = nnx.Linear(64, 10, rngs=rngs)

    def __call__(self, x):
        return self.out(jax.nn.relu(self.hidden(x)))


def loss(model, x, labels):
    return ml.binary_cross_entropy_with_logits(model(x), labels, missing=-1)


@nnx.jit
def step(model, optimizer, x, labels):
    value, gradients = nnx.value_and_grad(loss)(model, x, labels)
    optimizer.update(model, gradients)
    return value


def fit(features, labels):
    model = Network(nnx.Rngs(0))
    optimizer = nnx.Optimizer(model, optax.adamw(1e-2, weight_decay=0.1), wrt=nnx.Param)
    x, y = jax.numpy.asarray(features), jax.numpy.asarray(labels)
    for _ in range(150):
        step(model, optimizer, x, y)
    return lambda features: np.asarray(model(jax.numpy.asarray(features)))


if __name__ == "__main__":
    gaps.compare(gaps.digits, fit)
