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
)


# JAX 0.7.0 has the first name alone, JAX 0.10 the second.
set_mesh = jax.set_mesh if hasattr(jax, "set_mesh") else jax.sharding.use_mesh


def result(case, x, labels, options):
    """Return the value and the gradient."""
    return jax.jit(jax.value_and_grad(lambda x: case.loss(x, labels, **options)))(x)


def is_right(case, axis):
    """Return whether a prediction that is split along an axis has the value of a whole one."""
    x, labels, mask, weight = map(jnp.asarray, case.arrays())
    options = {**case.options, "mask": mask, "weight": weight}
    options = {k: jnp.asarray(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    expected = result(case, x, labels, options)
    mesh = jax.make_mesh((x.shape[axis],), ("parts",), axis_types=(jax.sharding.AxisType.Explicit,))
    names = [None] * x.ndim
    names[axis] = "parts"
    with set_mesh(mesh):
        sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*names))
        got = result(case, jax.device_put(x, sharding), labels, options)
    pairs = zip(expected, got, strict=True)
    return all(np.allclose(a, b, rtol=1e-12, atol=1e-14) for a, b in pairs)


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    cases = [case for case in CASES if case.name in NAMES]
    assert len(cases) == len(NAMES)
    for case in cases:
        for axis in (0, -1):
            if not is_right(case, axis):
                print(f"{case.name}, axis {axis}")
    print(f"{2 * len(cases)} compared")
