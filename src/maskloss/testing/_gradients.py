"""Value and gradient of a loss of the user, by the automatic differentiation of its library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._arrays.kinds import is_instance
from .._arrays.typing import Array

Function = Callable[[Array], Array]
_NONE = (
    "the gradient does not reach the prediction: the loss detaches it, or returns a constant. "
    "Pass grad=None to compare values only"
)


def differentiation_of(array: Array) -> Callable[[Function, Array], tuple[Array, Array]] | None:
    """Return the function that differentiates in the library of `array`, or None."""
    if is_instance(array, "torch", "Tensor"):
        return _torch
    if is_instance(array, "jax", "Array"):
        return _jax
    if is_instance(array, "tensorflow", "Tensor") or is_instance(array, "tensorflow", "Variable"):
        return _tensorflow
    if is_instance(array, "mlx.core", "array"):
        return _mlx
    return None


def _torch(f: Function, x: Array) -> tuple[Array, Array]:
    import torch

    x = x.detach().clone().requires_grad_()
    value = f(x)
    if not getattr(value, "requires_grad", False):
        raise AssertionError(_NONE)
    (gradient,) = torch.autograd.grad(value.sum(), x, allow_unused=True)
    return value.detach(), _found(gradient)


def _jax(f: Function, x: Array) -> tuple[Array, Array]:
    import jax
    import jax.numpy as jnp

    value, pull_back = jax.vjp(f, x)
    return value, pull_back(jnp.ones_like(value))[0]


def _tensorflow(f: Function, x: Array) -> tuple[Array, Array]:
    import tensorflow as tf

    x = tf.identity(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = f(x)
    gradient = tape.gradient(value, x) if isinstance(value, tf.Tensor) else None
    # The gradient of a gather is IndexedSlices.
    return value, tf.convert_to_tensor(_found(gradient))


def _mlx(f: Function, x: Array) -> tuple[Array, Array]:
    import mlx.core as mx

    (value,), (gradient,) = mx.vjp(f, [x], [mx.ones_like(f(x))])
    return value, gradient


def _found(gradient: Any) -> Any:
    if gradient is None:
        raise AssertionError(_NONE)
    return gradient
