"""The program transforms of each array library under common names."""

import functools

import numpy as np


def asnumpy(array):
    """Return an array of any library as NumPy's, in float64 where it is floating."""
    if hasattr(array, "detach"):
        array = array.detach()
        array = array.double() if array.is_floating_point() else array
    if type(array).__module__.startswith("mlx"):
        import mlx.core as mx

        array = array.astype(mx.float32) if mx.issubdtype(array.dtype, mx.floating) else array
    with np.errstate(all="ignore"):  # dask computes here
        array = np.asarray(array)
    return array.astype(float) if array.dtype.kind not in "biu" else array


def computed(arrays):
    """Return arrays of any library, but those of dask as what they are, computed together."""
    if not any(type(array).__module__.startswith("dask") for array in arrays):
        return arrays
    import dask

    return dask.compute(*arrays)


def dtype_of(array):
    """Return the name of the dtype of an array of any library."""
    return getattr(array.dtype, "name", str(array.dtype)).rpartition(".")[2]


def refuse_to_compute():
    """Return a context in which dask must not compute."""
    import dask

    def compute(*_, **__):
        msg = "a graph was computed while it was built"
        raise AssertionError(msg)

    return dask.config.set(scheduler=compute)


class Torch:
    @staticmethod
    def grad(f, *args, by=0):
        import torch

        args = list(args)
        args[by] = args[by].detach().clone().requires_grad_()
        return torch.autograd.grad(f(*args), args[by])[0]

    @staticmethod
    def hessian_diagonal(f, x, *others):
        import torch

        x = x.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(f(x, *others), x, create_graph=True)
        if not gradient.requires_grad:  # of a linear loss
            return torch.zeros_like(x)
        parts = [torch.autograd.grad(g, x, retain_graph=True)[0] for g in gradient.ravel()]
        return torch.stack([p.ravel()[i] for i, p in enumerate(parts)]).reshape(x.shape)

    @staticmethod
    def hessian_products(f, x, directions):
        """Return the Hessian times each direction, by reverse mode and by forward mode."""
        import torch

        x = x.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(f(x), x, create_graph=True)
        if not gradient.requires_grad:  # of a linear loss
            gradient = gradient + 0 * x
        by_reverse = [torch.autograd.grad(gradient, x, v, retain_graph=True)[0] for v in directions]
        gradient, x = torch.func.grad(f), x.detach()
        by_forward = [torch.func.jvp(gradient, (x,), (v,))[1] for v in directions]
        return torch.stack(by_reverse), torch.stack(by_forward)

    @staticmethod
    def jvp(f, x, tangent):
        import torch

        return torch.func.jvp(f, (x,), (tangent,))

    @staticmethod
    def vmap(f):
        import torch

        return torch.vmap(f)

    @staticmethod
    def jit(f):
        import torch

        # All the closures here share one code object, whose recompilations Dynamo counts.
        torch._dynamo.reset()
        # Dynamo and autograd are what a loss can break; inductor has a test of its own.
        return torch.compile(f, fullgraph=True, backend="aot_eager", dynamic=False)


@functools.lru_cache(maxsize=8)
def _jax_compiled(transform, f, by):
    """Return a transformed function of JAX, compiled once for all calls of a test."""
    import jax

    return jax.jit(transform(f, by))


class Jax:
    @staticmethod
    def grad(f, *args, by=0):
        import jax

        return _jax_compiled(jax.grad, f, by)(*args)

    @staticmethod
    def hessian_diagonal(f, x, *others):
        import jax

        hessian = _jax_compiled(jax.hessian, f, 0)(x, *others)
        return hessian.reshape(x.size, x.size).diagonal().reshape(x.shape)

    @staticmethod
    def hessian_products(f, x, directions):
        """Return the Hessian times each direction, by reverse mode and by forward mode."""
        import jax

        def products(x, v):
            by_reverse = jax.grad(lambda x: (jax.grad(f)(x) * v).sum())(x)
            return by_reverse, jax.jvp(jax.grad(f), (x,), (v,))[1]

        return jax.jit(jax.vmap(products, (None, 0)))(x, directions)

    @staticmethod
    def jvp(f, x, tangent):
        import jax

        # As one program: eagerly, XLA compiles each operation by itself.
        return jax.jit(lambda x, tangent: jax.jvp(f, (x,), (tangent,)))(x, tangent)

    @staticmethod
    def vmap(f):
        import jax

        return jax.vmap(f)

    @staticmethod
    def jit(f):
        import jax

        return jax.jit(f)


class Mlx:
    @staticmethod
    def grad(f, *args, by=0):
        import mlx.core as mx

        return mx.grad(f, by)(*args)

    @staticmethod
    def hessian_diagonal(f, x, *others):
        import mlx.core as mx

        def entry(i):
            return mx.grad(lambda v: mx.grad(f)(v, *others).reshape(-1)[i])(x).reshape(-1)[i]

        return mx.stack([entry(i) for i in range(x.size)]).reshape(x.shape)

    @staticmethod
    def jvp(f, x, tangent):
        import mlx.core as mx

        (value,), (derivative,) = mx.jvp(f, [x], [tangent])
        return value, derivative

    @staticmethod
    def vmap(f):
        import mlx.core as mx

        return mx.vmap(f)

    @staticmethod
    def jit(f):
        import mlx.core as mx

        return mx.compile(f)


class TensorFlow:
    @staticmethod
    def grad(f, *args, by=0):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(args[by])
            value = f(*args)
        # Of what was gathered it gives the rows and their places.
        return tf.convert_to_tensor(tape.gradient(value, args[by]))

    @staticmethod
    def hessian_diagonal(f, x, *others):
        import tensorflow as tf

        with tf.GradientTape(persistent=True) as outer:
            outer.watch(x)
            parts = tf.unstack(tf.reshape(TensorFlow.grad(f, x, *others), (-1,)))
        rows = [outer.gradient(p, x, unconnected_gradients="zero") for p in parts]
        return tf.reshape(
            tf.stack([tf.reshape(row, (-1,))[k] for k, row in enumerate(rows)]), x.shape
        )

    @staticmethod
    def jvp(f, x, tangent):
        import tensorflow as tf

        with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
            value = f(x)
        return value, accumulator.jvp(value)

    @staticmethod
    def vmap(f):
        import tensorflow as tf

        def mapped(*arrays):
            # Without it, what cannot be vectorised would become a loop.
            return tf.vectorized_map(lambda a: f(*a), arrays, fallback_to_while_loop=False)

        return tf.function(mapped, autograph=False)

    @staticmethod
    def jit(f):
        import tensorflow as tf

        return tf.function(f)


FRAMEWORKS = {"torch": Torch, "jax": Jax, "mlx": Mlx, "tensorflow": TensorFlow}
