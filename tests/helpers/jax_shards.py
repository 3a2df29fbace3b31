"""Cases on explicitly sharded JAX arrays, beside the same cases on whole ones: to be run alone."""

import jax
import jax.numpy as jnp
import numpy as np

from tables.cases import CASES

NAMES = (
    "binary_cross_entropy",
    "cross_entropy, class_weight",
    "softmax_focal_loss",
    "quantile_loss, one per class",
    "softmax_ranking_loss",
    "large_loss",
    "zlpr_loss",
    "multilabel_margin_loss",
)


# JAX 0.7.0 has the first name alone, JAX 0.10 the second.
set_mesh = jax.set_mesh if hasattr(jax, "set_mesh") else jax.sharding.use_mesh


# What is split along an axis: of the labels, the first axis is always that of the input.
SPLIT = {0: [("input",), ("input", "labels", "mask", "weight")], -1: [("input",)]}


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


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    cases = [case for case in CASES if case.name in NAMES]
    assert len(cases) == len(NAMES)
    number = 0
    for case in cases:
        for axis, ways in SPLIT.items():
            for names in ways:
                number += 1
                if not is_right(case, axis, names):
                    print(f"{case.name}, axis {axis} of {', '.join(names)}")
    print(f"{number} compared")
