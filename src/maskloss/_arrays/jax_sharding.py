"""Explicit sharding of JAX: the type of an array says along which axes its parts lie apart.

Where the types do not agree, JAX (0.10) raises `ShardingTypeError`. Arrays without such types,
among them those of automatic sharding, are returned as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .typing import Array


def explicit_axes(array: Any) -> tuple[Any, ...]:
    """Return the mesh axes along which each axis is split; nothing if none is."""
    sharding = getattr(getattr(array, "aval", None), "sharding", None)
    spec = tuple(getattr(sharding, "spec", ()))
    return spec if any(spec) else ()


def unsharded_along(array: Array, *axes: int) -> Array:
    """Return an array that is split along none of `axes`."""
    names = list(explicit_axes(array))
    if not names or all(names[axis] is None for axis in axes):
        return array
    for axis in axes:
        names[axis] = None
    return _reshard(array, names)


def sharded_alike(arrays: Sequence[Any]) -> list[Array]:
    """Broadcast arrays to one shape, and split them along the same axes.

    Each axis is split as it is in the first array that splits it. Arrays that are whole so far are
    split without communication.
    """
    arrays = [jnp.asarray(array) if hasattr(array, "shape") else array for array in arrays]
    shape = jnp.broadcast_shapes(*(jnp.shape(array) for array in arrays))
    axes = _common_axes(arrays, len(shape))
    return [_split(array, shape, axes) for array in arrays]


def whole_along(arrays: Sequence[Array], axis: int) -> list[Array]:
    """Split arrays along the same axes, but none along `axis`, along which sizes may differ."""
    arrays = [unsharded_along(array, axis) for array in arrays]
    axes = _common_axes(arrays, arrays[0].ndim)
    return [_reshard(array, axes) for array in arrays]


def _common_axes(arrays: Sequence[Any], ndim: int) -> list[Any]:
    """Return a mesh axis, or None, for each broadcast axis: the first array that names one wins."""
    axes: list[Any] = [None] * ndim
    for array in arrays:
        own = explicit_axes(array)
        for k, name in enumerate(own, ndim - len(own)):
            if axes[k] is None and name not in axes:
                axes[k] = name
    return axes


def _split(array: Any, shape: tuple[int, ...], axes: list[Any]) -> Any:
    if not jnp.shape(array):
        return array
    return _reshard(jnp.broadcast_to(array, shape), axes)


def _reshard(array: Array, axes: list[Any]) -> Array:
    mesh = jax.sharding.get_abstract_mesh()
    return jax.sharding.reshard(array, jax.sharding.NamedSharding(mesh, jax.P(*axes)))
