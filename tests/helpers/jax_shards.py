"""Cases on explicitly sharded JAX arrays, beside the same cases on whole ones: to be run alone."""

import jax
import jax.numpy as jnp
import numpy as np

import maskloss as ml
from tables.cases import CASES

INPUT, LABELS, ALL = ("input",), ("labels",), ("input", "labels", "mask", "weight")
# What of a case is split along which axes; a custom rule and a scan see the input alone.
SPLIT = {
    "binary_cross_entropy": (INPUT, (0, -1)),
    "cross_entropy, class_weight": (INPUT, (0, -1)),
    "softmax_focal_loss": (INPUT, (0, -1)),
    "quantile_loss, one per class": (INPUT, (0, -1)),
    "softmax_ranking_loss": (INPUT, (0, -1)),
    "large_loss": (INPUT, (0, -1)),
    "zlpr_loss": (INPUT, (0, -1)),
    "multilabel_margin_loss": (ALL, (0, -1)),
    "kl_penalty, k1": (LABELS, (0, -1)),
    "pairwise_hinge_loss": (LABELS, (0,)),
}


# JAX 0.7.0 has the first name alone, JAX 0.10 the second.
set_mesh = jax.set_mesh if hasattr(jax, "set_mesh") else jax.sharding.use_mesh


def result(case, input, labels, **options):
    """Return the value and the gradient."""
    return jax.jit(jax.value_and_grad(lambda x: case.loss(x, labels, **options)))(input)


def split(array, mesh, axis):
    """Return an array whose parts along an axis lie on the devices of a mesh."""
    if array.shape[axis] != mesh.size:
        return array
    names = [None] * array.ndim
    names[axis] = "parts"
    spec = jax.sharding.PartitionSpec(*names)
    return jax.device_put(array, jax.sharding.NamedSharding(mesh, spec))


def is_right(case, axis, names):
    """Return whether arrays of some names, split along an axis, have the value of whole ones."""
    arrays = dict(zip(("input", "labels", "mask", "weight"), case.arrays(), strict=True))
    arrays = {**case.options, **arrays}
    arrays = {k: jnp.asarray(v) if isinstance(v, np.ndarray) else v for k, v in arrays.items()}
    expected = result(case, **arrays)
    size = arrays["input"].shape[axis]
    mesh = jax.make_mesh((size,), ("parts",), axis_types=(jax.sharding.AxisType.Explicit,))
    with set_mesh(mesh):
        arrays |= {name: split(arrays[name], mesh, axis) for name in names}
        got = result(case, **arrays)
    pairs = zip(expected, got, strict=True)
    return all(np.allclose(a, b, rtol=1e-12, atol=1e-14) for a, b in pairs)


def wrong_eager_calls():
    """Yield the calls outside of jit that split arrays make wrong."""
    x, y = jnp.asarray(np.linspace(-1, 1, 12).reshape(3, 4)), jnp.asarray([[0, 1, 2, 1]] * 3)
    mesh = jax.make_mesh((4,), ("parts",), axis_types=(jax.sharding.AxisType.Explicit,))
    stored = ml.Observed(jnp.asarray([0, 7]), jnp.zeros(2))
    with set_mesh(mesh):
        for loss, labels in ((ml.pairwise_logistic_loss, y), (ml.mse_loss, stored)):
            gradient = jax.value_and_grad(lambda x, loss=loss, labels=labels: loss(x, labels))
            pairs = zip(gradient(split(x, mesh, -1)), gradient(x), strict=True)
            if not all(np.allclose(a, b, rtol=1e-12, atol=1e-14) for a, b in pairs):
                yield f"{loss.__name__} without jit"


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    cases = [case for case in CASES if case.name in SPLIT]
    assert len(cases) == len(SPLIT)
    number = 0
    for case in cases:
        names, axes = SPLIT[case.name]
        for axis in axes:
            number += 1
            if not is_right(case, axis, names):
                print(f"{case.name}, axis {axis} of {', '.join(names)}")
    for wrong in wrong_eager_calls():
        print(wrong)
    print(f"{number} compared")
