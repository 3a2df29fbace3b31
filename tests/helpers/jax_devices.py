"""Sums over virtual devices of JAX, beside one device: to be run alone."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import PartitionSpec

import maskloss as ml
from tables.cases import CASES

DEVICES = 4
SPLIT, WHOLE = PartitionSpec("data"), PartitionSpec()


def value_and_gradient(loss, arrays):
    """Return both by one program: eagerly, XLA compiles each operation by itself."""
    return jax.jit(jax.value_and_grad(loss))(*arrays)


def over_devices(loss, mean, arrays):
    """Return value and gradient by the first array, whose rows lie on the devices."""
    mesh = jax.make_mesh((DEVICES,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))

    def local(*arrays):
        return mean(jax.lax.psum(loss(*arrays), "data"))

    specs = jax.tree.map(lambda _: SPLIT, tuple(arrays))
    mapped = jax.shard_map(local, mesh=mesh, in_specs=specs, out_specs=WHOLE)
    return value_and_gradient(mapped, arrays)


def is_close(one, other):
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.allclose(a, b, rtol=1e-13, atol=1e-14) for a, b in pairs)


def wrong_losses():
    """Yield the cases of four rows whose mean over devices is not that of one device."""
    number = 0
    for case in CASES:
        arrays = list(map(jnp.asarray, case.arrays()))
        is_alike = case.is_split and not case.options and {len(a) for a in arrays if a.ndim} == {4}
        if not is_alike or any(a.ndim == 0 for a in arrays) or 0 in case.row_axes(arrays[0].shape):
            continue

        def loss(x, y, mask, weight, case=case, **keywords):
            return case.loss(x, y, mask=mask, weight=weight, **keywords)

        sums = functools.partial(loss, reduction="sums")
        for name in ("mean", "weighted_mean"):
            want = value_and_gradient(functools.partial(loss, reduction=name), arrays)
            got = over_devices(sums, lambda sums, name=name: getattr(sums, name)(), arrays)
            number += 1
            if not is_close(want, got):
                yield f"{case.name}, {name}: {got[0]}, not {want[0]}"
    yield from [] if number > 20 else [f"only {number} compared"]


def wrong_objective():
    """Yield an objective with learned weights that differs from one device."""
    rng = np.random.default_rng(0)
    heads = {"kind": ml.Head(ml.cross_entropy, missing=-1), "size": ml.Head(ml.mse_loss, missing=9)}
    objective, s = ml.MultiObjective(heads), jnp.asarray([0.3, -0.2])
    x = {"kind": jnp.asarray(rng.normal(size=(8, 3))), "size": jnp.asarray(rng.normal(size=8))}
    y = {"kind": jnp.asarray([0, -1, -1, 2, 1, -1, -1, -1]), "size": jnp.arange(8.0) + 2}
    sums = functools.partial(objective, reduction="sums")
    want = value_and_gradient(lambda x: objective(x, y, log_variances=s).total, (x,))
    got = over_devices(sums, lambda sums: objective.combine(sums, log_variances=s).total, (x, y))
    if not is_close(want, got):
        yield f"objective: {got}, not {want}"


def wrong_controls():
    """Yield the negative control, a mean of means, if it is right."""
    x = jnp.arange(8.0)
    y = jnp.where(x < 3, x + 1, math.nan)
    mean = functools.partial(ml.mse_loss, missing=math.nan)
    want = value_and_gradient(mean, (x * x, y))
    if is_close(want, over_devices(mean, lambda summed: summed / DEVICES, (x * x, y))):
        yield "a mean of means is as right"


def wrong_batches():
    """Yield losses of a whole batch that differ from one device, or are right without gathering."""
    rng = np.random.default_rng(0)
    x, y = jnp.asarray(rng.normal(size=(8, 3))), jnp.asarray(rng.integers(0, 2, (8, 3)))
    mask, unknown = jnp.asarray(rng.random((8, 3)) < 0.7), 2 * y - 1
    for loss, labels, options in (
        (ml.nnpu_loss, unknown, {"prior": 0.3}),
        (ml.large_loss, unknown, {"fraction": 0.2}),
        (ml.selective_asymmetric_loss, unknown, {"likelihood_topk": 1}),
        (ml.expected_positive_loss, unknown, {"expected_positives": 1.2}),
        (ml.two_way_loss, y, {}),
        (ml.dice_loss, y, {"spatial_axes": 0, "activation": "sigmoid"}),
    ):

        def of_batch(x, y, mask, loss=loss, options=options):
            return loss(x, y, mask=mask, **options)

        def gathered(*arrays, of_batch=of_batch):
            whole = [jax.lax.all_gather(each, "data", tiled=True) for each in arrays]
            return of_batch(*whole) / DEVICES

        arrays = (x, labels, mask)
        want = value_and_gradient(of_batch, arrays)
        if not is_close(want, over_devices(gathered, lambda mean: mean, arrays)):
            yield f"{loss.__name__}, gathered"
        local = over_devices(of_batch, lambda summed: summed / DEVICES, arrays)
        if is_close(want, local):
            yield f"{loss.__name__}: a mean of local losses is as right"


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    wrong = (wrong_losses, wrong_objective, wrong_controls, wrong_batches)
    print(*(line for each in wrong for line in each()), "done", sep="\n")
